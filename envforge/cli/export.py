"""`envforge export`: instances of a library as a data set, or the library itself as a package, for use elsewhere."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation

if TYPE_CHECKING:
    from envforge.export import Selection


# What only a data set has, by the names of the parameters.
OF_INSTANCES = ("instances", "levels", "split", "width", "system", "answer_line", "config", "isolation")


def export(
    context: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            help="Environments by id (or first digits); without any, all that the filters leave.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where to write; must not exist or be empty."),
    ] = None,
    form: Annotated[
        Literal["parquet", "jsonl", "hf", "gym"],
        typer.Option(
            "--format",
            help="One file of Parquet, JSON lines with PNG files, or a Hugging Face data set; gym: no instances, but "
            "the environments themselves as a Python package.",
        ),
    ] = "parquet",
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="With --format gym: the package's name in Python (default: made from FOLDER).",
        ),
    ] = None,
    instances: Annotated[
        int, typer.Option("--instances", min=1, max=1_000_000, metavar="N", help="Per environment and level.")
    ] = 16,
    levels: Annotated[
        str | None, typer.Option("--levels", metavar="N,N,...", help="As in 0,3,6 (default: all).")
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            "--split", metavar="NAME", help="Another name means other instances, as in train and test."
        ),
    ] = "train",
    status: Annotated[
        Literal["validated", "admitted", "retired"],
        typer.Option("--status", help="Only those with this status."),
    ] = "admitted",
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Only those with this ability tag; may be repeated."),
    ] = None,
    bucket: Annotated[
        list[str] | None,
        typer.Option(
            "--bucket",
            metavar="NAME",
            help="Only this bucket: spatial, mathematical, diagram, pattern or counting; text: those without "
            "pictures; may be repeated.",
        ),
    ] = None,
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out",
            metavar="",
            help="Those that are held out, which are otherwise left out, and no others.",
        ),
    ] = False,
    width: Annotated[
        int, typer.Option("--width", min=64, max=2_048, metavar="PIXELS", help="Of pictures.")
    ] = 640,
    system: Annotated[
        str, typer.Option("--system", metavar="TEXT", help="System message before each question.")
    ] = "",
    answer_line: Annotated[
        bool,
        typer.Option("--answer-line/--no-answer-line", help="Append the sentence that asks for <answer>."),
    ] = True,
    db: Database = DATABASE,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> None:
    """Write instances as a data set: prompts, answers and pictures, to train elsewhere. Or the environments as a
    package."""
    from envforge.cli.display import count, print_json, screen, text
    from envforge.cli.exits import on_interrupt
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import progress_bar, slow
    from envforge.cli.subjects import check_bucket
    from envforge.config import change, load_config
    from envforge.errors import UsageError
    from envforge.export import Selection, Settings, check_folder, check_packages, chosen, rows_of, write
    from envforge.recipe import PromptConfig
    from envforge.registry import Registry
    from envforge.sandbox import Evaluator

    if out is None:
        raise UsageError("say where to write with --out FOLDER")
    for one in bucket or ():
        check_bucket(one)
    if ids and (tag or bucket or held_out):
        raise UsageError(
            "ids name environments and --tag, --bucket and --held-out search for them: give one or the other"
        )
    if not split.isidentifier():
        raise UsageError(f"--split: '{split}' must be letters, digits and underscores, as in train or test")
    selection = Selection(tuple(ids or ()), status, tuple(tag or ()), tuple(bucket or ()), held_out)
    if form == "gym":
        _package(context, db, selection, out, name, as_json)
        return
    if name is not None:
        raise UsageError("--name names a package: use it together with --format gym")
    check_packages(form)
    check_folder(out)
    prompt = PromptConfig(system=system, answer_line=answer_line)
    settings = Settings(instances, _numbers(levels), split, width, prompt)
    with Registry.open(db, read_only=True) as registry:
        programs = chosen(registry, selection)
    level = {} if isolation is None else {"isolation": isolation}
    sandbox_settings = change(load_config(config).sandbox, level, "the command line", "sandbox")
    on_interrupt("interrupted; nothing was written")
    total = instances * sum(len(set(settings.levels)) or len(program.difficulties) for program in programs)
    waiting = nullcontext() if screen(stderr=True).is_terminal else slow("making instances")
    with sandboxed(sandbox_settings) as sandbox, progress_bar("rows", total) as advance, waiting:
        export = write(rows_of(programs, settings, Evaluator(sandbox)), out, form, settings, advance)
    if as_json:
        print_json({"folder": str(out), **export.manifest})
        return
    found = export.manifest
    pictures = f" with {count(found['pictures'], 'picture')}" if found["pictures"] else ""
    rows, environments = count(found["rows"], "row"), count(len(programs), "environment")
    screen().print(text(f"Wrote {rows}{pictures} of {environments} to {out} ({form})."), soft_wrap=True)


def _package(
    context: typer.Context, db: str, selection: Selection, out: Path, name: str | None, as_json: bool
) -> None:
    """The environments themselves. No program runs."""
    from envforge.cli.display import count, print_json, screen, text
    from envforge.cli.exits import on_interrupt
    from envforge.errors import UsageError
    from envforge.export import check_folder, chosen
    from envforge.export.gym import entries_of, module_name, write_package
    from envforge.registry import Registry

    for option in OF_INSTANCES:
        source = context.get_parameter_source(option)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(
                f"--{option.replace('_', '-')} is of a data set of instances: leave it out with --format gym"
            )
    module = module_name(name, out)
    check_folder(out)
    on_interrupt("interrupted; nothing was written")
    with Registry.open(db, read_only=True) as registry:
        found = entries_of(registry, chosen(registry, selection))
    manifest = write_package(found, out, module)
    if as_json:
        print_json({"folder": str(out), **manifest})
        return
    environments = count(len(found), "environment")
    screen().print(text(f"Wrote {environments} to {out}, the package {module}."), soft_wrap=True)
    screen().print(text(f"Install it with: pip install {out}"), soft_wrap=True)


def _numbers(levels: str | None) -> tuple[int, ...]:
    from envforge.errors import UsageError

    try:
        return () if levels is None else tuple(sorted({int(number) for number in levels.split(",")}))
    except ValueError as error:
        raise UsageError(f"--levels: '{levels}' is no list of whole numbers such as 0,3,6") from error
