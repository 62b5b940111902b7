"""`envforge sample`: instances of one program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import DATABASE, AsJson, Database, Difficulty, Isolation, Seed, Target

if TYPE_CHECKING:
    from envforge.contract import Instance, Program


def sample(
    target: Target,
    seed: Seed = None,
    difficulty: Difficulty = 0,
    count: Annotated[
        int | None,
        typer.Option(
            "--count", "-n", min=1, max=10_000, metavar="N", help="Print so many instances, seeds derived."
        ),
    ] = None,
    show_state: Annotated[
        bool, typer.Option("--state", metavar="", help="Show the latent state, too.")
    ] = False,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Write the picture of a visual program to FILE, a PNG, or the SVG itself if it ends in .svg; with "
            "--count to FILE-1, FILE-2 and so on.",
        ),
    ] = None,
    db: Database = DATABASE,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> None:
    """Print an instance of a program: its prompt and reference."""
    from envforge.cli.display import print_json
    from envforge.cli.programs import (
        check_difficulty,
        chosen_seed,
        evaluating,
        instances,
        load,
        write_picture,
    )
    from envforge.errors import UsageError

    if seed is not None and count is not None:
        raise UsageError("--seed names one instance and --count asks for several: give one of them")
    with evaluating(isolation) as evaluator:
        program = load(evaluator, target, db)
        check_difficulty(program, difficulty)
        if picture is not None and program.kind != "visual":
            raise UsageError(f"'{program.title}' draws no picture: leave out --picture")
        keys = [(chosen_seed(program, difficulty, seed, index), difficulty) for index in range(count or 1)]
        found = instances(evaluator, program, keys)
    pictures = _places(picture, len(found) if count is not None else None)
    for instance, place in zip(found, pictures):
        write_picture(instance, place)
    if as_json:
        values = [as_data(program, instance) for instance in found]
        print_json(values[0] if count is None else values)
        return
    for number, instance in enumerate(found):
        _show(program, instance, show_state, pictures[number] if pictures else None)


def _places(picture: Path | None, count: int | None) -> list[Path]:
    """Where the pictures go: FILE, or FILE-1.png and so on where a count was given."""
    if picture is None:
        return []
    if count is None:
        return [picture]
    return [picture.with_name(f"{picture.stem}-{number}{picture.suffix}") for number in range(1, count + 1)]


def as_data(program: Program, instance: Instance) -> dict[str, Any]:
    """An instance as the JSON of docs/cli.md."""
    return {
        "environment": program.id,
        "title": program.title,
        "seed": instance.seed,
        "difficulty": instance.difficulty,
        "prompt": instance.prompt,
        "reference": instance.reference,
        "state": instance.state,
    }


def _show(program: Program, instance: Instance, show_state: bool, picture: Path | None) -> None:
    import json

    from envforge.cli.display import DIM, GOOD, facts, panel, screen, text

    console = screen()
    console.print(text(program.title, "bold"), soft_wrap=True)
    console.print(
        text(f"{program.id}  seed {instance.seed}  difficulty {instance.difficulty}", DIM), soft_wrap=True
    )
    console.print(panel(text(instance.prompt), "prompt"))
    if program.kind == "visual":
        console.print(facts({"picture": str(picture) if picture else "not written; --picture FILE does"}))
    console.print(facts({"reference": text(instance.reference, GOOD)}))
    if show_state:
        console.print(facts({"state": json.dumps(instance.state, ensure_ascii=False)}))
    console.print()
