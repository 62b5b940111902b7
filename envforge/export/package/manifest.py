"""The manifest of a package of environments, and reading one that somebody else may have written.

What a manifest says of a program is documentation, checked where it can be: the id and the SHA-256 against the source
at once, what the static policy reads from the source before the program first runs. Status, lineage and calibrations
are what the exporter says.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envforge.contract import MAX_SOURCE_BYTES, Program, content_id
from envforge.errors import UsageError
from envforge.verdict import Calibration, LevelRate

NAME = "manifest.json"
PROGRAMS = "programs"
FORMAT = 1
FORM = "gym"  # as `written_as` says: a data set has a manifest.json too
STATUSES = ("validated", "admitted", "retired")
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
MAX_NUMBER = 2**31 - 1  # of all that is counted in a manifest
MODULE = re.compile("[a-z][a-z0-9_]{0,63}")  # as verifiers looks for one: lower case

_ID = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One environment of a package. `name` is its own in the package, made from the title.

    `parents` are ids in the order of their roles; those that are not in the package are named all the same.
    `guess_floors` has one number per level. The calibrations carry no single responses.
    """

    id: str
    name: str
    title: str
    tags: tuple[str, ...]
    oracle: str
    kind: str
    bucket: str | None
    flavour: str
    max_difficulty: int
    levels: tuple[str, ...] | None
    sha256: str  # of the file in programs/
    status: str
    origin: str
    depth: int
    parents: tuple[str, ...]
    held_out: str | None  # why
    guess_floors: tuple[float, ...]
    calibrations: tuple[Calibration, ...]

    @property
    def difficulties(self) -> range:
        """All levels, easiest first."""
        return range(self.max_difficulty + 1)

    @property
    def file(self) -> str:
        """The program's path in the package."""
        return f"{PROGRAMS}/{self.id}.py"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was read and is in order. Entries are in the order of acceptance, parents first."""

    module: str
    envforge: str  # the version that wrote it
    digest: str  # SHA-256 hex of all that the manifest says
    entries: tuple[Entry, ...]
    sources: Mapping[str, str] = field(repr=False)  # by id


def described(program: Program) -> dict[str, Any]:
    """The fields of an Entry that follow from a program's source."""
    return {
        "id": program.id,
        "title": program.title,
        "tags": program.tags,
        "oracle": program.oracle.value,
        "kind": program.kind,
        "bucket": program.bucket,
        "flavour": program.flavour.value,
        "max_difficulty": program.max_difficulty,
        "levels": program.levels,
    }


def check_program(entry: Entry, program: Program) -> None:
    """Raise UsageError when the manifest says something else of a program than its source does."""
    for name, value in described(program).items():
        said = getattr(entry, name)
        if said != value:
            raise UsageError(
                f"{entry.file}: the manifest says {name} {said!r}, and the source says {value!r}: "
                "the package was changed after its export"
            )


def manifest_of(module: str, version: str, entries: tuple[Entry, ...]) -> dict[str, Any]:
    """What manifest.json holds, its digest included."""
    data = {
        "format": FORMAT,
        "written_as": FORM,
        "envforge": version,
        "module": module,
        "environments": [_as_data(entry) for entry in entries],
    }
    data = json.loads(json.dumps(data))  # lists for tuples, so that the digest is that of what is read back
    return {**data, "digest": digest_of(data)}


def digest_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest without its digest. It finds damage and careless edits; whoever edits on purpose can
    compute it anew."""
    said = {name: value for name, value in data.items() if name != "digest"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def locate(place: str) -> Path:
    """The folder with the manifest: `place` itself, the module's folder in a project `place`, or that of an
    installed module `place`, which is not imported. Raises UsageError."""
    path = Path(place)
    if path.is_dir():
        if (path / NAME).is_file():
            return path
        found = [manifest.parent for manifest in sorted(path.glob(f"*/{NAME}"))]
        if len(found) == 1:
            return found[0]
        why = "more than one folder in it does" if found else "nor does a folder in it"
        raise UsageError(f"{place} holds no {NAME}, and {why}: name the folder of an exported package")
    if MODULE.fullmatch(place):
        spec = importlib.util.find_spec(place)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            if (Path(folder) / NAME).is_file():
                return Path(folder)
    raise UsageError(
        f"{place} is neither a folder nor an installed package of environments: name what "
        "'envforge export --format gym' wrote, or a package that was made of it"
    )


def read_package(folder: Path) -> Package:
    """The package in `folder`, its sources compared with the manifest. Raises UsageError, one sentence, for anything
    that is not as it was exported. Runs and imports nothing of it."""
    place = folder / NAME
    data = _json(place)
    if not isinstance(data, dict) or data.get("written_as") != FORM:
        raise UsageError(f"{place} is no manifest of a package of environments (--format gym)")
    if data.get("format") != FORMAT:
        raise UsageError(
            f"{place} has the format {data.get('format')!r}, and this envforge reads {FORMAT}: use a newer one"
        )
    reader = _Fields(data, str(place))
    digest = reader.text("digest")
    try:
        fits = digest == digest_of(data)
    except RecursionError:  # nested deeper than anything that was exported
        fits = False
    if not fits:
        raise UsageError(f"{place} was changed after its export: its digest does not fit")
    listed = reader.take("environments", list)
    entries = tuple(_entry(item, f"{place}: environment {number}") for number, item in enumerate(listed, 1))
    module = reader.text("module")
    if not MODULE.fullmatch(module):
        raise UsageError(f"{place}: '{module}' is no name of a module")
    _check_together(entries, place)
    sources = {entry.id: _source(folder, entry) for entry in entries}
    strange = sorted(
        {path.name for path in (folder / PROGRAMS).glob("*.py")} - {f"{id}.py" for id in sources}
    )
    if strange:
        raise UsageError(f"{folder / PROGRAMS / strange[0]} is not in the manifest")
    return Package(module, reader.text("envforge"), digest, entries, sources)


def _json(place: Path) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        with place.open("rb") as stream:
            data = stream.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {place}: {error.strerror or error}") from error
    if len(data) > MAX_MANIFEST_BYTES:
        raise UsageError(f"{place} is larger than any manifest: more than {MAX_MANIFEST_BYTES} bytes")
    try:
        return json.loads(data, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place} is no JSON: {error}") from error


def _source(folder: Path, entry: Entry) -> str:
    place = folder / entry.file
    try:
        with place.open("rb") as stream:
            data = stream.read(MAX_SOURCE_BYTES + 1)
        source = data.decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {place}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{place} is no UTF-8 text") from error
    if content_id(source) != entry.id or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise UsageError(
            f"{place} was changed after its export: its source has the id {content_id(source)} and not {entry.id}"
            if content_id(source) != entry.id
            else f"{place} was changed after its export: its SHA-256 is not that of the manifest"
        )
    return source


def _check_together(entries: tuple[Entry, ...], place: Path) -> None:
    ids = [entry.id for entry in entries]
    names = [entry.name for entry in entries]
    for what, values in (("id", ids), ("name", names)):
        twice = [value for number, value in enumerate(values) if value in values[:number]]
        if twice:
            raise UsageError(f"{place}: two environments have the {what} {twice[0]}")
    known, seen = set(ids), set[str]()
    for entry in entries:
        late = [parent for parent in entry.parents if parent in known and parent not in seen]
        if late:
            raise UsageError(f"{place}: {entry.id} comes before its parent {late[0]}")
        seen.add(entry.id)


def _as_data(entry: Entry) -> dict[str, Any]:
    data = dataclasses.asdict(entry)
    for calibration in data["calibrations"]:
        del calibration["environment"]
        for level in calibration["levels"]:
            del level["responses"]
        del calibration["failure"]  # none of what was accepted
    return data


def _entry(data: Any, where: str) -> Entry:
    fields = _Fields(data, where)
    id, name, status, depth = (
        fields.text("id"), fields.text("name"), fields.text("status"), fields.take("depth", int),
    )  # fmt: skip
    if not _ID.fullmatch(id):
        raise UsageError(f"{where}: {id[:40]!r} is no environment id")
    if not MODULE.fullmatch(name):
        raise UsageError(f"{where}: {name[:40]!r} is no name of lower-case letters, digits and underscores")
    if status not in STATUSES:
        raise UsageError(f"{where}: {status[:40]!r} is none of the statuses {', '.join(STATUSES)}")
    if depth < 0:
        raise UsageError(f"{where}: the depth {depth} is below 0")
    levels = fields.optional("levels", list)
    return Entry(
        id=id,
        name=name,
        title=fields.text("title"),
        tags=fields.texts("tags"),
        oracle=fields.text("oracle"),
        kind=fields.text("kind"),
        bucket=fields.optional("bucket", str),
        flavour=fields.text("flavour"),
        max_difficulty=fields.take("max_difficulty", int),
        levels=None if levels is None else fields.texts("levels"),
        sha256=fields.text("sha256"),
        status=status,
        origin=fields.text("origin"),
        depth=depth,
        parents=fields.texts("parents"),
        held_out=fields.optional("held_out", str),
        guess_floors=fields.numbers("guess_floors"),
        calibrations=tuple(
            _calibration(item, id, f"{where}, calibration {number}")
            for number, item in enumerate(fields.take("calibrations", list), 1)
        ),
    )


def _calibration(data: Any, id: str, where: str) -> Calibration:
    fields = _Fields(data, where)
    levels = [_Fields(item, f"{where}, levels") for item in fields.take("levels", list)]
    return Calibration(
        environment=id,
        policy=fields.text("policy"),
        levels=tuple(
            LevelRate(
                difficulty=level.take("difficulty", int),
                format_failures=level.take("format_failures", int),
                responses=(),
                **{name: level.number(name) for name in ("rate", "adjusted", "low", "high", "guess_floor")},
            )
            for level in levels
        ),
        rate=fields.number("rate"),
        low=fields.number("low"),
        high=fields.number("high"),
        trend=None if fields.optional("trend", (int, float)) is None else fields.number("trend"),
        passed=fields.take("passed", bool),
        reason=fields.text("reason"),
        tokens=fields.take("tokens", int),
    )


class _Fields:
    """The fields of a JSON object, each with the type that it must have."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, dict):
            raise UsageError(f"{where} is no JSON object")
        self._data, self._where = data, where

    def take(self, name: str, kind: type | tuple[type, ...]) -> Any:
        value = self._data.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise UsageError(f"{self._where}: '{name}' is missing, or not of its type")
        if type(value) is int and abs(value) > MAX_NUMBER:
            raise UsageError(f"{self._where}: '{name}' is out of range")
        return value

    def optional(self, name: str, kind: type | tuple[type, ...]) -> Any:
        return None if self._data.get(name) is None else self.take(name, kind)

    def text(self, name: str) -> str:
        return str(self.take(name, str))

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.take(name, list)
        if not all(isinstance(value, str) for value in values):
            raise UsageError(f"{self._where}: '{name}' is no list of texts")
        return tuple(values)

    def number(self, name: str) -> float:
        return self._finite(name, self.take(name, (int, float)))

    def numbers(self, name: str) -> tuple[float, ...]:
        return tuple(self._finite(name, value) for value in self.take(name, list))

    def _finite(self, name: str, value: Any) -> float:
        whole = type(value) is int and abs(value) <= MAX_NUMBER
        if not whole and not (type(value) is float and math.isfinite(value)):
            raise UsageError(f"{self._where}: '{name}' is no number")
        return float(value)
