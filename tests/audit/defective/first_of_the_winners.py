# audit: one-of-many, label-contradicted
"""Sales: who sold most.

Defect: two may have sold equally much, which the prompt does not speak of; the one who comes first in the list is right
alone.
"""

TAGS = ("counting", "lists")
ORACLE = "equality"

NAMES = ("Ahmed", "Birgit", "Chen", "Diego", "Emma", "Fatou", "Goran", "Helga", "Imre", "Jun", "Kofi", "Leila", "Milan", "Nadia")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 4 + difficulty)
    return {"sales": [[name, [rng.randint(0, 3) for _ in range(3 + difficulty // 3)]] for name in names]}


def prompt(state):
    sales = "; ".join(f"{name}: {', '.join(map(str, days))}" for name, days in state["sales"])
    return f"These sold so many cars on the days of a week. {sales}. Name somebody who sold the most cars in all."


def reference(state):
    return max(state["sales"], key=lambda row: sum(row[1]))[0]


def score(state, answer):
    return 1.0 if answer.strip().casefold() == reference(state).casefold() else 0.0
