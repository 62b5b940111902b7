"""Where a gym's package lies. Nothing here imports it: its code runs in the sandbox alone."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import sys
from pathlib import Path

from envforge.errors import UsageError


def folder_of(module: str, remedy: str) -> Path:
    """The folder from which the package or module `module` is imported. Raises UsageError with the remedy."""
    top = module.partition(".")[0]
    spec = importlib.machinery.PathFinder.find_spec(top, [path or "." for path in sys.path])
    if spec is None or spec.origin is None:
        raise UsageError(f"the package '{top}' is not installed: {remedy}")
    origin = Path(spec.origin).resolve()
    return origin.parent.parent if origin.name == "__init__.py" else origin.parent


def libraries() -> tuple[Path, ...]:
    """The folders of installed packages, which gyms import as well."""
    found = {
        Path(path).resolve() for path in sys.path if Path(path).name in ("site-packages", "dist-packages")
    }
    return tuple(sorted(folder for folder in found if folder.is_dir()))


def version(distribution: str) -> str:
    """The installed version, empty for what was not installed as a distribution."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""
