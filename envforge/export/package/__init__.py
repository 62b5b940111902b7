"""What a package made by `envforge export --format gym` runs on: its environments without a registry.

The package itself is data and a few lines that hand their folder to `Library`. Its programs are untrusted: nothing
here imports them, and they run only in the sandbox. See docs/export.md.
"""

from envforge.export.package.dataset import Dataset
from envforge.export.package.keys import BrokenProgram, Key
from envforge.export.package.library import Library
from envforge.export.package.manifest import Entry, Package, locate, read_package
from envforge.export.package.process import configure

__all__ = [
    "BrokenProgram",
    "Dataset",
    "Entry",
    "Key",
    "Library",
    "Package",
    "configure",
    "locate",
    "read_package",
]
