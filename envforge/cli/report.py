"""`envforge report`: a training run as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envforge.cli.options import DATABASE, AsJson, Database


def report(
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The training run's number (default: the newest).")
    ] = None,
    db: Database = DATABASE,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE.html",
            help="Where to write it; '-' is standard output (default: run-N.html).",
        ),
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            "--against",
            metavar="RUN|DB[#RUN]",
            help="A run to hold it against, such as a control, in the same charts: its number, or another registry "
            "(its newest training run, or the one whose number follows a #); may be given several times.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a training run as one HTML page: what it gained, its curves, what went wrong."""
    from envforge.cli import display
    from envforge.cli.exits import writing
    from envforge.errors import UsageError
    from envforge.registry import Registry
    from envforge.report import RunData, as_data, gather, newest, page, read_run

    def rival(given: str) -> int | RunData:
        if given.isdecimal():
            return int(given)
        place, _, number = given.rpartition("#") if "#" in given else (given, "", "")
        if number and not number.isdecimal():
            raise UsageError(f"--against {given}: what follows the # must be the number of a run")
        with Registry.open(place, read_only=True) as other:
            return read_run(other, int(number) if number else newest(other), other.name)

    to_terminal = out is not None and str(out) == "-"
    if as_json and to_terminal:
        raise UsageError("--out - and --json both want standard output: give one of them")
    with Registry.open(db, read_only=True) as opened:
        found = gather(opened, run, [rival(one) for one in against or ()])
    written = page(found)
    if to_terminal:
        typer.echo(written, nl=False)
        return
    path = out or Path(f"run-{found.own.run.id}.html")
    with writing(path):
        path.write_text(written, encoding="utf-8")
    if as_json:
        display.print_json({"file": str(path), **as_data(found)})
        return
    steps = display.count(len(found.own.steps), "step")
    display.screen().print(display.text(f"Wrote {path}: run {found.own.run.id}, {steps}."), soft_wrap=True)
