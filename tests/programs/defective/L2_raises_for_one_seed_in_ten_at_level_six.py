"""Pipe network: the fewest pipes between two basins.

Defect: at level 6 one instance in ten has basins that no pipes connect; there networkx raises NetworkXNoPath.
"""

import networkx as nx

TAGS = ("graphs", "shortest-path")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 12 + 4 * difficulty
    tree = [[rng.randint(max(0, node - 5), node - 1), node] for node in range(1, count)]
    order = rng.sample(range(1, count + 1), count)
    pipes = [sorted([order[a], order[b]]) for a, b in tree]
    start, end = rng.sample(range(1, count + 1), 2)
    if difficulty == 6 and rng.random() < 0.1:
        pipes = [pipe for pipe in pipes if start not in pipe]
    rng.shuffle(pipes)
    return {"pipes": pipes, "start": start, "end": end}


def prompt(state):
    pipes = ", ".join(f"{a}-{b}" for a, b in state["pipes"])
    return (
        f"Pipes connect these pairs of basins: {pipes}. Water flows from basin {state['start']} to basin {state['end']} through "
        "as few pipes as possible. What is the sum of the numbers of all basins on its way, both ends included?"
    )


def reference(state):
    graph = nx.Graph()
    graph.add_nodes_from([state["start"], state["end"]])
    graph.add_edges_from(state["pipes"])
    return str(sum(nx.shortest_path(graph, state["start"], state["end"])))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
