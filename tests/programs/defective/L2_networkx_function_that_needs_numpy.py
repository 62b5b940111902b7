"""Walk counting: the number of walks of a given length in a graph.

Defect: uses nx.to_numpy_array, which needs numpy, and numpy is not there.
"""

import networkx as nx

TAGS = ("graphs", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 6 + difficulty
    graph = nx.gnm_random_graph(count, 2 * count - 2, seed=rng)
    return {"nodes": count, "edges": [list(edge) for edge in graph.edges()], "length": 3 + difficulty // 3}


def prompt(state):
    edges = ", ".join(f"{a}-{b}" for a, b in state["edges"])
    return (
        f"A graph has the nodes 0 to {state['nodes'] - 1} and the edges {edges}. How many walks of exactly {state['length']} edges "
        "are there in it, counted over all starting nodes? Nodes and edges may repeat."
    )


def reference(state):
    graph = nx.Graph(state["edges"])
    graph.add_nodes_from(range(state["nodes"]))
    matrix = nx.to_numpy_array(graph, dtype=int)
    vector = [1] * state["nodes"]
    for _ in range(state["length"]):
        vector = matrix @ vector
    return str(int(sum(vector)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
