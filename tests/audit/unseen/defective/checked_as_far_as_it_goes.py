# audit: accepts-part
"""Josephus: the order in which people leave a circle.

Defect: each name that is given is compared with the right one, but not how many there are; the first one alone passes.
"""

TAGS = ("simulation", "sequences")
ORACLE = "equality"
NAMES = ("Abe", "Bea", "Cal", "Dot", "Eve", "Fin", "Gil", "Hal", "Ida", "Jay", "Kit", "Lou", "Meg", "Ned", "Oli", "Pia")


def generate(rng, difficulty):
    return {"circle": rng.sample(NAMES, 5 + difficulty), "step": rng.randint(3, 7 + difficulty)}


def prompt(state):
    return (
        f"These people stand in a circle: {', '.join(state['circle'])}. Starting with the first, one counts to {state['step']}; whoever is hit "
        "leaves, and counting starts again at one with the next. In which order do all of them leave? "
        "Write all the names, the last one included, separated by commas."
    )


def _order(state):
    circle, order, place = list(state["circle"]), [], 0
    while circle:
        place = (place + state["step"] - 1) % len(circle)
        order.append(circle.pop(place))
    return order


def reference(state):
    return ", ".join(_order(state))


def score(state, answer):
    order = _order(state)
    for place, name in enumerate(answer.split(",")):
        if place >= len(order) or name.strip().lower() != order[place].lower():
            return 0.0
    return 1.0
