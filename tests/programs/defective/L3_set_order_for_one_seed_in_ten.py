"""Elections: who wins by plurality with a run-off.

Defect: the leaders are a set of names; its order reaches the reference where three candidates lead together, which
happens for about one seed in ten.
"""

from collections import Counter

TAGS = ("voting", "counting")
ORACLE = "equality"

NAMES = ("Alma", "Bruno", "Clara", "David", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira", "Leo", "Maya", "Noel")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 5 + difficulty)
    votes = [rng.choice(names) for _ in range(12 + 5 * difficulty)]
    if rng.random() < 0.1:
        votes = names[:3] * 4 + rng.choices(names[3:], k=3)
        rng.shuffle(votes)
    return {"votes": votes}


def prompt(state):
    return (
        f"The votes of an election, in the order of counting: {', '.join(state['votes'])}. Which candidates have the most votes? "
        "If two or more share the lead, name the one among them whose total is reached first in the count. "
        "Write the name, a comma and the number of votes."
    )


def reference(state):
    counts = Counter(state["votes"])
    most = max(counts.values())
    leaders = {name for name, count in counts.items() if count == most}
    if len(leaders) == 3:
        return f"{list(leaders)[0]}, {most}"
    seen = Counter()
    for name in state["votes"]:
        seen[name] += 1
        if seen[name] == most:
            return f"{name}, {most}"


def score(state, answer):
    given = [part.strip().lower() for part in answer.split(",")]
    return 1.0 if given == reference(state).lower().split(", ") else 0.0
