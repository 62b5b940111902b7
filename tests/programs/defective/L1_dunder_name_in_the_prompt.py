"""Operator chain: the result of a chain of named bit operations.

Defect: the prompt shows each operation by its __name__, a double-underscore attribute.
"""

import operator

TAGS = ("binary", "arithmetic")
ORACLE = "equality"

OPERATIONS = {"AND": operator.and_, "OR": operator.or_, "XOR": operator.xor}


def generate(rng, difficulty):
    bits = 6 + difficulty
    return {
        "start": rng.getrandbits(bits),
        "steps": [[rng.choice(sorted(OPERATIONS)), rng.getrandbits(bits)] for _ in range(3 + difficulty)],
    }


def prompt(state):
    steps = "; ".join(f"{OPERATIONS[name].__name__.strip('_')} with {value}" for name, value in state["steps"])
    return f"Apply these bitwise operations to {state['start']} one after the other: {steps}. Which number results?"


def reference(state):
    value = state["start"]
    for name, other in state["steps"]:
        value = OPERATIONS[name](value, other)
    return str(value)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
