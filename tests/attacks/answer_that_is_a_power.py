"""Computes the answer, a power that takes for ever.

Tries: answers
State: {"numbers": [1, 2]}
Answer: 9**9**9**9
Expect in generate: value
Expect in score: out of CPU time, out of wall time, out of memory, raised
Limit: 0.15
Gate: L1
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
    return 1.0 if eval(answer, {"__builtins__": {}}) == int(reference(state)) else 0.0
