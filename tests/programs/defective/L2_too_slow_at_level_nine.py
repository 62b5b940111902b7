"""Stone piles: in how many ways a pile can be taken away.

Defect: plain recursion without a table; level 9 takes far more than two seconds, all other levels are quick.
"""

TAGS = ("counting", "recursion")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 60 if difficulty == 9 else 10 + difficulty
    return {"moves": [1, rng.randint(2, 4), 5 + difficulty], "size": size, "offset": rng.randint(1000, 9999)}


def prompt(state):
    a, b, c = state["moves"]
    return (
        f"In how many ways can a pile of {state['size']} stones be taken away completely, if each move takes {a}, {b} or {c} stones "
        f"and the order of the moves counts? Add this number to {state['offset']}."
    )


def _ways(stones, moves):
    if stones == 0:
        return 1
    return sum(_ways(stones - move, moves) for move in moves if move <= stones)


def reference(state):
    return str(_ways(state["size"], state["moves"]) + state["offset"])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
