"""Data sets of instances, for people who train elsewhere. See docs/export.md. Imports no data-frame library."""

from envforge.export.formats import FORMATS, check_packages
from envforge.export.manifest import Manifest
from envforge.export.rows import Row, Selection, Settings, chosen, rows_of
from envforge.export.writing import Export, check_folder, write

__all__ = [
    "FORMATS",
    "Export",
    "Manifest",
    "Row",
    "Selection",
    "Settings",
    "check_folder",
    "check_packages",
    "chosen",
    "rows_of",
    "write",
]
