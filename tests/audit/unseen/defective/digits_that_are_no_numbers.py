# audit: score-raises
"""Dominoes: the pips at the end of a row of dominoes.

Defect: isdigit is also true of raised digits such as the square sign, of which int can make nothing.
"""

TAGS = ("simulation", "matching")
ORACLE = "equality"


def generate(rng, difficulty):
    stones = [[rng.randint(0, 9), rng.randint(0, 9)] for _ in range(8 + 2 * difficulty)]
    return {"start": rng.randint(0, 9), "stones": stones}


def prompt(state):
    stones = ", ".join(f"{a}|{b}" for a, b in state["stones"])
    return (
        f"A row of dominoes ends in {state['start']}. The stones {stones} are looked at once each, in this order: a stone one of whose halves equals the "
        "end of the row is laid there (turned if need be), and its other half is the new end; other stones are put aside. "
        "What is the sum of all the pips, both halves, of the stones that were laid?"
    )


def reference(state):
    end, total = state["start"], 0
    for a, b in state["stones"]:
        if end in (a, b):
            end, total = (b if a == end else a), total + a + b
    return str(total)


def score(state, answer):
    text = answer.strip()
    if not text.isdigit() or len(text) > 20:
        return 0.0
    return 1.0 if int(text) == int(reference(state)) else 0.0
