"""Reachability queries: one yes or no for each question about a network of one-way roads.

Every single word is a guess of one half, the whole vector is not.
"""

TAGS = ("graphs", "reachability")
ORACLE = "equality"


def generate(rng, difficulty):
    towns = 7 + difficulty
    roads = []
    while len(roads) < towns + 2:
        a, b = rng.sample(range(1, towns + 1), 2)
        if [a, b] not in roads:
            roads.append([a, b])
    queries = []
    for number in range(4 + difficulty):
        wanted = rng.random() < 0.5
        pair = rng.sample(range(1, towns + 1), 2)
        for _ in range(40):
            if (pair[1] in _reached(roads, pair[0])) == wanted:
                break
            pair = rng.sample(range(1, towns + 1), 2)
        queries.append(pair)
    return {"towns": towns, "roads": roads, "queries": queries}


def _reached(roads, start):
    seen, stack = {start}, [start]
    while stack:
        here = stack.pop()
        for a, b in roads:
            if a == here and b not in seen:
                seen.add(b)
                stack.append(b)
    return seen


def prompt(state):
    roads = ", ".join(f"{a}->{b}" for a, b in state["roads"])
    asked = "; ".join(f"({i}) from {a} to {b}" for i, (a, b) in enumerate(state["queries"], 1))
    return (
        f"{state['towns']} towns are numbered from 1 to {state['towns']}. The one-way roads are {roads}. "
        f"For each of these pairs, can one drive along the roads: {asked}? "
        "Answer with one word, yes or no, for each pair, in the order asked, separated by spaces."
    )


def reference(state):
    return " ".join("yes" if b in _reached(state["roads"], a) else "no" for a, b in state["queries"])


def score(state, answer):
    return 1.0 if answer.lower().split() == reference(state).split() else 0.0
