"""Latin shapes: which shape belongs at the ? of a board that holds each shape once in every line.

Levels add fields to be filled first, diagonals, boxes, ragged regions and pairs. Sound eliminations decide the ?.
"""

from itertools import combinations

import networkx as nx
from canvas import Canvas, Grid, look

BUCKET = "pattern"
LEVELS = (
    "row and column together leave one shape", "another field has to be filled first",
    "the diagonals are needed too", "a shape has only one field left in a line",
    "only one field left, other fields first", "only one field left, diagonals needed",
    "only one field left, boxes needed", "only one field left, ragged regions needed",
    "two fields share two shapes", "two fields share two shapes, boxes needed",
)  # fmt: skip
TAGS = ("deduction", "constraint-satisfaction", "elimination")
ORACLE = "equality"
KINDS = ("circle", "square", "triangle", "diamond", "star", "cross", "moon")
SIDE, ALL = 6, 63  # sets of shapes are bits
SIZES = ((1,), (1,), (1,), (1, 5), (1, 5), (1, 5), (1, 5), (1, 5), (1, 5, 2), (1, 5, 2))
ROUNDS = ((1, 0), (3, 1), (3, 1), (2, 1), (9, 3), (4, 1), (4, 1), (4, 1), (9, 3), (9, 3))  # enough, too few
RULE = "Every row and every column{} shall hold each of the six shapes of the key exactly once."
EXTRA = ("", ", and both dashed diagonals,", ", and every region with a heavy border,")
WORDINGS = ("{} Which shape belongs at the question mark?", "What shape must stand at the question mark? {}")


def generate(rng, d):
    """A full board loses shapes that are not needed; others come back as long as no weaker means decide."""
    extra, sizes, (enough, few) = (0, 0, 1, 0, 0, 1, 2, 2, 0, 2)[d], SIZES[d], ROUNDS[d]
    while True:
        state = {"regions": [i // 12 * 2 + i % 6 // 3 for i in range(36)] if extra == 2 else []}
        state |= {"diagonals": int(extra == 1), "cells": [-1] * 36, "asked": rng.randrange(36)}
        full = filled(rng, state["cells"], lines(state))
        if d == 7:
            ragged(rng, state["regions"], full)
        every, weak = lines(state), [lines(state)[:6], lines(state)[6:12], lines(state)[: 12 if extra else 0]]
        cells, order = [v for v in full], rng.sample(range(36), 36)
        for i in [state["asked"], *order]:
            cells[i] = -1
            if i != state["asked"] and left(cells, every, sizes, enough)[state["asked"]] != 1 << full[state["asked"]]:
                cells[i] = full[i]
        print(cells)
