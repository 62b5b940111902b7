# audit: score-varies
"""Orchestra: a row of players with neighbours who get on.

Defect: the part that is right is measured from the first quarrel that a loop over a set of names meets, and the order of a
set is another in each process.
"""

TAGS = ("constraints", "permutations")
ORACLE = "feasibility"

NAMES = ("Amy", "Bert", "Cora", "Doug", "Edna", "Fred", "Gwen", "Hans", "Ilse", "Jeff", "Kate", "Lars", "Maud", "Nils")


def generate(rng, difficulty):
    row = rng.sample(NAMES, 5 + difficulty)
    others = [[a, b] for i, a in enumerate(row) for b in row[i + 2 :]]
    quarrels = rng.sample(others, min(len(others), 3 + 2 * difficulty))
    return {"names": sorted(row), "row": row, "quarrels": [sorted(pair) for pair in quarrels]}


def prompt(state):
    quarrels = ", ".join(" and ".join(pair) for pair in state["quarrels"])
    return (
        f"The players {', '.join(state['names'])} are to sit in a row. These do not want to be neighbours: {quarrels}. "
        "Write all the names in an order that suits everybody, separated by spaces or commas."
    )


def reference(state):
    return ", ".join(state["row"])


def score(state, answer):
    row = answer.replace(",", " ").split()
    if sorted(row) != state["names"]:
        return 0.0
    unhappy = {name for pair in zip(row, row[1:]) if sorted(pair) in state["quarrels"] for name in pair}
    for name in unhappy:
        return row.index(name) / (2 * len(row))
    return 1.0
