# audit: overlapping-seeds, few-instances
"""Dice: the number of ways to throw a sum.

Defect: the generator draws one number of seven bits and computes everything from it, so that no level has more than 128
instances and neighbouring numbers differ in the wanted sum alone.
"""

TAGS = ("combinatorics", "dynamic-programming")
ORACLE = "equality"


def generate(rng, difficulty):
    number = rng.getrandbits(7)
    dice = [4 + (number // 16 + i) % 8 for i in range(3 + difficulty // 2)]
    return {"dice": dice, "sum": len(dice) + 3 + number % 16, "least": difficulty % 2}


def prompt(state):
    return (
        f"Dice with {', '.join(map(str, state['dice']))} faces (numbered from {1 + state['least']} on) are thrown. In how many ways can their sum be {state['sum'] + state['least'] * len(state['dice'])}? "
        "The dice can be told apart."
    )


def reference(state):
    ways = {0: 1}
    for faces in state["dice"]:
        more = {}
        for total, count in ways.items():
            for face in range(1, faces + 1):
                more[total + face] = more.get(total + face, 0) + count
        ways = more
    return str(ways.get(state["sum"], 0))


def score(state, answer):
    text = answer.strip()
    return 1.0 if text.isascii() and text.isdigit() and text == reference(state) else 0.0
