"""Friend circles: how many groups a network of friends falls into.

Defect: the random graph is drawn by nx.gnp_random_graph without seed=rng.
"""

import networkx as nx

TAGS = ("graphs", "components")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 10 + 3 * difficulty
    graph = nx.gnp_random_graph(count, rng.uniform(0.8, 1.3) / count)
    return {"count": count, "edges": [list(edge) for edge in graph.edges()]}


def prompt(state):
    edges = ", ".join(f"{a}-{b}" for a, b in state["edges"])
    return (
        f"Of {state['count']} people, numbered from 0, these pairs are friends: {edges}. A circle of friends consists of all who are "
        "connected through friends of friends; a person without friends is a circle, too. How many circles are there? "
        "Multiply the number by the size of the largest circle."
    )


def reference(state):
    graph = nx.Graph(state["edges"])
    graph.add_nodes_from(range(state["count"]))
    circles = list(nx.connected_components(graph))
    return str(len(circles) * max(map(len, circles)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
