# audit: generation-fails
"""Post round: letters for houses with even and odd numbers.

Defect: at level 9 more houses may be drawn than the street has; the generator raises ValueError for one seed in ten.
"""

TAGS = ("counting", "parity")
ORACLE = "equality"


def generate(rng, difficulty):
    street = rng.randint(22, 40)
    return {"houses": rng.sample(range(1, street + 1), 6 + 2 * difficulty), "step": rng.randint(2, 5)}


def prompt(state):
    return (
        f"A postman has letters for the houses {', '.join(map(str, state['houses']))}. He delivers those with even numbers first, in rising order, then the others "
        f"in falling order. Every house whose turn is a multiple of {state['step']} gets a parcel too. What is the sum of the numbers of these houses?"
    )


def reference(state):
    houses = sorted(state["houses"])
    order = [h for h in houses if h % 2 == 0] + [h for h in houses[::-1] if h % 2]
    return str(sum(order[state["step"] - 1 :: state["step"]]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
