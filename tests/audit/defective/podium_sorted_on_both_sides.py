# audit: ignores-order
"""Race: the order of arrival after some overtaking.

Defect: both the answer and the order of arrival are sorted before they are compared.
"""

TAGS = ("simulation", "ordering")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 4 + difficulty
    return {"runners": rng.sample(range(11, 99), count), "passes": [rng.randint(2, count) for _ in range(3 + 2 * difficulty)]}


def prompt(state):
    passes = ", ".join(map(str, state["passes"]))
    return (
        f"Runners with the numbers {', '.join(map(str, state['runners']))} run in this order. One after the other, whoever is then in place "
        f"{passes} overtakes the runner just ahead. Write the numbers of the first three in the order of arrival, separated by spaces."
    )


def reference(state):
    order = list(state["runners"])
    for place in state["passes"]:
        order[place - 2], order[place - 1] = order[place - 1], order[place - 2]
    return " ".join(map(str, order[:3]))


def score(state, answer):
    return 1.0 if sorted(answer.split()) == sorted(reference(state).split()) else 0.0
