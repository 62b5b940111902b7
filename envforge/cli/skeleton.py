"""`envforge new`: a commented program for human authors that passes every gate as it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

_NAME = re.compile("[A-Za-z][A-Za-z0-9_ -]{0,79}")


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Letters, digits, spaces, - and _; it becomes the title.")
    ],
    oracle: Annotated[
        Literal["equality", "feasibility"],
        typer.Option(
            "--oracle", help="equality: one right answer; feasibility: any answer that meets the constraints."
        ),
    ] = "equality",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write it (default: NAME.py here)."),
    ] = None,
) -> None:
    """Write the skeleton of a new environment program: complete, commented, ready to be changed."""
    from envforge.cli.display import screen, text
    from envforge.cli.exits import writing
    from envforge.errors import UsageError

    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' is no name: begin with a letter, then letters, digits, spaces, - or _")
    words = re.sub("[_ -]+", " ", name).strip()
    path = out or Path(words.lower().replace(" ", "_") + ".py")
    if path.is_dir():
        path /= words.lower().replace(" ", "_") + ".py"
    title = words[0].upper() + words[1:]
    with writing(path):
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(_SKELETONS[oracle].replace("TITLE", title, 1))
        except FileExistsError as error:
            raise UsageError(
                f"{path} exists already: give another name, or another place with --out"
            ) from error
    console = screen()
    console.print(
        text(f"Wrote {path}: a complete program ({oracle}) to change step by step."), soft_wrap=True
    )
    console.print(text(f"Try:   envforge play {path}", "dim"), soft_wrap=True)
    console.print(text(f"Then:  envforge check {path}", "dim"), soft_wrap=True)


_EQUALITY = '''"""TITLE: the number that a counter shows after a list of steps.

The first line above is the title. Say here what the question is, how the answer is computed and what the levels
add. docs/contract.md has all the rules; `envforge check` verifies them.
"""

# 1 to 6 abilities that a solver needs, lower-case words joined by "-".
TAGS = ("arithmetic", "simulation")

# "equality": there is one right answer, and `reference` computes it.
ORACLE = "equality"

# Constants are fine at module level, but nothing may change them later.
WORDS = {"add": "Add {}.", "multiply": "Multiply by {}.", "keep": "Keep the remainder of a division by {}."}


def generate(rng, difficulty):
    """Draw a question as a JSON object: strings, numbers, lists, dicts with string keys; no tuples, no sets.

    `rng` is a random.Random and the only source of chance. `difficulty` goes from 0 to 9, and each level has to
    be harder than the one below: here it adds a step and makes the numbers larger.
    """
    steps = []
    for _ in range(3 + difficulty):
        kind = rng.choice(["add", "add", "multiply", "keep"])
        number = {
            "add": rng.randint(11, 99 + 50 * difficulty),
            "multiply": rng.randint(3, 9 + difficulty),
            "keep": rng.randint(101, 199 + 50 * difficulty),
        }[kind]
        steps.append([kind, number])
    return {"start": rng.randint(10, 99 + 50 * difficulty), "steps": steps}


def prompt(state):
    """Ask the question in words. It must say all that a solver needs and must not give the answer away."""
    lines = [f"{i}. {WORDS[kind].format(number)}" for i, (kind, number) in enumerate(state["steps"], 1)]
    return (
        f"A counter shows {state['start']}. Each of these steps changes the number that it shows, in this "
        "order:\\n\\n" + "\\n".join(lines) + "\\n\\nWhich number does the counter show after the last step?"
    )


def reference(state):
    """The right answer as text, without white space at its ends. Compute it; do not store it in the state."""
    shown = state["start"]
    for kind, number in state["steps"]:
        if kind == "add":
            shown += number
        elif kind == "multiply":
            shown *= number
        else:
            shown %= number
    return str(shown)


def score(state, answer):
    """1.0 for a right answer, less for any other text. It must never raise: `answer` may be anything."""
    try:
        return 1.0 if int(answer.strip()) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
'''

_FEASIBILITY = '''"""TITLE: an order of numbers in which no two neighbours add up to a multiple.

The first line above is the title. Say here what the question is, why it always has a solution and what the
levels add. docs/contract.md has all the rules; `envforge check` verifies them.
"""

# 1 to 6 abilities that a solver needs, lower-case words joined by "-".
TAGS = ("search", "constraint-satisfaction")

# "feasibility": many answers may be right, and `score` checks the constraints, never the stored solution.
ORACLE = "feasibility"


def generate(rng, difficulty):
    """Draw a question as a JSON object: strings, numbers, lists, dicts with string keys; no tuples, no sets.

    `rng` is a random.Random and the only source of chance. `difficulty` goes from 0 to 9, and each level has to
    be harder than the one below: here it adds a number and makes the numbers larger.
    """
    divisor = rng.choice([3, 4])
    # A solution is planted: every number is drawn such that it may follow the one before.
    planted = []
    while len(planted) < 6 + difficulty:
        number = rng.randint(10, 60 + 20 * difficulty)
        if number not in planted and (not planted or (planted[-1] + number) % divisor):
            planted.append(number)
    return {"divisor": divisor, "planted": planted}


def prompt(state):
    """State every rule that `score` checks, and no other. Here sorting hides the planted order."""
    numbers = ", ".join(map(str, sorted(state["planted"])))
    return (
        f"Write the numbers {numbers} in an order in which no two neighbours add up to a multiple of "
        f"{state['divisor']}. Use each number exactly once. There is at least one such order; if there are "
        "several, any one of them will do. Give the numbers separated by spaces."
    )


def reference(state):
    """One right answer as text, without white space at its ends."""
    return " ".join(map(str, state["planted"]))


def score(state, answer):
    """1.0 for an answer that meets the constraints, less for any other text. It must never raise.

    Words are compared with the numbers' own spelling, so that nothing has to be parsed.
    """
    numbers = {str(number): number for number in state["planted"]}
    words = answer.replace(",", " ").split()
    if sorted(words) != sorted(numbers):
        return 0.0
    order = [numbers[word] for word in words]
    right = all((one + two) % state["divisor"] for one, two in zip(order, order[1:]))
    return 1.0 if right else 0.0
'''

_SKELETONS = {"equality": _EQUALITY, "feasibility": _FEASIBILITY}
