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
    visual: Annotated[
        bool,
        typer.Option(
            "--visual", metavar="", help="A program that puts its question with a picture (equality)."
        ),
    ] = False,
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
    if visual and oracle != "equality":
        raise UsageError("the visual skeleton has one right answer: leave out --oracle")
    words = re.sub("[_ -]+", " ", name).strip()
    path = out or Path(words.lower().replace(" ", "_") + ".py")
    if path.is_dir():
        path /= words.lower().replace(" ", "_") + ".py"
    title = words[0].upper() + words[1:]
    with writing(path):
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(_SKELETONS["visual" if visual else oracle].replace("TITLE", title, 1))
        except FileExistsError as error:
            raise UsageError(
                f"{path} exists already: give another name, or another place with --out"
            ) from error
    console = screen()
    console.print(
        text(f"Wrote {path}: a complete program ({'visual' if visual else oracle}) to change step by step."),
        soft_wrap=True,
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

_VISUAL = '''"""TITLE: how many of the dots on a board lie in its frame.

The first line above is the title. Say here what the question is and what the levels change. docs/contract.md and
docs/visual.md have all the rules; `envforge check` verifies them.
"""

from canvas import Canvas, Grid, look

# What kind of seeing it asks for: spatial, mathematical, diagram, pattern or counting.
BUCKET = "counting"

# What each of the ten levels adds. A level changes the mechanism, not only the size.
LEVELS = (
    "dots in the framed corner",
    "a larger board",
    "a frame away from the corner",
    "a larger board",
    "rings among the dots",
    "a larger board",
    "two frames, in either",
    "a larger board",
    "two frames, in both",
    "a larger board",
)

# 1 to 6 abilities that a solver needs, lower-case words joined by "-".
TAGS = ("counting", "spatial-reasoning")

# "equality": there is one right answer, and `reference` computes it.
ORACLE = "equality"


def generate(rng, difficulty):
    """Draw the facts, and the look of the picture: `render` has no chance of its own."""
    n = 6 + (difficulty + 1) // 2
    cells = rng.sample(range(n * n), rng.randint(2 * n, 3 * n))
    rings = rng.randint(2, n) if difficulty >= 4 else 0
    frames = []
    for _ in range(2 if difficulty >= 6 else 1):
        size = rng.randint(n // 2, n - 1)
        most = n - size if difficulty >= 2 else 0
        frames.append([rng.randint(0, most), rng.randint(0, most), size])
    return {
        "n": n,
        "dots": sorted(cells[rings:]),
        "rings": sorted(cells[:rings]),
        "frames": frames,
        "both": difficulty >= 8,
        "look": look(rng),
    }


def prompt(state):
    """The rule and the question. What the picture shows is not repeated here."""
    where = "the frame"
    if len(state["frames"]) == 2:
        where = "both frames at once" if state["both"] else "at least one of the two frames"
    return f"How many filled dots lie in {where}? Rings do not count. Answer with one integer."


def reference(state):
    """Computed from the state, before anything is drawn."""
    n, count = state["n"], 0
    for dot in state["dots"]:
        row, col = dot // n, dot % n
        inside = [top <= row < top + size and left <= col < left + size for top, left, size in state["frames"]]
        count += all(inside) if state["both"] else any(inside)
    return str(count)


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    """One SVG document; everything that decides the answer is in it."""
    c = Canvas(512, 512, state["look"])
    g = Grid(c, state["n"], state["n"])
    for cell in state["dots"] + state["rings"]:
        place = g.center((cell // state["n"], cell % state["n"]))
        c.circle(place, g.cell * 0.24, fill="ink" if cell in state["dots"] else "paper")
    for number, (top, left, size) in enumerate(state["frames"]):
        g.block(top, left, top + size - 1, left + size - 1, stroke=number, width=6)
    return c.svg()
'''

_SKELETONS = {"equality": _EQUALITY, "feasibility": _FEASIBILITY, "visual": _VISUAL}
