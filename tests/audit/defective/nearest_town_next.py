# audit: label-contradicted
"""Round trip: the shortest round trip through some towns.

Defect: the reference goes on to the nearest town that was not visited; the shortest round trip is often another.
"""

TAGS = ("graphs", "optimization")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 4 + difficulty // 3
    size = 9 + 6 * difficulty
    towns = [[rng.randint(0, size), rng.randint(0, size)] for _ in range(count)]
    return {"towns": towns}


def prompt(state):
    towns = ", ".join(f"({x}, {y})" for x, y in state["towns"])
    return (
        f"Towns lie at the points {towns}. The way between two of them is as long as the difference of their first coordinates plus that of their second. "
        "How long is the shortest round trip that begins and ends in the first town and visits all others?"
    )


def _way(a, b):
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def reference(state):
    at, *left = state["towns"]
    total = 0
    while left:
        near = min(left, key=lambda town: _way(at, town))
        left.remove(near)
        total, at = total + _way(at, near), near
    return str(total + _way(at, state["towns"][0]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
