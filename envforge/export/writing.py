"""Writing an export: whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envforge.errors import UsageError
from envforge.export.formats import FORMATS
from envforge.export.manifest import Manifest
from envforge.export.rows import Row, Settings


@dataclass(frozen=True, slots=True)
class Export:
    """What was written, and where."""

    folder: Path
    manifest: dict[str, Any]


def write(
    rows: Iterable[Row], folder: Path, form: str, settings: Settings, advance: Callable[[], None]
) -> Export:
    """Write `rows` into `folder` in one of FORMATS; `advance` is called after each.

    Everything goes into a folder beside it, which takes its name at the end: after a failure or an interruption there
    is nothing at all. Raises UsageError for a folder that holds something or cannot be written, and whatever `rows`
    raise.
    """
    with whole(folder) as partial:
        manifest = Manifest(form, settings)
        writer = FORMATS[form](partial, settings.split)
        for row in rows:
            writer.add(row)
            manifest.add(row)
            advance()
        writer.close()
        data = manifest.write(partial)
    return Export(folder, data)


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its name at the end of the block; nothing is left if that raises.

    Raises UsageError for a `folder` that holds something or cannot be written.
    """
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from error
    try:
        yield partial
        partial.chmod(0o755)  # as other folders: the one of tempfile is for its owner alone
        partial.rename(folder)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_folder(folder: Path) -> None:
    """Raise UsageError for a place that holds something: nothing is ever overwritten."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} exists and is not an empty folder: name another one, or remove it first")
