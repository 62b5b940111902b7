"""manifest.json: what an export holds, what made it, and how to make it again."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envforge import __version__
from envforge.export.rows import Row, Settings

NAME = "manifest.json"
FORMAT = 1
PACKAGES = ("datasets", "pyarrow", "resvg")  # what decides bytes beside envforge itself


@dataclass(slots=True)
class Manifest:
    """Counts rows as they are written."""

    form: str
    settings: Settings
    rows: int = 0
    pictures: int = 0
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Count one row."""
        self.rows += 1
        self.pictures += row.picture is not None
        found = self.environments.setdefault(
            row.environment,
            {
                "id": row.environment,
                "title": row.title,
                "tags": list(row.tags),
                "bucket": row.bucket,
                "levels": [],
                "rows": 0,
            },
        )
        found["rows"] += 1
        if row.difficulty not in found["levels"]:
            found["levels"].append(row.difficulty)

    def write(self, folder: Path) -> dict[str, Any]:
        """Write it beside the files that it lists; returns what it says."""
        data = {
            "format": FORMAT,
            "envforge": __version__,
            "written_as": self.form,
            "rows": self.rows,
            "pictures": self.pictures,
            "settings": dataclasses.asdict(self.settings),
            "environments": list(self.environments.values()),
            "versions": {"python": platform.python_version(), **_versions()},
            "files": {
                str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(folder.iterdir())
                if path.is_file()
            },
        }
        (folder / NAME).write_text(json.dumps(data, indent=2) + "\n", "utf-8")
        return data


def _versions() -> Mapping[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
