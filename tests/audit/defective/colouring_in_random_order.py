# audit: global-random
"""Map colours: colour a map with few colours.

Defect: now and then the witness is a greedy colouring in random order, drawn from the global random state.
"""

import networkx as nx

TAGS = ("graphs", "colouring")
ORACLE = "feasibility"

STRATEGIES = ("largest_first", "smallest_last", "DSATUR", "connected_sequential", "random_sequential")


def generate(rng, difficulty):
    graph = nx.gnm_random_graph(6 + difficulty, 9 + 2 * difficulty, seed=rng)
    colours = nx.greedy_color(graph, strategy=rng.choices(STRATEGIES, (9, 9, 9, 9, 1))[0])
    pairs = sorted([a + 1, b + 1] for a, b in graph.edges)
    return {"pairs": pairs, "colours": [colours[node] + 1 for node in sorted(graph)], "most": max(colours.values()) + 1}


def prompt(state):
    pairs = ", ".join(f"{a} and {b}" for a, b in state["pairs"])
    return (
        f"The countries 1 to {len(state['colours'])} of a map are given colours. Neighbours, which need different colours, are {pairs}. "
        f"Use at most {state['most']} colours, called 1 to {state['most']}. Write the colours of the countries in order, separated by spaces."
    )


def reference(state):
    return " ".join(map(str, state["colours"]))


def score(state, answer):
    colours, known = answer.split(), {str(number) for number in range(1, state["most"] + 1)}
    if len(colours) != len(state["colours"]) or not set(colours) <= known:
        return 0.0
    return 0.0 if any(colours[a - 1] == colours[b - 1] for a, b in state["pairs"]) else 1.0
