"""Options that several commands share, so that they read and behave the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DATABASE = "library.db"
MAX_SEED = 2**63 - 1

Database = Annotated[
    str, typer.Option("--db", metavar="FILE|URL", help="The registry: an SQLite file or a SQLAlchemy URL.")
]
AsJson = Annotated[
    bool,
    typer.Option("--json", metavar="", help="Print JSON instead of tables (docs/cli.md gives its shape)."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE.toml", help="Configuration; options given here override it."),
]
Isolation = Annotated[
    int | None,
    typer.Option(
        "--isolation", metavar="LEVEL", help="Lowest acceptable isolation level, 0 to 2 (default 1)."
    ),
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="PATH|ID",
        help="A program's file, its id (or the first digits) in the registry, or a seed's name.",
    ),
]
Difficulty = Annotated[
    int,
    typer.Option(
        "--difficulty", "-d", metavar="LEVEL", help="Level, from 0 (easiest) to the program's highest."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        "-s",
        metavar="N",
        help="Seed of the instance, 0 to 2**63 - 1 (default: derived from the program).",
    ),
]
