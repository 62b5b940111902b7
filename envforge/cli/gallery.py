"""`envforge gallery`: environments to look at, in one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envforge.cli.analyze import Registry, Targets, check_instances, check_place, sandbox_settings
from envforge.cli.options import AsJson, ConfigFile, Isolation

INSTANCES = 8  # probes per level for the figures on the cards
# A registry's refused proposals are not what anybody wants to look at; they can still be named by id.
SHOWN = ("validated", "admitted", "retired", "quarantined")


def gallery(
    targets: Targets = None,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE.html", help="Where to write it; '-' is standard output."),
    ] = Path("gallery.html"),
    instances: Annotated[
        int,
        typer.Option(
            "--instances", metavar="N", help="Probes of each level for grade and guess floor; 0: no figures."
        ),
    ] = INSTANCES,
    db: Registry = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page to look at environments: pictures, questions, answers, figures, filters."""
    from envforge.analysis import Source
    from envforge.cli import display
    from envforge.cli.collection import collect
    from envforge.cli.exits import writing
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import progress_bar
    from envforge.errors import UsageError
    from envforge.gallery import exhibits, page

    to_terminal = str(out) == "-"
    if as_json and to_terminal:
        raise UsageError("--out - and --json both want standard output: give one of them")
    check_instances(instances, 0)
    if not to_terminal:
        check_place(out)
    settings = sandbox_settings(config, isolation)
    found = collect(targets or [], db, SHOWN)
    sources = [(Source(one.source, one.name, one.status), one.calibration) for one in found]
    with (
        sandboxed(settings) as sandbox,
        progress_bar("drawing", len(sources)) as advance,
    ):
        hung = exhibits(sources, sandbox, instances, advance)
    written = page(hung)
    if to_terminal:
        typer.echo(written, nl=False)
        return
    with writing(out):
        out.write_text(written, encoding="utf-8")
    missing = sum(shot.problem is not None for one in hung for shot in one.shots)
    missing += sum(not one.shots for one in hung)
    if as_json:
        display.print_json(
            {
                "file": str(out),
                "bytes": len(written.encode("utf-8")),
                "environments": [
                    {
                        "id": one.figures.id,
                        "title": one.figures.program.title if one.figures.program else None,
                        "bucket": one.figures.program.bucket if one.figures.program else None,
                        "status": one.figures.status,
                        "grade": one.figures.rates.grade if one.measured else None,
                        "solve_rate": one.calibration.rate if one.calibration else None,
                        "problems": [shot.problem for shot in one.shots if shot.problem is not None]
                        or [fault.reason for fault in one.figures.faults if not one.shots],
                    }
                    for one in hung
                ],
            }
        )
        return
    size = f"{len(written.encode('utf-8')) / 1e6:.1f} MB"
    console = display.screen()
    console.print(
        display.text(f"Wrote {out}: {display.count(len(hung), 'environment')}, {size}."), soft_wrap=True
    )
    if missing:
        console.print(
            display.text(
                f"{display.count(missing, 'place')} of it say what could not be shown.", display.WARN
            ),
            soft_wrap=True,
        )
