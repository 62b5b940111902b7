# audit: changes-state
"""Treasure: a tour of islands along given ferries.

Defect: the scorer takes the islands that the answer visits out of the state's own list, when the answer breaks off early.
"""

TAGS = ("graphs", "paths")
ORACLE = "feasibility"


def generate(rng, difficulty):
    islands = sorted(rng.sample([chr(65 + i) for i in range(26)], 5 + difficulty))
    tour = rng.sample(islands, len(islands))
    ferries = {"".join(sorted(pair)) for pair in zip(tour, tour[1:])}
    while len(ferries) < len(islands) + 2 + difficulty // 2:
        ferries.add("".join(sorted(rng.sample(islands, 2))))
    return {"islands": islands, "tour": tour, "ferries": sorted(ferries)}


def prompt(state):
    return (
        f"Ferries go both ways between these pairs of islands: {', '.join(state['ferries'])}. Find a tour by ferry that visits each of the islands "
        f"{', '.join(state['islands'])} exactly once. Write their letters in order, as one word."
    )


def reference(state):
    return "".join(state["tour"])


def score(state, answer):
    tour = [letter for letter in answer.upper() if letter in state["islands"]]
    if len(tour) != len(answer.strip()) or any("".join(sorted(pair)) not in state["ferries"] for pair in zip(tour, tour[1:])):
        return 0.0
    if sorted(tour) == state["islands"]:
        return 1.0
    for letter in tour:
        if letter in state["islands"]:
            state["islands"].remove(letter)
    return 0.5 if 2 < len(tour) and len(state["islands"]) == 1 else 0.0
