"""Staircase paths: lattice paths that never step on a blocked point.

Defect: the constant TAGS is missing.
"""

ORACLE = "equality"


def generate(rng, difficulty):
    width, height = 4 + difficulty, 4 + difficulty // 2
    points = [[x, y] for x in range(width + 1) for y in range(height + 1)][1:-1]
    return {"width": width, "height": height, "blocked": sorted(rng.sample(points, 3 + difficulty // 3))}


def prompt(state):
    blocked = ", ".join(f"({x}, {y})" for x, y in state["blocked"])
    return (
        f"A path goes from (0, 0) to ({state['width']}, {state['height']}) by unit steps to the right or upwards. "
        f"How many such paths avoid all of the points {blocked}?"
    )


def reference(state):
    count = {(0, 0): 1}
    for x in range(state["width"] + 1):
        for y in range(state["height"] + 1):
            if [x, y] in state["blocked"]:
                count[x, y] = 0
            elif x or y:
                count[x, y] = count.get((x - 1, y), 0) + count.get((x, y - 1), 0)
    return str(count[state["width"], state["height"]])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
