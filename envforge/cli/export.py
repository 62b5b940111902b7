"""`envforge export`: instances of a library as a data set, for those who train elsewhere."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation


def export(
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
        Literal["parquet", "jsonl", "hf"],
        typer.Option(
            "--format", help="One file of Parquet, JSON lines with PNG files, or a Hugging Face data set."
        ),
    ] = "parquet",
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
    """Write instances as a data set: prompts, answers and pictures, to train elsewhere."""
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
    for name in bucket or ():
        check_bucket(name)
    if ids and (tag or bucket or held_out):
        raise UsageError(
            "ids name environments and --tag, --bucket and --held-out search for them: give one or the other"
        )
    if not split.isidentifier():
        raise UsageError(f"--split: '{split}' must be letters, digits and underscores, as in train or test")
    check_packages(form)
    check_folder(out)
    prompt = PromptConfig(system=system, answer_line=answer_line)
    settings = Settings(instances, _numbers(levels), split, width, prompt)
    selection = Selection(tuple(ids or ()), status, tuple(tag or ()), tuple(bucket or ()), held_out)
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


def _numbers(levels: str | None) -> tuple[int, ...]:
    from envforge.errors import UsageError

    try:
        return () if levels is None else tuple(sorted({int(number) for number in levels.split(",")}))
    except ValueError as error:
        raise UsageError(f"--levels: '{levels}' is no list of whole numbers such as 0,3,6") from error
