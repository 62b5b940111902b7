"""Turtle: where a turtle ends that walks and turns by a list of commands.

Uses a dataclass, an enumeration and postponed annotations, all of which the rules allow.
"""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass, field, replace
from typing import Any

TAGS = ("spatial", "simulation")
ORACLE = "equality"

State = dict[str, Any]


class Heading(enum.IntEnum):
    NORTH = 0
    EAST = 1
    SOUTH = 2
    WEST = 3


STEPS = {Heading.NORTH: (0, 1), Heading.EAST: (1, 0), Heading.SOUTH: (0, -1), Heading.WEST: (-1, 0)}


@dataclass(frozen=True)
class Turtle:
    x: int = 0
    y: int = 0
    heading: Heading = Heading.NORTH
    history: tuple[int, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if len(self.history) > 1000:
            raise ValueError("too long a walk")

    def after(self, command: str) -> Turtle:
        if command == "L":
            return replace(self, heading=Heading((self.heading - 1) % 4))
        if command == "R":
            return replace(self, heading=Heading((self.heading + 1) % 4))
        dx, dy = STEPS[self.heading]
        steps = int(command)
        return replace(self, x=self.x + dx * steps, y=self.y + dy * steps, history=(*self.history, steps))


def generate(rng: random.Random, difficulty: int) -> State:
    commands: list[str] = []
    for _ in range(3 + difficulty):
        commands += [str(rng.randint(1, 9 + difficulty)), rng.choice("LR")]
    return {"commands": commands, "start": rng.choice([h.name for h in Heading])}


def prompt(state: State) -> str:
    return (
        f"A turtle sits at the point (0, 0) and looks {state['start'].lower()}. It obeys these commands, where a number "
        f"is a walk of so many steps ahead, L a quarter turn to the left and R one to the right: "
        f"{' '.join(state['commands'])}. East is the direction of growing x, north that of growing y. "
        "Where does it end, and which way does it look? "
        "Write x, y and the first letter of the direction (N, E, S or W), separated by commas."
    )


def reference(state: State) -> str:
    turtle = Turtle(heading=Heading[state["start"]])
    for command in state["commands"]:
        turtle = turtle.after(command)
    return f"{turtle.x},{turtle.y},{turtle.heading.name[0]}"


def score(state: State, answer: str) -> float:
    given = [part.strip().upper() for part in answer.split(",")]
    return 1.0 if given == reference(state).split(",") else 0.0
