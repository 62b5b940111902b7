"""A library as a Python package that can be installed and used without a registry: `--format gym`."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import json
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from envforge import __version__
from envforge.contract import Program
from envforge.errors import UsageError
from envforge.export.package.manifest import (
    MODULE,
    NAME,
    PROGRAMS,
    STATUSES,
    Entry,
    described,
    manifest_of,
)
from envforge.export.writing import whole
from envforge.messages import clean

if TYPE_CHECKING:
    from envforge.registry import Registry

TEMPLATE = {  # in the project's folder: {module} is that of the module
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "{module}/__init__.py": "__init__.py.txt",
    "{module}/taskset.py": "taskset.py.txt",
}
TAKEN = ("datasets", "envforge", "openai", "torch", "transformers", "trl", "verifiers")
NAME_CHARACTERS = 40


def module_name(name: str | None, folder: Path) -> str:
    """The name of the package's module: `name`, else made from that of the folder. Raises UsageError for one that
    cannot be imported, or would hide another module."""
    found = name if name is not None else re.sub("[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    if not MODULE.fullmatch(found) or keyword.iskeyword(found):
        raise UsageError(
            f"'{found}' is no name of a package: give lower-case letters, digits and underscores with --name, as in "
            "my_library"
        )
    if found in sys.stdlib_module_names or found in TAKEN:
        raise UsageError(f"a package '{found}' would hide the module of that name: give another --name")
    return found


def entries_of(registry: Registry, programs: Sequence[Program]) -> list[tuple[Entry, str]]:
    """What a package says of `programs`, and their sources, in the order of their acceptance.

    A parent that was never accepted stands for the parents of its own. Raises UsageError for a program with another
    status than validated, admitted or retired.
    """
    _, edges = registry.lineage_edges()
    parents: dict[str, list[str]] = {}
    for edge in sorted(edges, key=lambda edge: edge.position):
        parents.setdefault(edge.child, []).append(edge.parent)
    held, named = registry.held_out(), set[str]()
    records = [registry.environment(program.id) for program in programs]
    records.sort(key=lambda record: record.summary.sequence or 0)
    found = []
    for record in records:
        if record.status not in STATUSES or record.program is None:
            raise UsageError(f"{record.id} is {record.status}: a package holds {', '.join(STATUSES)} ones")
        name = _named(record.program.title, record.id, named)
        named.add(name)
        calibrations = [each.calibration for each in registry.calibrations(record.id)]
        entry = Entry(
            **described(record.program),
            name=name,
            sha256=hashlib.sha256(record.source.encode("utf-8")).hexdigest(),
            status=record.status,
            origin=record.summary.origin,
            depth=record.summary.depth,
            parents=tuple(parents.get(record.id, ())),
            held_out=held.get(record.id),
            guess_floors=record.profile.guess_floors if record.profile is not None else (),
            calibrations=tuple(dataclasses.replace(each, failure=None) for each in calibrations),
        )
        found.append((entry, record.source))
    return found


def write_package(found: Sequence[tuple[Entry, str]], folder: Path, module: str) -> dict[str, object]:
    """Write the project of a package into `folder`, whole or not at all; returns its manifest.

    The same library gives the same bytes. Raises UsageError for a folder that holds something or cannot be written.
    """
    entries = tuple(entry for entry, _ in found)
    manifest = manifest_of(module, __version__, entries)
    with whole(folder) as partial:
        inner = partial / module
        (inner / PROGRAMS).mkdir(parents=True)
        for entry, source in found:
            (inner / entry.file).write_bytes(source.encode("utf-8"))
        for place, text in _texts(module, entries).items():
            (partial / place).write_text(text, "utf-8")
        (inner / NAME).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return manifest


def _texts(module: str, entries: Sequence[Entry]) -> Mapping[str, str]:
    number = len(entries)
    rows = [
        (entry.name, entry.id, entry.kind, entry.oracle, str(entry.max_difficulty + 1), clean(entry.title))
        for entry in entries
    ]
    values = {
        "module": module,
        "project": module.replace("_", "-"),
        "envforge": __version__,
        "title": f"{number} reasoning environment{'s' * (number != 1)}",
        "example": entries[0].name,
        "rows": "\n".join(
            f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows
        ),
    }
    folder = importlib.resources.files("envforge.export.package") / "template"
    texts = {}
    for place, source in TEMPLATE.items():
        text = (folder / source).read_text("utf-8")
        filled = re.sub(r"\{\{(\w+)\}\}", lambda match: values[match.group(1)], text)
        texts[place.format(module=module)] = filled
    return texts


def _named(title: str, id: str, taken: set[str]) -> str:
    """A name from the title up to its colon; with digits of the id where that is taken or is no name."""
    words = re.sub("[^a-z0-9]+", "_", title.partition(":")[0].lower()).strip("_")
    name = re.sub("^[0-9_]+", "", words)[:NAME_CHARACTERS].strip("_")
    if name and name not in taken:
        return name
    return f"{name}_{id}" if name else f"environment_{id}"
