"""Interleaved walks: the distance of two walkers after alternating steps.

Defect: reads the local variables of a suspended generator through gi_frame.f_locals.
"""

TAGS = ("simulation", "sequences")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 5 + 2 * difficulty
    return {"left": [rng.randint(1, 30) for _ in range(count)], "right": [rng.randint(1, 30) for _ in range(count)]}


def prompt(state):
    return (
        "Two walkers start at the same milestone of a straight road. The first one walks these distances, turning round "
        f"after each: {', '.join(map(str, state['left']))}; the second one these, also turning round after each: "
        f"{', '.join(map(str, state['right']))}. Both set out in the same direction. How far apart are they in the end?"
    )


def _walk(distances):
    place, sign = 0, 1
    for distance in distances:
        place, sign = place + sign * distance, -sign
    yield place


def reference(state):
    places = []
    for side in ("left", "right"):
        walk = _walk(state[side])
        next(walk)
        places.append(walk.gi_frame.f_locals["place"])
    return str(abs(places[0] - places[1]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
