"""Scatter: which points of a chart meet a rule that compares both of their coordinates.

Levels go from one bound to classes, to ratios, to points that no other beats. No two points share a price or a score,
and none lies on a bound.
"""

from canvas import Axes, Canvas, look

BUCKET = "diagram"
LEVELS = (
    "above a bound",
    "a bound for each axis",
    "one of two bounds, but not both",
    "each class has a bound of its own",
    "a class and a slanting line",
    "a class compared with all points of the other",
    "the three largest ratios",
    "the two largest ratios of each class",
    "points that no other beats",
    "points beaten only by those that no other beats",
)
TAGS = ("chart-reading", "comparison", "pareto")
ORACLE = "equality"
RATIO = "Which {} points{} have the largest ratio of score to price?"
BEATS = "A point beats another if its price is lower and its score higher. Which points are "
ASKS = (
    "Which points have a score above {0}?",
    "Which points have a score above {0} and a price below {1}?",
    "Which points have a score above {0} or a price below {1}, but not both?",
    "Which points are circles with a score above {0} or squares with a score below {1}?",
    "Which circles lie above, and which squares below, the dashed line?",
    "For which circles do at least two squares have both a lower price and a higher score?",
    *(RATIO.format("three", ""), RATIO.format("two", " of each shape"), BEATS + "not beaten by any other?"),
    BEATS + "beaten, but only by points that are not beaten themselves?",
)
WORDINGS = (
    "Each mark is a product. {} Answer with their letters without spaces, in any order, like BDFX.",
    "{} Give all the letters in any order and without spaces, like BDFX.",
)


def generate(rng, difficulty):
    """Redrawn until two to five points meet the rule, no ratio is a near tie and none lies on the dashed line."""
    cuts, n = [rng.randint(5, 8), rng.randint(5, 8)], min(8 + difficulty, 11)
    free = [value for value in range(1, 14) if value not in cuts]
    for _ in range(400):
        names, shapes = sorted(rng.sample("ABCDEFGHKLMNPR", n)), rng.sample(["circle", "square"] * 6, n)
        points = [list(point) for point in zip(names, rng.sample(free, n), rng.sample(free, n), shapes)]
        ratios = sorted(y / x for _, x, y, _ in points)
        clear = all(
            high > low * 1.05 or difficulty not in (6, 7) for low, high in zip(ratios[3:], ratios[4:])
        )
        state = {"kind": difficulty, "cuts": cuts, "points": points}
        if clear and 2 <= len(reference(state)) <= 5 and all(x != y for _, x, y, _ in points):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKS[state["kind"]].format(*state["cuts"]))


def reference(state):
    """Tries the rules of all levels on each point and keeps the verdict of its own."""
    (a, b), points, names = state["cuts"], state["points"], ""
    for name, x, y, shape in points:
        circle, rivals = shape == "circle", [p for p in points if state["kind"] == 6 or p[3] == shape]
        better = [p for p in rivals if p[2] * x > y * p[1]]
        over = [p for p in points if p[1] < x and p[2] > y]
        second = over and not any(p[1] < q[1] and p[2] > q[2] for p in points for q in over)
        several = circle and sum(p[3] == "square" for p in over) > 1
        low = (y > a, y > a and x < b, (y > a) != (x < b), y > a if circle else y < b, (y > x) == circle)
        names += name * bool(
            (*low, several, len(better) < 3, len(better) < 2, not over, second)[state["kind"]]
        )
    return names


def score(state, answer):
    return 1.0 if sorted(answer.replace(",", " ").upper().replace(" ", "")) == list(reference(state)) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    scale = (0, 14, 2)
    ax = Axes(c, 60, 56, 544, 520, xs=scale, ys=scale, minor=(2, 2), grid="xy", names=("price", "score"))
    if state["kind"] == 4:
        c.line(ax.at(0, 0), ax.at(14, 14), dash=(10, 8), stroke="soft")
    ax.points([(x, y, name, shape, int(shape == "square")) for name, x, y, shape in state["points"]], r=9)
    return c.svg()
