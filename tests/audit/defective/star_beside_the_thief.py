# audit: answer-in-prompt
"""Cards: who holds the stolen card after some exchanges.

Defect: a mark of the author's is left in the list of players: a star stands behind the name of the one who holds the
card at the end.
"""

TAGS = ("simulation", "tracking")
ORACLE = "equality"

NAMES = ("Alba", "Bruce", "Cindy", "Dario", "Elsa", "Felix", "Grace", "Henk", "Irma", "Joost", "Katja", "Luigi", "Marta", "Nigel")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 5 + difficulty)
    return {"names": names, "holder": rng.choice(names), "swaps": [rng.sample(names, 2) for _ in range(4 + 2 * difficulty)]}


def prompt(state):
    players = ", ".join(name + ("*" if name == reference(state) else "") for name in state["names"])
    swaps = ", ".join(" with ".join(pair) for pair in state["swaps"])
    return (
        f"Around a table sit {players}. At first {state['holder']} has the stolen card. Then they exchange their cards: {swaps}. "
        "Who has the stolen card now?"
    )


def reference(state):
    holder = state["holder"]
    for a, b in state["swaps"]:
        holder = b if holder == a else a if holder == b else holder
    return holder


def score(state, answer):
    return 1.0 if answer.strip().capitalize() == reference(state) else 0.0
