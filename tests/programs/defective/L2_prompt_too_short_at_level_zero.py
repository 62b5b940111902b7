"""Long multiplication: the product of several numbers.

Defect: at level 0 the prompt has fewer than 20 characters.
"""

TAGS = ("arithmetic", "multiplication")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"factors": [rng.randint(1001, 9999) for _ in range(2 + difficulty)]}


def prompt(state):
    return f"{' * '.join(map(str, state['factors']))} = ?"


def reference(state):
    product = 1
    for factor in state["factors"]:
        product *= factor
    return str(product)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
