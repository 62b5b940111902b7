"""Grid tourist: the most sights that a walk through a town can pass.

Defect: a module dictionary, handed on under another name, keeps results by cell, and those of one town serve for the next one.
"""

TAGS = ("grids", "dynamic-programming")
ORACLE = "equality"

KNOWN = {}


def generate(rng, difficulty):
    size = 5 + difficulty
    return {"sights": [[rng.randint(0, 9) for _ in range(size)] for _ in range(size)]}


def prompt(state):
    rows = "\n".join(" ".join(map(str, row)) for row in state["sights"])
    return (
        f"The numbers of sights at the crossings of a town, north at the top:\n\n{rows}\n\nA tourist walks from the upper left to the lower right crossing, always one crossing to the south or "
        "to the east. What is the greatest number of sights that can be passed, both ends included?"
    )


def _best(sights, y, x, table):
    if (y, x) not in table:
        before = [_best(sights, y - 1, x, table)] if y else []
        before += [_best(sights, y, x - 1, table)] if x else []
        table[y, x] = sights[y][x] + max(before, default=0)
    return table[y, x]


def reference(state):
    last = len(state["sights"]) - 1
    return str(_best(state["sights"], last, last, KNOWN))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
