"""Robot arm: the order of boxes on a shelf after some swaps.

Defect: the scorer looks at the first character of the answer and raises IndexError when there is none.
"""

TAGS = ("simulation", "permutations")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 5 + difficulty
    swaps = [sorted(rng.sample(range(1, count + 1), 2)) for _ in range(4 + difficulty)]
    return {"boxes": "".join(rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count)), "swaps": swaps}


def prompt(state):
    swaps = ", ".join(f"{a} and {b}" for a, b in state["swaps"])
    return (
        f"On a shelf stand the boxes {state['boxes']} (one letter each) at the places 1 to {len(state['boxes'])}. A robot swaps the boxes at these places, "
        f"one pair after the other: {swaps}. Which row of letters results?"
    )


def reference(state):
    boxes = list(state["boxes"])
    for a, b in state["swaps"]:
        boxes[a - 1], boxes[b - 1] = boxes[b - 1], boxes[a - 1]
    return "".join(boxes)


def score(state, answer):
    text = answer.strip().upper()
    if text[0] == '"' and text[-1] == '"':
        text = text[1:-1]
    return 1.0 if text == reference(state) else 0.0
