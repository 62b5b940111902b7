"""Spanning tree: the least total length of cable that connects all houses of a random network.

Draws with a library function, which gets `seed=rng` as the rules ask.
"""

import networkx as nx

TAGS = ("graphs", "spanning-tree")
ORACLE = "equality"


def generate(rng, difficulty):
    houses = 5 + difficulty
    graph = nx.gnm_random_graph(houses, 2 * houses, seed=rng)
    nx.add_path(graph, range(houses))
    return {
        "houses": houses,
        "cables": [[a, b, rng.randint(3, 30 + 4 * difficulty)] for a, b in sorted(map(sorted, graph.edges()))],
    }


def prompt(state):
    cables = ", ".join(f"{a}-{b} ({length} m)" for a, b, length in state["cables"])
    return (
        f"{state['houses']} houses, numbered from 0, can be joined by these cables: {cables}. "
        "What is the least total length in metres of cables that leave every house connected to every other?"
    )


def reference(state):
    graph = nx.Graph()
    graph.add_weighted_edges_from(state["cables"])
    return str(sum(data["weight"] for _, _, data in nx.minimum_spanning_edges(graph)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
