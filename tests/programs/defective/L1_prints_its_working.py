"""Escalators: the floor reached by a sequence of escalators and lifts.

Defect: reference prints its intermediate results, and print is forbidden.
"""

TAGS = ("simulation", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    floors = 12 + 3 * difficulty
    moves = [[rng.choice(["up", "down", "mirror"]), rng.randint(1, 9)] for _ in range(5 + 2 * difficulty)]
    return {"floors": floors, "start": rng.randrange(floors), "moves": moves}


def prompt(state):
    words = {"up": "go up {} floors", "down": "go down {} floors", "mirror": "take the mirror lift and go up {} floors"}
    moves = "; ".join(words[kind].format(count) for kind, count in state["moves"])
    return (
        f"A tower has the floors 0 to {state['floors'] - 1}; above the top floor comes floor 0 again, and below floor 0 the top "
        f"floor. The mirror lift leads from floor x to floor {state['floors'] - 1} - x. From floor {state['start']} you {moves}. "
        "On which floor are you?"
    )


def reference(state):
    floor = state["start"]
    for kind, count in state["moves"]:
        if kind == "mirror":
            floor = state["floors"] - 1 - floor
        floor = (floor + (-count if kind == "down" else count)) % state["floors"]
        print(kind, count, "->", floor)
    return str(floor)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
