"""Party guests: a largest group of people who all know one another.

Defect: nx.find_cliques walks through sets of names, so which of several largest groups comes first depends on the hash seed.
"""

import networkx as nx

TAGS = ("graphs", "cliques")
ORACLE = "feasibility"

NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gil", "Hana", "Ivo", "Jana", "Kai", "Lea", "Mio", "Nora", "Otto", "Pia", "Quin",
         "Rita", "Sam", "Tess")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 8 + difficulty)
    pairs = [[a, b] for i, a in enumerate(names) for b in names[i + 1 :] if rng.random() < 0.45]
    return {"pairs": pairs}


def prompt(state):
    pairs = ", ".join(f"{a} and {b}" for a, b in state["pairs"])
    return (
        f"These pairs of guests know each other: {pairs}. Find a group of guests, as large as possible, in which everybody knows everybody else. "
        "Write the names in any order, separated by spaces."
    )


def reference(state):
    return " ".join(max(nx.find_cliques(nx.Graph(state["pairs"])), key=len))


def score(state, answer):
    group = answer.strip().split()
    known = {frozenset(pair) for pair in state["pairs"]}
    if len(set(group)) != len(group) or len(group) != len(reference(state).split()):
        return 0.0
    return 1.0 if all(frozenset((a, b)) in known for i, a in enumerate(group) for b in group[i + 1 :]) else 0.0
