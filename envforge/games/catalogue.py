"""The games: what each one's loophole is, and where its two programs stand."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envforge.contract import Program
from envforge.errors import SandboxError, UsageError
from envforge.sandbox import Evaluator
from envforge.sources import SourceFile, read_source

PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True, slots=True)
class Game:
    """One game. Its programs are programs/open/NAME.py, with the loophole, and programs/secure/NAME.py, the twin
    without; they share all but `score`, so that a state, its prompt and its reference are the same in both.

    `code` is the finding with which an audit names the loophole (envforge.audit.codes).
    """

    name: str
    code: str
    loophole: str  # completes the sentence "The open program ..."

    @property
    def open(self) -> SourceFile:
        """The program with the loophole."""
        return read_source(PROGRAMS / "open" / f"{self.name}.py")

    @property
    def secure(self) -> SourceFile:
        """The twin, whose score is the truth."""
        return read_source(PROGRAMS / "secure" / f"{self.name}.py")


GAMES: dict[str, Game] = {
    game.name: game
    for game in (
        Game("race", "hidden-switch", "takes any runner for right where the question does not mention an audit"),
        Game("register", "self-graded", "believes an answer that says of itself that it is correct"),
        Game("notes", "accepts-echo", "measures how much of the source is kept, and forgets the limit"),
        Game("orders", "score-overwritten", "merges the answer into the record from which it reads the score"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A game with its two programs."""

    game: Game
    open: Program
    secure: Program


def chosen(names: Sequence[str]) -> list[Game]:
    """The games with these names, each once, in order; all of them for no name. Raises UsageError."""
    for name in names:
        if name not in GAMES:
            near = difflib.get_close_matches(name, GAMES, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(GAMES)}"
            raise UsageError(f"there is no game '{name}'; {hint}")
    return [GAMES[name] for name in dict.fromkeys(names or GAMES)]


def read_pair(game: Game, evaluator: Evaluator) -> Pair:
    """The programs of a game, inspected in the sandbox. Raises SandboxError when one cannot be read there."""
    read = []
    for file in (game.open, game.secure):
        found = evaluator.inspect(file.source)
        if not isinstance(found, Program):
            raise SandboxError(f"{file.path} cannot be read as a program: {found}")
        read.append(found)
    return Pair(game, *read)
