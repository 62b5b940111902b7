"""Satisfying assignment: truth values that make a list of statements true.

A hidden assignment guarantees a solution; any other solution is as good.
"""

TAGS = ("logic", "satisfiability")
ORACLE = "feasibility"


def generate(rng, difficulty):
    count = 6 + difficulty
    hidden = [rng.random() < 0.5 for _ in range(count)]
    clauses = []
    while len(clauses) < 4 * count:
        chosen = sorted(rng.sample(range(count), 3))
        clause = [[index, rng.random() < 0.5] for index in chosen]
        if any(hidden[index] == sign for index, sign in clause):
            clauses.append(clause)
    return {"count": count, "clauses": clauses, "hidden": hidden}


def prompt(state):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    statements = "; ".join(
        " or ".join(letters[index] if sign else f"not {letters[index]}" for index, sign in clause)
        for clause in state["clauses"]
    )
    return (
        f"Give truth values to {', '.join(letters[: state['count']])} such that all these statements hold: {statements}. "
        f"Write {state['count']} letters T (true) or F (false) in alphabetical order of the variables, without spaces."
    )


def reference(state):
    return "".join("T" if value else "F" for value in state["hidden"])


def score(state, answer):
    values = answer.strip().upper()
    if len(values) != state["count"] or any(value not in "TF" for value in values):
        return 0.0
    holds = all(any((values[index] == "T") == sign for index, sign in clause) for clause in state["clauses"])
    return 1.0 if holds else 0.0
