"""Environment programs on disk: one source, or a folder of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from envforge.contract import MAX_SOURCE_BYTES
from envforge.errors import UsageError


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that should hold an environment program. Text that is not UTF-8 arrives with lone surrogates,
    which L1 refuses."""

    path: Path
    source: str


def read_source(path: str | Path) -> SourceFile:
    """The program in one file. Raises UsageError when it cannot be read or is no plausible source at all."""
    path = Path(path)
    try:
        # One byte more than the contract allows is enough for L1 to say so; a disk image is not read whole.
        with path.open("rb") as stream:
            data = stream.read(MAX_SOURCE_BYTES * 4)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    return SourceFile(path, data.decode("utf-8", "surrogateescape"))


def read_folder(folder: str | Path) -> list[SourceFile]:
    """All `*.py` files in `folder` and below, in order of their paths. Raises UsageError when there is none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(
            f"the folder {folder} does not exist: give one that holds environment programs (*.py)"
        )
    paths = sorted(path for path in folder.rglob("*.py") if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise UsageError(f"the folder {folder} holds no environment program (*.py)")
    return [read_source(path) for path in paths]


def read_sources(paths: list[Path]) -> list[SourceFile]:
    """The files named, and those in the folders named, in that order."""
    found: list[SourceFile] = []
    for path in paths:
        found += read_folder(path) if path.is_dir() else [read_source(path)]
    return found
