"""Line on grid: crossing points, slopes and mirror images, read from lines through lattice points.

Levels leave the window, change the scale of an axis, join two lines, and use parallels and perpendiculars.
"""

from fractions import Fraction

from canvas import Axes, Canvas, look

BUCKET = "mathematical"
LEVELS = (
    "where the line crosses the y-axis",
    "where the line crosses the x-axis",
    "its value far outside the window",
    "its slope",
    "its slope, axes of different scales",
    "a value far outside, axes of different scales",
    "where two lines meet outside the window",
    "where a parallel through P meets the line",
    "the foot of a perpendicular from P",
    "the mirror image of P",
)
TAGS = ("coordinates", "linear-functions", "fractions")
ORACLE = "equality"
ASKED = (
    "At which y does the line cross the y-axis?", "At which x does the line cross the x-axis?",
    "What is the y of the line at x = {far}?", "What is the slope of the line?", "At which point do the lines meet?",
    "Where does the parallel to the dashed line through P meet the solid line?",
    "What is the foot of the perpendicular from P to the line?", "Where does a reflection in the line take P?",
)  # fmt: skip
FORMS = ("an integer or a fraction in lowest terms, like -13/17.", "a point, like (-45, 40).")
WORDINGS = ("{} Dots mark grid points on a line. Answer with {}", "Lines go on for ever. {} Answer with {}")


def generate(rng, difficulty):
    while True:
        k, kind = rng.choice((2, 5, 10)) if difficulty in (4, 5) else 1, int("0123324567"[difficulty])
        a, b, c, d, p = ([rng.randint(-7, 7), k * rng.randint(-5, 5)] for _ in range(5))
        lines = [[*a, *b], [*c, *d]][: 2 if kind in (4, 5) else 1]
        state = {"lines": lines, "far": rng.randint(12, 30), "k": k, "asked": kind, "p": p * (kind > 4)}
        if any(x * y * u * v == 0 or abs(x - u) < 3 or not 1 < abs(y - v) / k < 9 for x, y, u, v in lines):
            continue
        # Answers are whole but for slopes; lines meet outside the window; P keeps away from them and axes.
        found = solve(state)
        good = any(found) and (kind == 3 or all(value % 1 == 0 for value in found))
        good = good and (kind < 4 or max(map(abs, found)) < 30) and (kind != 4 or max(map(abs, found)) > 8)
        aside = [abs(p[1] - y - (v - y) * (p[0] - x) / (u - x)) > 3 for x, y, u, v in lines]
        far = kind < 5 or (all(aside) and p[0] != 0 and p[1] not in (-1, 0))
        if good and far and (kind < 6 or abs(a[1] - b[1]) != abs(a[0] - b[0])):
            return {**state, "look": look(rng), "wording": rng.randrange(2)}


def solve(state):
    (a, b, c, d), (e, f, g, h), kind = state["lines"][0], state["lines"][-1], state["asked"]
    (x, y), u, v = state["p"] or (e, f), c - a, d - b
    # The other line, as a point and a direction: an axis or its parallel, the line or its parallel, a perpendicular.
    m, n, s, t = (x, y, g - e, h - f) if kind in (4, 5) else (x, y, -v, u)
    if kind < 3:
        m, n, s, t = (0, 0, 1, 0) if kind == 1 else (state["far"] * (kind == 2), 0, 0, 1)
    if kind == 3 or u * t == v * s:
        return [Fraction(v, u)] if kind == 3 else []
    share = Fraction((m - a) * t - (n - b) * s, u * t - v * s)
    m, n = a + share * u, b + share * v
    return [2 * m - x, 2 * n - y] if kind == 7 else [m, n] if kind > 3 else [m if kind == 1 else n]


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKED[state["asked"]].format(**state), FORMS[state["asked"] > 3])


def reference(state):
    found = ", ".join(map(str, solve(state)))
    return found if state["asked"] < 4 else f"({found})"


def score(state, answer):
    return 1.0 if answer.replace(" ", "").strip() == reference(state).replace(" ", "") else 0.0


def render(state):
    c, k = Canvas(768, 608, state["look"]), state["k"]
    high = (-6 * k, 6 * k, 2 * k)
    ax = Axes(c, 56, 72, 640, 480, xs=(-8, 8, 2), ys=high, minor=(2, 2), grid="xy", cross=True, names="xy")
    for i, (x, y, u, v) in enumerate(state["lines"]):
        borders = [(-8 - x) / (u - x), (8 - x) / (u - x), (-6 * k - y) / (v - y), (6 * k - y) / (v - y)]
        ends = [ax.at(x + t * (u - x), y + t * (v - y)) for t in sorted(borders)[1:3]]
        c.line(*ends, stroke=i, width=3.5, dash=[12, 8] if i else None, layer=2)
        ax.points([(x, y, "", "circle", i), (u, v, "", "circle", i)], r=7)
    ax.points([(*state["p"], "P", "diamond", 2)] if state["p"] else [])
    return c.svg()
