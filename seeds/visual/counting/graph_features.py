"""Graph features: how many lines, nodes, triangles, parts or bridges a drawn graph has.

Levels go from lines to degrees, neighbours, triangles and what falls apart. Lines meet at nodes only.
"""

from itertools import combinations

from canvas import Canvas, Graph, look, network

BUCKET = "counting"
LEVELS = (
    "all lines", "lines between two kinds of nodes", "lines without a filled end", "nodes with k lines",
    "filled nodes with k lines", "nodes with k filled neighbours", "triangles", "triangles of both kinds of nodes",
    "parts left without the filled nodes", "bridges",
)  # fmt: skip
TAGS = ("counting", "graphs", "connectivity")
ORACLE = "equality"
ASKS = (
    "How many lines are there?",
    "How many lines join a filled node to a hollow one?",
    "How many lines have a hollow node at both ends?",
    "From how many nodes do exactly {} lines start?",
    "From how many filled nodes do exactly {} lines start?",
    "How many nodes, filled or hollow, are joined by a line to exactly {} filled nodes?",
    "In how many sets of three nodes is each joined to both others by a line?",
    "In how many sets of three nodes, not all filled and not all hollow, is each joined to both others by a line?",
    "Rub out all filled nodes and their lines. How many separate parts are left? A single node is a part, too.",
    "How many lines are bridges? A bridge is a line without which some node could no longer be reached from another.",
)
WORDINGS = ("{} Answer with one integer.", "Circles are nodes. {} Give one integer.", "{} Give an integer.")


def generate(rng, difficulty):
    n, target = 9 + difficulty // 4 + rng.randrange(3), rng.randint(1, 6) + (difficulty in (1, 2, 6))
    for attempt in range(72):
        if attempt % 8 == 0:
            lines = n + (rng.randint(0, 3) if difficulty > 7 else rng.randint(2, 9))
            places, edges = network(rng, n, lines, 640, 480, gap=50)
        share, k = rng.uniform(0.25, 0.75), rng.randint(2, 4)
        filled = [int(rng.random() < share) for _ in range(n)]
        state = {"places": places, "edges": edges, "filled": filled, "ask": difficulty, "k": k}
        if reference(state) == str(target) or difficulty == 0:
            break
    return {**state, "wording": rng.randrange(3), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKS[state["ask"]].format(state["k"]))


def reference(state):
    ask, k, filled, edges = state["ask"], state["k"], state["filled"], state["edges"]
    nodes = range(len(filled))
    near = [[a + b - node for a, b in edges if node in (a, b)] for node in nodes]
    if ask < 3:
        found = [edge for edge in edges if ask == 0 or sum(filled[node] for node in edge) == 2 - ask]
    elif ask < 5:
        found = [node for node in nodes if len(near[node]) == k and (ask == 3 or filled[node])]
    elif ask == 5:
        found = [node for node in nodes if sum(filled[other] for other in near[node]) == k]
    elif ask < 8:
        rings = [ring for ring in combinations(nodes, 3) if sum({*ring} > {*edge} for edge in edges) == 3]
        found = [ring for ring in rings if ask == 6 or sum(filled[node] for node in ring) in (1, 2)]
    elif ask == 8:
        found = parts([node for node in nodes if not filled[node]], edges)
    else:
        found = [edge for edge in edges if len(parts(nodes, [other for other in edges if other != edge])) > 1]
    return str(len(found))


def parts(nodes, edges):
    part = {node: node for node in nodes}
    for a, b in edges:
        if a in part and b in part:
            part = {node: part[a] if of == part[b] else of for node, of in part.items()}
    return sorted(set(part.values()))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(640, 480, state["look"])
    graph = Graph(c, state["places"], 20)
    for a, b in state["edges"]:
        graph.edge(a, b, width=3.5)
    for node, full in enumerate(state["filled"]):
        graph.node(node, fill=0 if full else "paper", width=3.5)
    return c.svg()
