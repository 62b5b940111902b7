"""Elementary automaton: a row of bits after some steps of a given rule.

The answer is a binary string, which is not a number: leading zeros belong to it.
"""

TAGS = ("cellular-automata", "binary")
ORACLE = "equality"

LIVELY = (22, 30, 45, 54, 60, 73, 75, 86, 89, 90, 101, 102, 105, 106, 110, 120, 135, 149, 150, 169)


def generate(rng, difficulty):
    width = 7 + difficulty
    return {
        "row": "".join(rng.choices("01", k=width)),
        "rule": rng.choice(LIVELY),
        "steps": 2 + difficulty // 2,
    }


def prompt(state):
    table = ", ".join(f"{i:03b} becomes {state['rule'] >> i & 1}" for i in range(7, -1, -1))
    return (
        f"The bits {state['row']} stand in a circle, so that the last one is the left neighbour of the first one. In each step "
        "every bit is replaced, all at once, depending on its left neighbour, itself and its right neighbour: "
        f"{table}. What is the row after {state['steps']} steps? Write all bits without spaces."
    )


def reference(state):
    row = [int(bit) for bit in state["row"]]
    for _ in range(state["steps"]):
        row = [
            state["rule"] >> (4 * row[i - 1] + 2 * row[i] + row[(i + 1) % len(row)]) & 1 for i in range(len(row))
        ]
    return "".join(map(str, row))


def score(state, answer):
    return 1.0 if "".join(answer.split()) == reference(state) else 0.0
