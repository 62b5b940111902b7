"""`envforge registry import`: load a package of environments into a registry."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation

if TYPE_CHECKING:
    from envforge.export.importing import Import


def import_package(
    package: Annotated[
        str,
        typer.Argument(
            metavar="PACKAGE",
            help="The folder of a package that 'envforge export --format gym' wrote, or the name of one that is "
            "installed.",
        ),
    ],
    db: Database = DATABASE,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> None:
    """Load a package of environments: compared with its manifest, and through every gate again."""
    from envforge.cli.display import print_json, screen
    from envforge.cli.exits import Finding, on_interrupt
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import progress_bar, slow
    from envforge.config import change, load_config
    from envforge.export.importing import load_package
    from envforge.export.package.manifest import locate, read_package
    from envforge.registry import Registry

    found = read_package(locate(package))
    settings = load_config(config)
    level = {} if isolation is None else {"isolation": isolation}
    sandbox_settings = change(settings.sandbox, level, "the command line", "sandbox")
    on_interrupt("interrupted; nothing was imported")
    waiting = nullcontext() if screen(stderr=True).is_terminal else slow("running the gates")
    with (
        sandboxed(sandbox_settings) as sandbox,
        Registry.open(db, create=True) as registry,
        progress_bar("environments", len(found.entries)) as advance,
        waiting,
    ):
        done = load_package(found, registry, sandbox, settings, sys.argv, advance)
    if as_json:
        print_json(
            {
                "package": found.module,
                "imported": [entry.id for entry in done.taken],
                "known": [entry.id for entry in done.known],
                "refused": [
                    {"id": one.entry.id, "title": one.entry.title, "stage": one.stage, "reason": one.reason}
                    for one in done.refused
                ],
                "orphans": done.orphans,
                "run": done.run,
            }
        )
    else:
        _show(done, found.module, db)
    if done.refused:
        raise Finding(
            f"{len(done.refused)} of {len(found.entries)} environments of {found.module} do not pass the gates "
            "here, and were left out"
        )


def _show(done: Import, module: str, db: str) -> None:
    from envforge.cli import display

    console = display.screen()
    number = display.count(len(done.taken), "environment")
    console.print(display.text(f"Imported {number} of {module} into {db}."), soft_wrap=True)
    if done.known:
        held = display.count(len(done.known), "environment")
        console.print(display.text(f"Left as they are: {held} that it holds already."))
    if done.orphans:
        parents = display.count(done.orphans, "parent")
        console.print(display.text(f"Left out of the lineage: {parents} that it does not hold."))
    if done.refused:
        shown = display.table("id", "refused", "gate", "why", fixed=("id", "gate"))
        for one in done.refused:
            shown.add_row(
                display.text(one.entry.id, display.KEY),
                display.text(one.entry.title),
                one.stage,
                display.text(one.reason),
            )
        display.section(console, shown)
