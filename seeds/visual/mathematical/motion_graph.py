"""Motion graph: ways and places from a graph of speed against time.

Levels add jumps and ramps of the speed, a window of time, backward motion and a second mover. All answers are whole.
"""

from itertools import accumulate

from canvas import Axes, Canvas, key, look

BUCKET = "mathematical"
LEVELS = (
    "constant speed: the way",
    "speed that jumps: the way",
    "speed that jumps: the way in a window of time",
    "ramps: the way",
    "ramps: the way in a window of time",
    "ramps: when half of the way is done",
    "forwards and backwards: the place at the end",
    "forwards and backwards: all of the way",
    "forwards and backwards: the greatest distance",
    "two movers: when they are level again",
)
TAGS = ("kinematics", "area", "charts")
ORACLE = "equality"
ASKED = (
    "How many metres are covered from second {a} to second {b}?", "When is half of the way to second 12 covered?",
    "How many metres from its start is it at second 12?", "How many metres does it move in all up to second 12?",
    "At most how many metres from its start is it?", "A and B start side by side. When are they level again?",
)  # fmt: skip
RULES = ("Speed in m/s over time in s, below zero backwards.", "The graph shows speed, below zero backwards.")


def generate(rng, difficulty):
    state, low, wanted = {}, -6 if difficulty in (6, 7, 8) else 0, rng.randint(3, 9)
    while not state or not found(state) or (difficulty in (5, 9) and found(state) != wanted):
        a, b = (rng.randint(1, 5), rng.randint(8, 11)) if difficulty in (2, 4) else (0, 12)
        runs = [speeds(rng, difficulty, low) for _ in range(1 + difficulty // 9)]
        seen = {pair[0] for pair in runs[0]}
        if len(seen) > difficulty // 2 and (low == 0 or min(seen) < 0 < max(seen)):
            state = {"runs": runs, "kind": max(0, difficulty - 4), "a": a, "b": b}
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def speeds(rng, difficulty, low):
    """At the start and the end of each of twelve seconds; a slope of 3 could turn between two quarters."""
    pairs, speed = [], rng.randint(1, 8)
    while len(pairs) < 12:
        n = 12 if difficulty == 0 else rng.randint(2, 4)
        steep = (-4, -2, -1, 0, 1, 2, 4) if difficulty > 2 else (0,)
        slope = rng.choice([k for k in steep if low <= speed + k * n <= 8])
        pairs += [[speed + slope * i, speed + slope * (i + 1)] for i in range(n)]
        speed = rng.randint(1, 8) if difficulty < 3 else speed + slope * n
    return pairs[:12]


def found(state):
    """The whole number asked for, from places at every quarter second; 0 where there is none or more than one."""
    steps = [[a / 4 + (b - a) * (2 * j + 1) / 32 for a, b in run for j in range(4)] for run in state["runs"]]
    way, last, kind = [0, *accumulate(steps[0])], [0, *accumulate(steps[-1])], state["kind"]
    if kind in (1, 5):
        gaps = [2 * p - way[-1] if kind == 1 else p - q for p, q in zip(way, last)][1:]
        level = gaps.index(0) if gaps.count(0) == 1 else 0
        passes = {gap > 0 for gap in gaps[:level]} ^ {gap > 0 for gap in gaps[level + 1 :]}
        return (level + 1) // 4 if level % 4 == 3 and len(passes) == 2 else 0
    total = sum(abs(q - p) for p, q in zip(way, way[1:]))
    value = (way[4 * state["b"]] - way[4 * state["a"]], 0, way[-1], total, max(map(abs, way)))[kind]
    return int(abs(value)) if value % 1 == 0 else 0


def prompt(state):
    return f"{RULES[state['wording']]} {ASKED[state['kind']].format(**state)} Answer with one integer."


def reference(state):
    return str(found(state))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    c, low = Canvas(832, 544, state["look"]), -6 if state["kind"] in (2, 3, 4) else 0
    ax = Axes(c, 72, 64, 704, 400, xs=(0, 12, 1), ys=(low, 8, 2), minor=(1, 2), grid="xy", names=("s", "m/s"))
    c.line(ax.at(0, 0), ax.at(12, 0), stroke="soft", layer=-1)
    for i, run in enumerate(state["runs"]):
        points = [(second + k, pair[k]) for second, pair in enumerate(run) for k in (0, 1)]
        ax.series(points, i, mark=False, width=4)
    key(c, 600, 40, ("A", "B") * (len(state["runs"]) - 1), "line")
    return c.svg()
