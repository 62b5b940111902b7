# audit: ignores-order
"""Deliveries: the round trip of the greedy postman.

Defect: both lists of houses are sorted before they are compared, although the order is what is asked for.
"""

TAGS = ("simulation", "geometry")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"start": rng.randint(1, 200), "houses": rng.sample(range(1, 200), 5 + difficulty)}


def prompt(state):
    return (
        f"A postman starts at house {state['start']} of a street and has letters for the houses {', '.join(map(str, state['houses']))}. From where he is "
        "he always goes to the nearest house that still gets a letter (of two as near, to that with the smaller number). "
        "In which order does he visit the houses? Separate the numbers by commas."
    )


def reference(state):
    here, left, order = state["start"], list(state["houses"]), []
    while left:
        here = min(left, key=lambda house: (abs(house - here), house))
        left.remove(here)
        order.append(here)
    return ", ".join(map(str, order))


def _numbers(text):
    return sorted(int(part) for part in text.split(","))


def score(state, answer):
    try:
        return 1.0 if _numbers(answer) == _numbers(reference(state)) else 0.0
    except ValueError:
        return 0.0
