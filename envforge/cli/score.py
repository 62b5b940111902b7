"""`envforge score`: one answer to one instance."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from envforge.cli.options import DATABASE, AsJson, Database, Difficulty, Isolation, Seed, Target


def score(
    target: Target,
    answer: Annotated[
        str | None,
        typer.Option("--answer", "-a", metavar="TEXT", help="The answer; '-' reads standard input."),
    ] = None,
    response: Annotated[
        str | None,
        typer.Option(
            "--response",
            metavar="TEXT",
            help="A solver's whole response, whose last <answer> (or boxed) part counts; '-' reads standard input.",
        ),
    ] = None,
    seed: Seed = None,
    difficulty: Difficulty = 0,
    db: Database = DATABASE,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> None:
    """Score an answer to an instance."""
    from envforge.cli.display import print_json, screen, text
    from envforge.cli.programs import check_difficulty, chosen_seed, evaluating, instances, load, score_answer
    from envforge.contract import extract_answer
    from envforge.errors import UsageError

    if (answer is None) == (response is None):
        raise UsageError("give either --answer or --response")
    given = _text(
        answer if answer is not None else response or "", "--answer" if response is None else "--response"
    )
    extracted = given if response is None else extract_answer(given)
    _check(extracted)
    with evaluating(isolation) as evaluator:
        program = load(evaluator, target, db)
        check_difficulty(program, difficulty)
        (instance,) = instances(evaluator, program, [(chosen_seed(program, difficulty, seed), difficulty)])
        value = 0.0 if extracted is None else score_answer(evaluator, program, instance, extracted)
    if as_json:
        print_json(
            {
                "environment": program.id,
                "title": program.title,
                "seed": instance.seed,
                "difficulty": instance.difficulty,
                "answer": extracted,
                "score": value,
                "format_failure": extracted is None,
            }
        )
        return
    console = screen()
    console.print(
        text(f"{value:.4g}" if value % 1 else f"{value:.1f}", "bold " + ("green" if value == 1.0 else "red"))
    )
    if extracted is None:
        console.print(
            text("no <answer>...</answer> in the response: a format failure", "yellow"), soft_wrap=True
        )


def _text(value: str, option: str) -> str:
    """The option's value, or standard input for '-' without its last line end."""
    from envforge.errors import UsageError

    if value != "-":
        return value
    try:
        return sys.stdin.buffer.read().decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise UsageError(f"{option} -: standard input is not UTF-8") from error


def _check(answer: str | None) -> None:
    from envforge.contract import MAX_ANSWER_CHARACTERS
    from envforge.errors import UsageError

    if answer is None:
        return
    if len(answer) > MAX_ANSWER_CHARACTERS:
        raise UsageError(
            f"the answer has {len(answer):,} characters; at most {MAX_ANSWER_CHARACTERS:,} are scored"
        )
    if any("\ud800" <= character <= "\udfff" for character in answer):
        raise UsageError("the answer is not valid UTF-8")
