"""Peak sum: the sum of all local peaks of a mountain profile.

Defect: generate returns a bare list instead of a JSON object.
"""

TAGS = ("sequences", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    return [rng.randint(100, 999) for _ in range(7 + 3 * difficulty)]


def prompt(state):
    return (
        f"Heights along a path: {', '.join(map(str, state))}. A peak is a height, neither the first nor the last, that is larger "
        "than both of its neighbours. What is the sum of all peaks (0 if there is none)?"
    )


def reference(state):
    return str(sum(b for a, b, c in zip(state, state[1:], state[2:]) if a < b > c))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
