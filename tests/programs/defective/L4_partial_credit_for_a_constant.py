"""Radar: which cells of a row hold a ship.

Defect: partial credit is the share of right characters, and since most cells are empty, a row of zeros earns some 0.8 of it.
"""

TAGS = ("grids", "deduction")
ORACLE = "equality"


def generate(rng, difficulty):
    width = 10 + 2 * difficulty
    ships = rng.sample(range(width), 2 + difficulty // 4)
    return {"cells": [int(i in ships) for i in range(width)], "mask": [rng.randint(0, 9) for _ in range(width)]}


def prompt(state):
    cells, mask = state["cells"], state["mask"]
    echoes = [(value + 3 * cell) % 10 for cell, value in zip(cells, mask)]
    return (
        f"A radar sends the digits {' '.join(map(str, mask))} to the cells of a row and hears {' '.join(map(str, echoes))}. From an empty cell "
        "the digit comes back unchanged, from one with a ship it comes back larger by three (after 9 comes 0). "
        "Write the row with 1 for a ship and 0 for an empty cell, without spaces."
    )


def reference(state):
    return "".join(map(str, state["cells"]))


def score(state, answer):
    wanted, given = reference(state), answer.strip()
    if given == wanted:
        return 1.0
    if len(given) != len(wanted):
        return 0.0
    return 0.98 * sum(a == b for a, b in zip(wanted, given)) / len(wanted)
