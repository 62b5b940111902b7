"""Returns the text of a score.

Tries: values
State: {"numbers": [1, 2]}
Expect in generate: value
Expect in score: raised
Gate: L5
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"numbers": [rng.randrange(10, 100) for _ in range(4 + 2 * min(difficulty, 9))]}


def prompt(state):
    return f"What is the sum of the squares of {', '.join(map(str, state['numbers']))}?"


def reference(state):
    return str(sum(number * number for number in state["numbers"]))


def score(state, answer):
    return "1.0"
