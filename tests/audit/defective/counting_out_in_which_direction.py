# audit: ambiguous-prompt
"""Counting out: the last one left in a circle.

Defect: whether one counts clockwise or the other way is part of the state and not of the prompt.
"""

TAGS = ("simulation", "circles")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 5 + 2 * difficulty + rng.randint(0, 2)
    return {"children": rng.sample(range(10, 99), count), "words": rng.randint(3, 12), "clockwise": rng.random() < 0.5}


def prompt(state):
    return (
        f"Children with the numbers {', '.join(map(str, state['children']))} stand in a circle, in this order clockwise. A rhyme of {state['words']} words begins at the "
        "first of them; the child on whom the last word falls leaves, and the rhyme begins anew at the next one. Who is left last?"
    )


def reference(state):
    circle = list(state["children"])
    if not state["clockwise"]:
        circle = circle[:1] + circle[:0:-1]
    at = 0
    while len(circle) > 1:
        at = (at + state["words"] - 1) % len(circle)
        circle.pop(at)
    return str(circle[at % len(circle)])


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0
