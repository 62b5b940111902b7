"""The typer application: every command of `envforge`, each from the module that bears its name."""

from __future__ import annotations

from typing import Annotated

import typer

from envforge import __version__
from envforge.cli.analyze import analyze
from envforge.cli.audit import audit
from envforge.cli.calibrate import calibrate
from envforge.cli.check import check
from envforge.cli.doctor import doctor
from envforge.cli.evaluate import evaluate
from envforge.cli.export import export
from envforge.cli.gallery import gallery
from envforge.cli.games import games
from envforge.cli.grow import grow
from envforge.cli.play import play
from envforge.cli.pool import pool
from envforge.cli.registry import registry
from envforge.cli.report import report
from envforge.cli.review import review
from envforge.cli.sample import sample
from envforge.cli.score import score
from envforge.cli.seeds import seeds
from envforge.cli.serve import serve
from envforge.cli.skeleton import new
from envforge.cli.train import train


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"envforge {__version__}")
        raise typer.Exit


def application() -> typer.Typer:
    """A fresh application, in the order in which --help lists its commands."""
    app = typer.Typer(
        name="envforge",
        help="A library of reasoning environments that grows itself: programs, proven by gates, run in a sandbox.",
        epilog="Exit codes: 0 fine, 1 a check failed, 2 usage or input. Every command is described in docs/cli.md.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_options)
    made = (
        grow,
        train,
        report,
        check,
        review,
        calibrate,
        audit,
        analyze,
        gallery,
        serve,
        evaluate,
        games,
        export,
        sample,
        score,
        play,
        seeds,
        new,
    )
    for command in made:
        app.command("eval" if command is evaluate else None)(command)
    app.add_typer(registry())
    app.add_typer(pool())
    app.command()(doctor)
    return app


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            callback=_print_version,
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """What comes before the command."""
