"""`envforge play`: answer instances in the terminal."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envforge.cli.options import DATABASE, Database, Isolation, Target

if TYPE_CHECKING:
    from rich.console import Console

    from envforge.contract import Instance, Program
    from envforge.sandbox import Evaluator


def play(
    target: Target,
    difficulty: Annotated[
        int | None,
        typer.Option(
            "--difficulty",
            "-d",
            metavar="LEVEL",
            help="Stay at this level (default: begin at 0, up when right, down when not).",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", "-s", metavar="N", help="Ask the same questions again (default: new ones)."),
    ] = None,
    rounds: Annotated[
        int,
        typer.Option(
            "--rounds", "-n", min=0, metavar="N", help="End after so many questions; 0: go on until Ctrl-D."
        ),
    ] = 0,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            help="Where the picture of each question goes (default: a file in the temporary folder).",
        ),
    ] = None,
    db: Database = DATABASE,
    isolation: Isolation = None,
) -> None:
    """Answer questions of a program yourself."""
    import secrets

    from envforge.cli.programs import check_difficulty, chosen_seed, evaluating, load

    with evaluating(isolation) as evaluator:
        program = load(evaluator, target, db)
        check_difficulty(program, difficulty or 0)
        start = secrets.randbits(63) if seed is None else chosen_seed(program, 0, seed)
        _Game(program, evaluator, start, difficulty, rounds, picture).play()


class _Game:
    """The questions of one sitting and their tally."""

    def __init__(
        self,
        program: Program,
        evaluator: Evaluator,
        start: int,
        fixed: int | None,
        rounds: int,
        picture: Path | None,
    ) -> None:
        self.program = program
        self.evaluator = evaluator
        self.start = start
        self.fixed = fixed
        self.rounds = rounds
        self.picture = picture or Path(tempfile.gettempdir()) / f"envforge-play-{os.getpid()}.png"
        self.right = 0
        self.asked = 0

    def play(self) -> None:
        from envforge.cli.display import DIM, screen, text

        console = screen()
        console.print(text(self.program.title, "bold"), soft_wrap=True)
        console.print(
            text("Type your answer; a \\ at the end continues it on the next line. Ctrl-D ends.", DIM)
        )
        level = self.fixed or 0
        try:
            while not self.rounds or self.asked < self.rounds:
                right = self._ask(console, level)
                if self.fixed is None:
                    level = min(max(level + (1 if right else -1), 0), self.program.max_difficulty)
        except (EOFError, KeyboardInterrupt):
            console.print()
        console.print(
            text(f"{self.right} of {self.asked} right." if self.asked else "Until next time.", "bold")
        )

    def _ask(self, console: Console, level: int) -> bool:
        """One question; whether the answer was right. Raises EOFError when there is no answer any more."""
        from envforge.cli.display import panel, text
        from envforge.cli.programs import instances, score_answer, write_picture
        from envforge.contract import derive_seed

        seed = derive_seed("play", self.program.id, level, self.start, self.asked)
        (instance,) = instances(self.evaluator, self.program, [(seed, level)])
        console.print()
        console.print(panel(text(instance.prompt), f"question {self.asked + 1}, level {level}"))
        if instance.picture is not None:
            write_picture(instance, self.picture)
            console.print(text(f"picture: {self.picture}", "bold"), soft_wrap=True)
        value = score_answer(self.evaluator, self.program, instance, _read_answer())
        self.asked += 1
        self.right += value == 1.0
        self._tell(console, instance, value)
        return value == 1.0

    def _tell(self, console: Console, instance: Instance, value: float) -> None:
        from envforge.cli.display import BAD, GOOD, WARN, facts, text

        if value == 1.0:
            console.print(text(f"Right. {self.right} of {self.asked}", GOOD))
            return
        partly = f"Partly right: {value:.2f}." if value > 0 else "Not right."
        console.print(text(f"{partly} {self.right} of {self.asked}", WARN if value > 0 else BAD))
        label = "the answer is" if self.program.oracle == "equality" else "one answer is"
        console.print(facts({label: instance.reference}))


def _read_answer() -> str:
    """What was typed, joined with line feeds where a line ended with a backslash, and at most 10,000 characters."""
    from envforge.contract import MAX_ANSWER_CHARACTERS

    lines = []
    while True:
        sys.stdout.write("> ")
        sys.stdout.flush()
        line = input()
        lines.append(line.removesuffix("\\"))
        if not line.endswith("\\"):
            break
    answer = "\n".join(lines).strip()[:MAX_ANSWER_CHARACTERS]
    return answer.encode("utf-8", "replace").decode("utf-8")
