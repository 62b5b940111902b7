"""Triangle areas: twice the area of a polygon with integer corners.

Defect: every prompt ends with a hint that states the answer.
"""

TAGS = ("geometry", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 3 + difficulty
    corners = []
    x = 0
    for _ in range(count):
        x += rng.randint(1, 6)
        corners.append([x, rng.randint(10, 20 + 5 * difficulty)])
    return {"corners": [[0, 0], *corners, [x + rng.randint(1, 6), 0]]}


def prompt(state):
    corners = ", ".join(f"({x}, {y})" for x, y in state["corners"])
    return (
        f"A polygon has the corners {corners}, in this order. What is twice its area? "
        f"(Hint: add up the trapezoids below its upper edge; the answer is {reference(state)}.)"
    )


def reference(state):
    corners = state["corners"]
    return str(sum((b[0] - a[0]) * (a[1] + b[1]) for a, b in zip(corners, corners[1:])))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
