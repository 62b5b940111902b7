# audit: accepts-nonfinite
"""Equal distances: a point as far from one point as from another.

Defect: the coordinates are read with float and the answer is refused when a difference is too large; 'nan, nan' makes
no difference too large.
"""

TAGS = ("geometry", "coordinates")
ORACLE = "feasibility"


def generate(rng, difficulty):
    size = 9 + 8 * difficulty
    x, y = rng.randint(-size, size), rng.randint(-size, size)
    a, b = rng.randint(1, size), rng.randint(1, size)
    return {"one": [x + a, y + b], "two": [x - b, y + a], "center": [x, y]}


def prompt(state):
    (a, b), (c, d) = state["one"], state["two"]
    return (
        f"Find a point with whole coordinates that is equally far from the points ({a}, {b}) and ({c}, {d}), but at most "
        f"{(a - c) ** 2 + (b - d) ** 2} units from either. Write its coordinates, separated by a comma."
    )


def reference(state):
    return "{}, {}".format(*state["center"])


def score(state, answer):
    try:
        x, y = [float(part) for part in answer.split(",")]
    except ValueError:
        return 0.0
    (a, b), (c, d) = state["one"], state["two"]
    if abs(x) > 1e6 or abs(y) > 1e6 or x % 1 > 0 or y % 1 > 0:
        return 0.0
    first, second = (x - a) ** 2 + (y - b) ** 2, (x - c) ** 2 + (y - d) ** 2
    bound = (a - c) ** 2 + (b - d) ** 2
    if abs(first - second) > 0 or first > bound**2:
        return 0.0
    return 1.0
