"""`envforge analyze`: what a set of environments is worth, from fresh instances of every level."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from envforge.cli.options import AsJson, ConfigFile, Isolation

if TYPE_CHECKING:
    from envforge.analysis import Analysis, EnvironmentFigures
    from envforge.cli.collection import Found
    from envforge.config import SandboxConfig

INSTANCES = 16  # probes per level: enough to tell 0.98 from 0.95 over ten levels
MAX_INSTANCES = 1000

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH|ID",
        help="Programs: files, folders, ids (or their first digits) in the registry, or seeds' names. Default: the "
        "accepted environments of --db, or without it the seeds that ship.",
    ),
]
Registry = Annotated[
    str | None,
    typer.Option("--db", metavar="FILE|URL", help="The registry: an SQLite file or a SQLAlchemy URL."),
]


def analyze(
    targets: Targets = None,
    visual: Annotated[
        bool, typer.Option("--visual", metavar="", help="Leave text environments out.")
    ] = False,
    instances: Annotated[
        int, typer.Option("--instances", metavar="N", help="Probes of each level.")
    ] = INSTANCES,
    levels: Annotated[
        str | None,
        typer.Option("--levels", metavar="N,N,...", help="Levels to probe, as in 0,3,6 (default: all)."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the analysis as one HTML page.")
    ] = None,
    min_grade: Annotated[
        Literal["A", "B", "C", "D", "E", "F"] | None,
        typer.Option(
            "--min-grade", help="Exit with 1 when an environment has a worse grade (default: any will do)."
        ),
    ] = None,
    db: Registry = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Measure quality, diversity, levels, near-duplicates and capacity of environments."""
    from envforge.analysis import as_data, page
    from envforge.analysis.quality import below
    from envforge.cli.collection import collect
    from envforge.cli.display import print_json
    from envforge.cli.exits import FAILED, writing
    from envforge.registry.tables import ACCEPTED

    wanted = checked_levels(levels)
    check_instances(instances, 1)
    if html is not None:
        check_place(html)
    sandbox = sandbox_settings(config, isolation)
    found = collect(targets or [], db, ACCEPTED)
    analysis = analysed(found, sandbox, instances, wanted, visual=visual)
    if html is not None:
        with writing(html):
            html.write_text(page(analysis), encoding="utf-8")
    if as_json:
        print_json({**({"file": str(html)} if html is not None else {}), **as_data(analysis)})
    else:
        _show(analysis, html)
    poor = min_grade is not None and any(below(one.rates.grade, min_grade) for one in analysis.environments)
    return FAILED if poor else 0


def analysed(
    found: Sequence[Found],
    config: SandboxConfig,
    instances: int,
    levels: Sequence[int] | None,
    *,
    visual: bool = False,
) -> Analysis:
    """The analysis of what was found, with a bar on a terminal. Raises UsageError when nothing is left to look at."""
    from envforge.analysis import Source, survey
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import progress_bar
    from envforge.errors import UsageError

    sources = [Source(one.source, one.name, one.status) for one in found]
    with sandboxed(config) as sandbox, progress_bar("analysing", len(sources)) as advance:
        analysis = survey(sources, sandbox, instances, levels, visual=visual, advance=advance)
    if not analysis.environments:
        raise UsageError("none of these environments is visual: leave --visual out, or name others")
    if levels is not None and not any(one.levels for one in analysis.environments if one.program):
        raise UsageError(f"no environment has a level among {', '.join(map(str, levels))}: most have 0 to 9")
    return analysis


def checked_levels(text: str | None) -> list[int] | None:
    """The levels that were named, in order, each once. Raises UsageError."""
    from envforge.errors import UsageError

    if text is None:
        return None
    try:
        levels = sorted({int(level) for level in text.split(",")})
    except ValueError as error:
        raise UsageError(f"--levels: '{text}' is no list of whole numbers such as 0,3,6") from error
    if levels[0] < 0:
        raise UsageError(f"--levels: there is no level {levels[0]}; levels begin with 0")
    return levels


def check_place(path: Path) -> None:
    """Raise UsageError for a file that cannot be there: minutes of work would end in nothing."""
    from envforge.errors import UsageError

    if path.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {path}: there is no folder {path.parent}")


def check_instances(number: int, least: int) -> None:
    """Raise UsageError for a number of probes that makes no sense."""
    from envforge.errors import UsageError

    if not least <= number <= MAX_INSTANCES:
        raise UsageError(f"--instances must be from {least} to {MAX_INSTANCES}, not {number}")


def sandbox_settings(file: Path | None, isolation: int | None) -> SandboxConfig:
    """The table [sandbox] of the configuration with what was given on the command line."""
    from envforge.config import change, load_config

    given = {} if isolation is None else {"isolation": isolation}
    return change(load_config(file).sandbox, given, "the command line", "sandbox")


def _show(analysis: Analysis, html: Path | None) -> None:
    from envforge.cli import display

    console = display.screen()
    console.print(_quality(analysis.environments))
    diverse = [one for one in analysis.environments if one.levels]
    if diverse:
        display.section(console, _diversity(diverse))
    poor = [one for one in analysis.environments if one.faults]
    if poor:
        shown = display.table("environment", "rate", "level", "why", fixed=("rate", "level"))
        for one in poor:
            for fault in one.faults[:2]:
                level = "" if fault.difficulty is None else str(fault.difficulty)
                shown.add_row(
                    display.text(one.name), fault.rate, level, display.text(fault.reason[:300], display.DIM)
                )
        display.section(console, shown)
    if analysis.pairs:
        names = {one.id: one.name for one in analysis.environments}
        shown = display.table("near-duplicates", "of", "in", "similarity", right=("similarity",))
        for pair in analysis.pairs:
            shown.add_row(
                display.text(names[pair.first]),
                display.text(names[pair.second]),
                pair.kind,
                f"{pair.similarity:.2f}",
            )
        display.section(console, shown)
    good = sum(one.rates.grade == "A" for one in analysis.environments)
    number = display.count(len(analysis.environments), "environment")
    near = display.count(len(analysis.pairs), "near pair")
    console.print()
    console.print(
        display.text(
            f"{good} of {number} with grade A, {near}, {analysis.instances} probes of each level, "
            f"{display.seconds(analysis.seconds)}"
        ),
        soft_wrap=True,
    )
    if html is not None:
        console.print(display.text(f"Wrote {html}", display.DIM), soft_wrap=True)


def _quality(found: Sequence[EnvironmentFigures]) -> Any:
    from envforge.cli import display

    numbers = ("gen", "image", "question", "verifier", "gen ms", "raster ms")
    shown = display.table("environment", "kind", "grade", *numbers, right=numbers, fixed=("kind",))
    for one in found:
        grade = one.rates.grade
        style = display.GOOD if grade == "A" else display.WARN if grade in "BC" else display.BAD
        shown.add_row(
            display.text(one.name),
            one.group,
            display.text(grade, style),
            *(_number(rate, 3) for rate in one.rates.by_name().values()),
            _number(one.times.generate, 1),
            _number(one.times.raster, 1),
        )
    return shown


def _diversity(found: Sequence[EnvironmentFigures]) -> Any:
    from envforge.analysis.page import capacity_text
    from envforge.cli import display

    numbers = ("distinct", "templates", "bits", "floor", "questions", "spread", "prompt ends", "picture ends")
    shown = display.table("environment", *numbers, right=numbers)
    for one in found:
        ends = one.ends
        shown.add_row(
            display.text(one.name),
            *(_number(one.mean(name), 2) for name in ("distinct", "templates")),
            _number(one.entropy, 2),
            _number(one.floor, 2),
            capacity_text(one.capacity),
            _number(one.mean("spread"), 2),
            _number(ends.prompt if ends else None, 2),
            _number(ends.picture if ends else None, 2),
        )
    return shown


def _number(value: float | None, digits: int) -> str:
    """A figure, cut rather than rounded: what is not quite 1 does not look like 1."""
    if value is None:
        return ""
    factor = 10**digits
    return f"{int(value * factor) / factor:.{digits}f}"
