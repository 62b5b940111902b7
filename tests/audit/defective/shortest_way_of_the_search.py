# audit: one-of-many, label-contradicted
"""Chess king: a shortest way of a king between two squares.

Defect: the prompt asks for a shortest way, of which there are many; the scorer knows the one that its own search finds.
"""

TAGS = ("grids", "paths")
ORACLE = "feasibility"


def generate(rng, difficulty):
    size = 16 + 2 * difficulty
    while True:
        a, b, c, d = (rng.randint(1, size) for _ in range(4))
        if max(abs(a - c), abs(b - d)) >= 2 + difficulty // 3 and abs(a - c) != abs(b - d):
            return {"size": size, "from": [a, b], "to": [c, d]}


def prompt(state):
    (a, b), (c, d) = state["from"], state["to"]
    return (
        f"A king stands in column {a}, row {b} of a board with {state['size']} columns and rows, and moves by one square in any of the eight directions. "
        f"Write a shortest way to column {c}, row {d}: all squares after the first as COLUMN.ROW, such as 2.3, separated by spaces or commas."
    )


def reference(state):
    (a, b), (c, d) = state["from"], state["to"]
    way = []
    while (a, b) != (c, d):
        a, b = a + (c > a) - (c < a), b + (d > b) - (d < b)
        way.append(f"{a}.{b}")
    return " ".join(way)


def score(state, answer):
    return 1.0 if answer.replace(",", " ").split() == reference(state).split() else 0.0
