"""Where seeds/, sandbox/, db/ and recipes/ are: in the checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from envforge.errors import EnvforgeError

_PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """The folder `name` ("seeds", "sandbox", "db" or "recipes") that belongs to this installation of envforge."""
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise EnvforgeError(f"this installation of envforge lacks its folder '{name}': install it again")
