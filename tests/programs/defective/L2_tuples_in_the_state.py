"""Rectangles: the area that is covered by overlapping rectangles.

Defect: the state holds tuples, which come back from JSON as lists.
"""

TAGS = ("geometry", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    rectangles = []
    for _ in range(2 + difficulty // 2):
        x, y = rng.randint(0, 8 + difficulty), rng.randint(0, 8 + difficulty)
        rectangles.append((x, y, x + rng.randint(2, 7 + difficulty), y + rng.randint(2, 7 + difficulty)))
    return {"rectangles": rectangles, "scale": 1 + difficulty}


def prompt(state):
    corners = "; ".join(f"({a}, {b}) and ({c}, {d})" for a, b, c, d in state["rectangles"])
    return (
        f"Rectangles with sides along the axes are given by two opposite corners: {corners}. How large is the area that at "
        f"least one of them covers, if one unit of length is {state['scale']} cm? Give square centimetres."
    )


def reference(state):
    cells = {(x, y) for a, b, c, d in state["rectangles"] for x in range(a, c) for y in range(b, d)}
    return str(len(cells) * state["scale"] ** 2)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
