# audit: global-random, prompt-varies
"""Friends of friends: how many people are two steps away.

Defect: above level 6 the graph is drawn with seed=None, from the global random state.
"""

import networkx as nx

TAGS = ("graphs", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    source = rng if difficulty <= 6 else None
    graph = nx.gnm_random_graph(8 + difficulty, 11 + 2 * difficulty, seed=source)
    return {"pairs": sorted([a + 10, b + 10] for a, b in graph.edges), "asked": rng.randint(10, 17 + difficulty)}


def prompt(state):
    pairs = ", ".join(f"{a}-{b}" for a, b in state["pairs"])
    return (
        f"These pairs of people know each other: {pairs}. How many people does {state['asked']} not know who know at least one acquaintance of "
        f"{state['asked']}, and what is the sum of their numbers? Write both, separated by a slash."
    )


def reference(state):
    graph = nx.Graph(map(tuple, state["pairs"]))
    graph.add_node(state["asked"])
    steps = nx.single_source_shortest_path_length(graph, state["asked"], cutoff=2)
    far = [node for node, count in steps.items() if count == 2]
    return f"{len(far)}/{sum(far)}"


def score(state, answer):
    return 1.0 if answer.replace(" ", "") == reference(state) else 0.0
