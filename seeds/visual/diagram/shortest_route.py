"""Shortest route: the least cost of a journey on a map of roads.

Levels add closed roads, a stop, tolls and one-way roads, redrawn until each but the tolls changes the least cost.
"""

from canvas import Canvas, Graph, look, network

BUCKET = "diagram"
LEVELS = (
    "six towns",
    "two roads are closed",
    "a stop on the way",
    "nine towns",
    "tolls in the towns",
    "tolls and closed roads",
    "tolls and one-way roads",
    "tolls, one-way roads and closed roads",
    "tolls, one-way roads and a stop",
    "tolls, one-way roads, closed roads and a stop",
)
TAGS = ("graph", "shortest-path", "map-reading")
ORACLE = "equality"
CLOSED, STOP, TOLL, ONE_WAY = (1, 5, 7, 9), (2, 8, 9), range(4, 10), range(6, 10)
RULES = (
    *((CLOSED, "Dashed roads are closed. "), (ONE_WAY, "A road with an arrow leads only that way. ")),
    (TOLL, "On each arrival in a town, the last one included, the number below its letter is paid too. "),
)
WORDINGS = (
    "The number on a road is the cost of using it once. {}What is the least cost of a journey from {} to {}{}?",
    "Each use of a road costs the number on it. {}How much does the cheapest journey from {} to {}{} cost?",
)


def generate(rng, difficulty):
    n = 6 if difficulty < 3 else 9
    for _ in range(80):
        places, pairs = network(rng, n, 3 * n // 2 + 1, 704, 512, gap=84, pad=26)
        kinds = ["closed"] * 2 * (difficulty in CLOSED) + ["one-way"] * n * (difficulty in ONE_WAY)
        kinds = rng.sample((kinds + ["open"] * len(pairs))[: len(pairs)], len(pairs))
        roads = [[*rng.sample(pair, 2), rng.randint(2, 15), kind] for pair, kind in zip(pairs, kinds)]
        start, *inner, end = sorted(range(n), key=lambda i: places[i])
        names, tolls = rng.sample("ABCDEFGHJKLMNPRT", n), rng.choices(range(1, 10), k=n)
        state = {"kind": difficulty, "names": names, "places": places, "roads": roads, "tolls": tolls}
        state["journey"] = [start, rng.choice(inner) if difficulty in STOP else start, end]
        changes = [{"roads": [[*road[:3], "open"] for road in roads]}] * (kinds.count("open") < len(kinds))
        changes += [{"journey": [start, start, end]}] * (difficulty in STOP)
        costs = [int(reference({**state, **change})) for change in [{}, *changes]]
        if costs[0] < 999 and costs[0] not in costs[1:]:
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    rules = "".join(rule for levels, rule in RULES if state["kind"] in levels)
    start, stop, end = (state["names"][i] for i in state["journey"])
    visit = f" that visits {stop}" * (stop != start)
    ask = WORDINGS[state["wording"]].format(rules, start, end, visit)
    return ask + " Towns and roads may be visited more than once. Answer with one integer."


def least(state, start, end):
    """Bellman and Ford: as many rounds as there are towns."""
    cost = {start: 0}
    for _ in state["names"]:
        for i, j, price, kind in state["roads"]:
            for a, b in ((i, j), (j, i))[: {"open": 2, "one-way": 1, "closed": 0}[kind]]:
                if a in cost:
                    cost[b] = min(
                        cost.get(b, 999), cost[a] + price + state["tolls"][b] * (state["kind"] in TOLL)
                    )
    return cost.get(end, 999)


def reference(state):
    start, stop, end = state["journey"]
    return str(least(state, start, stop) + least(state, stop, end))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c, tolled = Canvas(704, 512, state["look"]), state["kind"] in TOLL
    graph = Graph(c, state["places"], r=26)
    for i, j, price, kind in state["roads"]:
        graph.edge(i, j, price, arrow=kind == "one-way", dash=(7, 8) if kind == "closed" else None)
    for i, name in enumerate(state["names"]):
        graph.node(i, name, below=state["tolls"][i] if tolled else "", fill=c.tint(0, 0.8))
    return c.svg()
