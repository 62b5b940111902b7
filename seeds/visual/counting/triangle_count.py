"""Triangle count: how many triangles the lines of a figure form, large ones included.

Levels add fans, a dot to go round, gaps, and at last four-sided figures. Points where lines meet stand apart.
"""

import math
from itertools import combinations, permutations

from canvas import Canvas, between, crossing, distance_to, inside, look

BUCKET = "counting"
LEVELS = (
    "a fan, one cross line", "two cross lines", "triangles round a dot", "two fans", "three fans",
    "two fans and a dot", "pieces rubbed out", "three fans, rubbed out", "rubbed out, a dot", "quadrilaterals, too",
)  # fmt: skip
TAGS = ("counting", "geometry", "combinatorics")
ORACLE = "equality"
# By level: lines from the first, second and third corner, cross lines, pieces rubbed out.
PLANS = ("40010", "40020", "50020", "33000", "32100", "43000", "33003", "32102", "43003", "32001")
WORDINGS = (
    "How many {} are there, small and large? Sides run along drawn lines without a gap. Answer with one integer.",
    "Count the {}, of any size, whose sides are drawn without a gap. Answer with one integer.",
)


def generate(rng, difficulty):
    dotted = difficulty in (2, 5, 8)
    asked = "triangles" + " with the dot inside" * dotted + " and convex quadrilaterals" * (difficulty == 9)
    for _ in range(200):
        first, *others, across, gone = map(int, PLANS[difficulty])
        first, corners = first + rng.randint(-1, 1), [(rng.randint(200, 440), 36), (40, 476), (600, 476)]
        segments = list(combinations(corners, 2))
        for start, count in enumerate((first, *others)):
            p, q, r = corners[start:] + corners[:start]
            walls = [(q, r), *segments[3 : 3 + first * (start > 0)]]  # where a line may end
            feet = [between(q, r, (i + rng.uniform(0.8, 1.2)) / (count + 1)) for i in range(count)]
            segments += [(p, crossing(p, foot, *rng.choice(walls)) or foot) for foot in feet]
        for height in range(across):
            ends = rng.sample([*corners[1:], *[foot for _, foot in segments[3 : 3 + first]]], 2)
            segments.append([between(corners[0], foot, 0.35 + 0.3 * height) for foot in ends])
        points, runs = arrange(segments)
        for run in rng.sample(runs[3:], gone):
            runs.append([run.pop() for _ in range(rng.randrange(1, len(run)))])
        dots = [[rng.randint(120, 520), rng.randint(120, 460)]] * dotted
        state = {"points": points, "runs": runs, "dots": dots, "asked": asked}
        room = [math.dist(p, q) / 26 for p, q in combinations(points, 2)]
        room += [distance_to(dot, *segment) / 16 for dot in dots for segment in segments]
        if min(room) > 1 and 3 <= int(reference(state)) <= 40:
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def arrange(segments):
    runs, longer = [], [(between(p, q, -1e-6), between(p, q, 1 + 1e-6)) for p, q in segments]
    for p, q in longer:
        hits = {tuple(map(round, hit)) for a, b in longer if (hit := crossing(p, q, a, b))}
        runs.append(sorted(hits, key=lambda hit: math.dist(p, hit)))
    points = sorted({hit for run in runs for hit in run})
    return list(map(list, points)), [[points.index(hit) for hit in run] for run in runs]


def prompt(state):
    return WORDINGS[state["wording"]].format(state["asked"])


def reference(state):
    """Tries all rings of corners: every side on a line of its own, and no corner pointing inwards."""
    points, count = state["points"], 0
    line = {pair: number for number, run in enumerate(state["runs"]) for pair in permutations(run, 2)}
    for size in (3, 4) if "quadrilaterals" in state["asked"] else (3,):
        for ring in permutations(range(len(points)), size):
            if ring[0] == min(ring) and ring[1] < ring[-1]:  # each ring once
                shape, pairs = [points[i] for i in ring], zip(ring, ring[1:] + ring[:1])
                convex = size == 3 or crossing(*shape[::2], *shape[1::2])
                if convex and len({line.get(pair) for pair in pairs} - {None}) == size:
                    count += all(inside(shape, dot) for dot in state["dots"])
    return str(count)


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(640, 512, state["look"])
    for run in state["runs"]:
        c.polyline([state["points"][i] for i in run], width=3)
    for dot in state["dots"]:
        c.circle(dot, 8, fill=0, stroke=None)
    return c.svg()
