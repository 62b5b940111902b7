"""Postage: the fewest stamps that make up an exact postage.

Defect: at level 9 all stamps are multiples of six, so that five of six answers are "impossible".
"""

TAGS = ("dynamic-programming", "optimization")
ORACLE = "equality"


def generate(rng, difficulty):
    step = 6 if difficulty == 9 else 1
    stamps = sorted(step * value for value in rng.sample(range(4, 20 + 3 * difficulty), 3))
    return {"stamps": stamps, "postage": rng.randint(50 + 30 * difficulty, 120 + 60 * difficulty)}


def prompt(state):
    a, b, c = state["stamps"]
    return (
        f"Stamps of {a}, {b} and {c} cents are available in any number. What is the least number of stamps that make up exactly "
        f"{state['postage']} cents? If it cannot be done, answer impossible."
    )


def reference(state):
    many = 10**9
    best = [0]
    for amount in range(1, state["postage"] + 1):
        best.append(1 + min((best[amount - stamp] for stamp in state["stamps"] if stamp <= amount), default=many))
    return str(best[-1]) if best[-1] < many else "impossible"


def score(state, answer):
    text = answer.strip().lower()
    if text.isascii() and text.isdigit():
        text = text.lstrip("0")
    return 1.0 if text == reference(state) else 0.0
