"""Small visual programs for tests: correct ones, and the same with one thing wrong."""

from __future__ import annotations

from typing import Any

# Dots in a row of a grid: how many are there? The picture and the rule change with the level.
DOTS = '''"""TITLE"""

BUCKET = "counting"
LEVELS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TAGS = ("counting", "dots")
ORACLE = "equality"


def generate(rng, difficulty):
    side = 4 + difficulty // 2
    cells = rng.sample(range(side * side), rng.randint(2, side * side - 2))
    return {"side": side, "cells": sorted(cells), "level": difficulty}


def prompt(state):
    if state["level"] > 4:
        return "Of the squares of the board, how many hold no dot? Answer with one integer."
    return "How many dots lie on the board? Answer with one integer."


def reference(state):
    dots = len(state["cells"])
    return str(state["side"] ** 2 - dots if state["level"] > 4 else dots)


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    side = state["side"]
    step = 480 / side
    marks = "".join(
        f'<circle cx="{(c % side + 0.5) * step}" cy="{(c // side + 0.5) * step}" r="{step / 3}" fill="#1d4ed8"/>'
        for c in state["cells"]
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 480">{marks}</svg>'
'''

SUMS = '''"""TITLE"""

TAGS = ("sums", "numbers")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"parts": [rng.randint(1, 99) for _ in range(2 + difficulty)]}


def prompt(state):
    return f"What do {' and '.join(map(str, state['parts']))} add up to?"


def reference(state):
    return str(sum(state["parts"]))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0
'''


def dots(*changes: tuple[str, str], title: str = "Dots: how many there are.") -> str:
    """The visual program with pieces of its source replaced, each of which must be there."""
    return changed(DOTS, ("TITLE", title), *changes)


def sums(*changes: tuple[str, str], title: str = "Sums: add numbers up.") -> str:
    """The text program, in the same way."""
    return changed(SUMS, ("TITLE", title), *changes)


def changed(source: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return source


def in_function(name: str, line: str, arguments: str = "state") -> tuple[str, str]:
    """A change that puts a statement first in a function."""
    head = f"def {name}({arguments}):\n"
    return head, f"{head}    {line}\n"


def without(data: Any, *names: str) -> Any:
    """JSON data without the keys `names`, at any depth."""
    if isinstance(data, dict):
        return {key: without(value, *names) for key, value in data.items() if key not in names}
    return [without(item, *names) for item in data] if isinstance(data, list) else data
