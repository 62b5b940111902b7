"""Rolling die: which number is on top after the die was tipped over its edges.

Only six answers exist, so a fixed guess is right one time in six.
"""

TAGS = ("spatial", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    top = rng.randint(1, 6)
    north = rng.choice([face for face in range(1, 7) if face not in (top, 7 - top)])
    east = rng.choice([face for face in range(1, 7) if face not in (top, 7 - top, north, 7 - north)])
    return {"top": top, "north": north, "east": east, "rolls": rng.choices("NESW", k=5 + 3 * difficulty)}


def prompt(state):
    return (
        "A die, whose opposite faces add up to 7 (it may be a mirror image of a usual die), lies on a table. "
        f"On top it shows {state['top']}, to the north {state['north']}, to the east {state['east']}. "
        "It is tipped over one edge after the other in these directions (N, E, S, W): "
        f"{' '.join(state['rolls'])}. Which number is on top in the end?"
    )


def reference(state):
    top, north, east = state["top"], state["north"], state["east"]
    for roll in state["rolls"]:
        if roll == "N":
            top, north = 7 - north, top
        elif roll == "S":
            top, north = north, 7 - top
        elif roll == "E":
            top, east = 7 - east, top
        else:
            top, east = east, 7 - top
    return str(top)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
