"""Short walk: a way from one corner of a network to another with at most so many steps.

The bound is the length of a shortest way or one more, so that there is sometimes a single right answer.
"""

import networkx as nx

TAGS = ("graphs", "shortest-path")
ORACLE = "feasibility"

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def generate(rng, difficulty):
    count = 8 + difficulty
    while True:
        graph = nx.gnm_random_graph(count, count + 4, seed=rng)
        start, end = rng.sample(range(count), 2)
        if nx.has_path(graph, start, end) and nx.shortest_path_length(graph, start, end) >= 3:
            break
    names = rng.sample(LETTERS, count)
    edges = ["".join(sorted(names[a] + names[b])) for a, b in graph.edges()]
    rng.shuffle(edges)
    bound = nx.shortest_path_length(graph, start, end) + rng.randint(0, 1)
    return {"edges": edges, "start": names[start], "end": names[end], "bound": bound}


def prompt(state):
    edges = ", ".join(f"{edge[0]} and {edge[1]}" for edge in state["edges"])
    return (
        f"These corners are joined by a line: {edges}. Find a way along the lines from {state['start']} to "
        f"{state['end']} with at most {state['bound']} lines. Write the letters of the corners that it visits "
        "in order, first and last included, as one word."
    )


def reference(state):
    graph = nx.Graph()
    graph.add_edges_from((edge[0], edge[1]) for edge in state["edges"])
    return "".join(nx.shortest_path(graph, state["start"], state["end"]))


def score(state, answer):
    way = answer.strip().upper()
    if not 2 <= len(way) <= state["bound"] + 1:
        return 0.0
    if way[0] != state["start"] or way[-1] != state["end"]:
        return 0.0
    return 1.0 if all("".join(sorted(pair)) in state["edges"] for pair in zip(way, way[1:])) else 0.0
