"""Baggage robot: where a robot ends that reads coded moves.

Its module-level constants are made by calls (Fraction, namedtuple, maketrans, dedent, frozenset), and none is ever changed.
"""

import textwrap
from collections import namedtuple
from fractions import Fraction
from typing import NamedTuple

TAGS = ("simulation", "codes", "fractions")
ORACLE = "equality"

Move = namedtuple("Move", "east north")


class Rule(NamedTuple):
    letter: str
    move: Move


RULES = (Rule("a", Move(1, 0)), Rule("b", Move(0, 1)), Rule("c", Move(-1, 0)), Rule("d", Move(0, -1)))
MOVES = {rule.letter: rule.move for rule in RULES}
HALF = Fraction(1, 2)
CODE = str.maketrans("wxyz", "abcd")
SHORT = frozenset("bd")
QUESTION = textwrap.dedent(
    """\
    A robot starts at the point (0, 0). It reads the letters {text}, where w is a move to the east, x to the north,
    y to the west and z to the south. Moves to the east and to the west are one metre long, the others half a metre.
    How many metres to the east and how many to the north of the start does it end? Write two numbers separated
    by a comma, with a minus sign for the opposite direction and halves as fractions like 7/2."""
)


def generate(rng, difficulty):
    return {"text": "".join(rng.choices("wxyz", weights=[3, 3, 2, 2], k=9 + 4 * difficulty))}


def prompt(state):
    return QUESTION.format(text=" ".join(state["text"]))


def reference(state):
    east, north = Fraction(0), Fraction(0)
    for letter in state["text"].translate(CODE):
        length = HALF if letter in SHORT else 1
        east += length * MOVES[letter].east
        north += length * MOVES[letter].north
    return f"{east}, {north}"


def score(state, answer):
    return 1.0 if answer.replace(" ", "") == reference(state).replace(" ", "") else 0.0
