# audit: score-raises
"""Line map: a ride from stop to stop.

Defect: the numbers of the answer are used as indexes; one beyond the last stop raises IndexError.
"""

TAGS = ("graphs", "paths")
ORACLE = "feasibility"


def generate(rng, difficulty):
    count = 8 + 2 * difficulty
    way = rng.sample(range(count), 4 + difficulty)
    edges = {(min(a, b), max(a, b)) for a, b in zip(way, way[1:])}
    while len(edges) < count + 3:
        edges.add(tuple(sorted(rng.sample(range(count), 2))))
    return {"near": [sorted({a + b - i for a, b in edges if i in (a, b)}) for i in range(count)], "way": way}


def prompt(state):
    near = "; ".join(f"{i}: {', '.join(map(str, stops)) or 'none'}" for i, stops in enumerate(state["near"]))
    return (
        f"From each stop one can ride to these stops. {near}. Find a ride from stop {state['way'][0]} to stop {state['way'][-1]}. "
        "Write the numbers of all stops on the way, the first and the last included, separated by spaces."
    )


def reference(state):
    return " ".join(map(str, state["way"]))


def score(state, answer):
    if not answer.isascii() or not answer.replace(" ", "").isdigit() or len(answer) > 400:
        return 0.0
    way = [int(part) for part in answer.split()]
    if way[0] != state["way"][0] or way[-1] != state["way"][-1] or len(way) < 2:
        return 0.0
    return 1.0 if all(b in state["near"][a] for a, b in zip(way, way[1:])) else 0.0
