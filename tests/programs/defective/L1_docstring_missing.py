# Parking spiral: which number lies at a place of a number spiral.
#
# Defect: this is a comment; the module has no docstring and therefore no title.

TAGS = ("grids", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    reach = 4 + 2 * difficulty
    return {"points": [[rng.randint(-reach, reach), rng.randint(-reach, reach)] for _ in range(2 + difficulty)]}


def prompt(state):
    points = ", ".join(f"({x}, {y})" for x, y in state["points"])
    return (
        "The whole numbers are written on a square grid in a spiral: 0 at (0, 0), 1 at (1, 0), 2 at (1, 1), 3 at (0, 1), "
        "4 at (-1, 1), 5 at (-1, 0), 6 at (-1, -1), 7 at (0, -1), 8 at (1, -1), 9 at (2, -1), and so on around. "
        f"What is the sum of the numbers at {points}?"
    )


def _number(x, y):
    ring = max(abs(x), abs(y))
    last = (2 * ring + 1) ** 2 - 1
    if y == -ring:
        return last - (ring - x)
    if x == -ring:
        return last - 2 * ring - (y + ring)
    if y == ring:
        return last - 4 * ring - (x + ring)
    return last - 6 * ring - (ring - y)


def reference(state):
    return str(sum(_number(x, y) for x, y in state["points"]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
