"""Watchtowers: choose towers that see all villages.

Defect: the scorer accepts only the text of the one greedy selection that reference happens to compute.
"""

TAGS = ("set-cover", "greedy")
ORACLE = "feasibility"

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def generate(rng, difficulty):
    villages, towers = 8 + difficulty, 6 + difficulty // 2
    sees = {LETTERS[t]: sorted(rng.sample(range(1, villages + 1), rng.randint(2, 5))) for t in range(towers)}
    for village in range(1, villages + 1):
        if not any(village in seen for seen in sees.values()):
            sees[rng.choice(LETTERS[:towers])].append(village)
    return {"villages": villages, "sees": sees}


def prompt(state):
    sees = "; ".join(f"{tower} sees {', '.join(map(str, villages))}" for tower, villages in state["sees"].items())
    return (
        f"Villages are numbered from 1 to {state['villages']}. Of the watchtowers, {sees}. Choose at most {len(reference(state).split())} towers that "
        "together see every village. Write their letters in any order, separated by spaces."
    )


def reference(state):
    missing, chosen = set(range(1, state["villages"] + 1)), []
    while missing:
        tower = max(sorted(state["sees"]), key=lambda name: len(missing.intersection(state["sees"][name])))
        missing.difference_update(state["sees"][tower])
        chosen.append(tower)
    return " ".join(chosen)


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0
