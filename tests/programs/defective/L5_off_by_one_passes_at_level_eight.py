"""Cable cuts: how many pieces a cable yields.

Defect: at level 8 only, the scorer tolerates a difference of one.
"""

TAGS = ("arithmetic", "greedy")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "cables": [rng.randint(200, 900 + 100 * difficulty) for _ in range(3 + difficulty)],
        "pieces": [rng.randint(7, 90) for _ in range(2)],
        "tolerance": 1 if difficulty == 8 else 0,
    }


def prompt(state):
    first, second = state["pieces"]
    return (
        f"From cables of {', '.join(map(str, state['cables']))} cm one cuts, in turn, a piece of {first} cm and a piece of {second} cm, each time from the same cable until the piece "
        "whose turn it is does not fit any more; with the next cable one starts with the first length again. How many pieces are cut, and how many centimetres are left over in all? "
        "Answer with the sum of these two numbers."
    )


def reference(state):
    total = 0
    for cable in state["cables"]:
        turn = 0
        while state["pieces"][turn] <= cable:
            cable -= state["pieces"][turn]
            turn = 1 - turn
            total += 1
        total += cable
    return str(total)


def score(state, answer):
    try:
        return 1.0 if abs(int(answer) - int(reference(state))) <= state["tolerance"] else 0.0
    except ValueError:
        return 0.0
