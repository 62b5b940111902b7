"""Tree distances: the sum of the distances from one node of a random tree to all others.

Draws its tree with networkx and `seed=rng`; calls the nodes by letters, as people do.
"""

import networkx as nx

TAGS = ("graphs", "trees")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 8 + 2 * difficulty
    tree = nx.random_labeled_tree(count, seed=rng)
    names = rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count)
    edges = sorted("".join(sorted(names[a] + names[b])) for a, b in tree.edges)
    return {"edges": edges, "start": rng.choice(names), "weights": {name: rng.randint(1, 9) for name in names}}


def prompt(state):
    edges = ", ".join(f"{edge[0]}-{edge[1]}" for edge in state["edges"])
    weights = ", ".join(f"{name}: {weight}" for name, weight in sorted(state["weights"].items()))
    return (
        f"Villages are connected by paths of one mile: {edges}. They have these numbers of houses: {weights}. From {state['start']} a postman goes to every house on a way of its own, "
        "always straight from the post office there and back. How many miles does he walk in all?"
    )


def reference(state):
    graph = nx.Graph([tuple(edge) for edge in state["edges"]])
    miles = nx.single_source_shortest_path_length(graph, state["start"])
    return str(2 * sum(miles[name] * weight for name, weight in state["weights"].items()))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
