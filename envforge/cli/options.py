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


def isolation_level(value: str) -> int:
    """The isolation level with this number or name. Raises UsageError with the nearest name for any other."""
    import difflib

    from envforge.config import ISOLATION_NAMES
    from envforge.errors import UsageError

    wanted = value.strip().lower()
    if wanted in ISOLATION_NAMES:
        return ISOLATION_NAMES.index(wanted)
    numbers = [str(number) for number in range(len(ISOLATION_NAMES))]
    if wanted in numbers:
        return int(wanted)
    near = difflib.get_close_matches(wanted, ISOLATION_NAMES, 1, 0.5)
    valid = f"{numbers[0]} to {numbers[-1]} or one of {', '.join(ISOLATION_NAMES)}"
    hint = f"did you mean '{near[0]}'?" if near else f"valid are {valid}"
    raise UsageError(f"--isolation: there is no level '{value}'; {hint}")


Isolation = Annotated[
    int | None,
    typer.Option(
        "--isolation",
        metavar="LEVEL",
        parser=isolation_level,
        help="Lowest acceptable isolation level: 0 to 5, or limits, confined (the default), bubblewrap, cgroups, "
        "docker or gvisor. The last two need a Docker engine.",
    ),
]
PolicyVersion = Annotated[
    str | None,
    typer.Option(
        "--policy-version",
        metavar="NAME",
        help="What to call the policy's weights, for servers that cannot tell when they change.",
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
