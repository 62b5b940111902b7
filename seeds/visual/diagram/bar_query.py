"""Bar query: a number worked out from a bar chart.

Levels add ranks, conditions, a broken axis. Bars end on a line of the grid; no two of a series or group are equal.
"""

from canvas import Axes, Canvas, key, look

BUCKET = "diagram"
LEVELS = (
    "one bar, its value printed on it",
    "the difference of two bars",
    "values are no longer printed",
    "the difference of two ranks",
    "ranks among the bars that are left without one",
    "the sum of all bars between two ranks",
    "groups with a key: a sum under a condition",
    "the condition looks at the group before",
    "the largest difference under a condition",
    "broken axis: totals of the groups under a condition",
)
TAGS = ("chart-reading", "arithmetic", "comparison")
ORACLE = "equality"
FARMS = ("Ashby", "Brook", "Cliff", "Dale", "Elm", "Ford", "Glen", "Hill")
EXCESS = "by how much does the bar ranked {2} from the top exceed the one ranked {3} from the bottom?"
CHOICE = "Take only the farms where the bar for {4} is higher than "
ASKS = (
    *("What is the value of {0}?", *["By how much do {0} and {1} differ?"] * 2, "B" + EXCESS[1:]),
    "Leaving out {0}, " + EXCESS,
    "What is the sum of all bars below the one ranked {2} from the top and above that ranked {3} from the bottom?",
    CHOICE + "that for {5}. What is the sum of {6} over these farms?",
    CHOICE + "at the farm just left of it. What is the sum of {6} over these farms?",
    CHOICE + "that for {5}. By how much, at most, do the bars for {5} and {6} differ at one of these farms?",
    CHOICE + "that for {5}. How far apart are the largest and the smallest sum of such a farm's bars?",
)
WORDINGS = (
    "The bar chart shows the harvest of some farms in crates. {} Answer with one integer.",
    "{} Read the numbers of crates, farm by farm, from the bar chart. Answer with one integer.",
)


def generate(rng, difficulty):
    """Redrawn until two to four farms meet the condition, where there is one."""
    farms, low = sorted(rng.sample(FARMS, 6 if difficulty > 5 else 7)), 100 * (difficulty == 9)
    values = range(12, 98) if difficulty < 2 else range(low + 10, low + 100, 5)
    state = {"kind": difficulty, "farms": farms, "series": rng.sample(("apples", "pears", "plums"), 3)}
    state |= {"bars": rng.sample(range(len(farms)), 2), "ranks": [rng.randint(1, 3), rng.randint(1, 2)]}
    for _ in range(200):
        columns = [rng.sample(values, len(farms)) for _ in range(3 if difficulty > 5 else 1)]
        state["values"] = [list(group) for group in zip(*columns)]
        clear = all(len(set(group)) == len(group) for group in state["values"])
        if difficulty < 6 or (clear and 2 <= len(chosen(state)) <= 4):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def chosen(state):
    """The bars of the farms that meet the condition."""
    rows, before = state["values"], state["kind"] == 7
    return [row for i, row in enumerate(rows[before:]) if row[0] > (rows[i][0] if before else row[1])]


def prompt(state):
    bars = [state["farms"][i] for i in state["bars"]]
    return WORDINGS[state["wording"]].format(
        ASKS[state["kind"]].format(*bars, *state["ranks"], *state["series"])
    )


def reference(state):
    kind, rows, (one, two), (up, down) = state["kind"], state["values"], state["bars"], state["ranks"]
    if kind < 3:
        return str(abs(rows[one][0] - rows[two][0]) if kind else rows[one][0])
    if kind < 6:
        ranked = sorted(row[0] for i, row in enumerate(rows) if kind != 4 or i != one)
        return str(sum(ranked[down:-up]) if kind == 5 else ranked[-up] - ranked[down - 1])
    found = [row[2] if kind < 8 else abs(row[1] - row[2]) if kind == 8 else sum(row) for row in chosen(state)]
    return str(sum(found) if kind < 8 else max(found) - min(found) * (kind == 9))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c, low = Canvas(768, 544, state["look"]), 100 * (state["kind"] == 9)
    ax = Axes(c, 64, 64, 680, 436, xs=state["farms"], ys=(low, low + 100, 10), minor=(1, 2), broken=low > 0)
    ax.bars(state["values"], words=state["kind"] < 2)
    if state["kind"] > 5:
        key(c, 230, 32, state["series"])
    return c.svg()
