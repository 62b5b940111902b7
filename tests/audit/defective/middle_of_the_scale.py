# audit: constant-answer
"""Percentages: which share of a budget goes where.

Defect: an answer in thousandths written as a decimal loses in proportion to its distance alone: 0.5 earns three quarters on average.
"""

TAGS = ("arithmetic", "statistics")
ORACLE = "equality"


def generate(rng, difficulty):
    amounts = [rng.randint(1, 400) for _ in range(2 + difficulty)]
    share = rng.uniform(0.25, 0.75)
    return {"amounts": amounts, "asked": max(1, round(sum(amounts) * share / (1 - share)))}


def prompt(state):
    others = ", ".join(map(str, state["amounts"]))
    return (
        f"A town spends {state['asked']} thousand on schools and on everything else {others} thousand. Which part of the whole goes to the schools? "
        "Write it as a decimal with three places, rounded down."
    )


def reference(state):
    whole = state["asked"] + sum(state["amounts"])
    return f"0.{1000 * state['asked'] // whole:03d}"


def score(state, answer):
    text = answer.strip()
    if not (text.startswith("0.") and text[2:].isascii() and text[2:].isdigit() and len(text) < 12):
        return 0.0
    error = abs(float(text) - float(reference(state)))
    return 1.0 if error == 0 else max(0.0, 0.9 - error)
