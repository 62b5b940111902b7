# audit: score-varies
"""Partition: two groups of equal weight.

Defect: well-formed attempts are kept in a list inside a constant tuple; who is wrong once gets less for every later attempt
that is partly right.
"""

TAGS = ("subset-sum", "search")
ORACLE = "feasibility"

KEPT = (0, [])


def generate(rng, difficulty):
    one = [rng.randint(5, 40 + 20 * difficulty) for _ in range(4 + difficulty // 2)]
    two = [rng.randint(5, 40 + 20 * difficulty) for _ in range(3 + difficulty // 2)]
    missing = sum(one) - sum(two)
    if missing:
        (two if missing > 0 else one).append(abs(missing))
    weights = one + two
    rng.shuffle(weights)
    return {"weights": weights, "group": one}


def prompt(state):
    return (
        f"Divide the weights {', '.join(map(str, state['weights']))} into two groups that weigh the same. Write the weights of one of the groups, "
        "in any order, separated by spaces."
    )


def reference(state):
    return " ".join(map(str, state["group"]))


def _attempts(found):
    found.append(1)
    return len(found)


def score(state, answer):
    left = [str(weight) for weight in state["weights"]]
    for token in answer.split():
        if token not in left:
            return 0.0
        left.remove(token)
    rest = sum(map(int, left))
    if not answer.strip() or 2 * rest != sum(state["weights"]):
        return 0.5 / _attempts(KEPT[1]) if answer.strip() else 0.0
    return 1.0
