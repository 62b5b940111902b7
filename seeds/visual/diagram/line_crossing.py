"""Line crossing: the day on which one series overtakes another.

Levels go from a peak to overtaking, on two scales, in running totals. Marks lie on the grid; no lead is zero.
"""

from itertools import accumulate

from canvas import Axes, Canvas, key, look

BUCKET = "diagram"
LEVELS = (
    "the peak of a series",
    "a second series, not asked for",
    "the largest rise instead of the peak",
    "the first overtaking of two",
    "overtaking for good",
    "overtaking two others for good",
    "two scales: drawn lower can be higher in value",
    "two scales, overtaking for good",
    "running totals",
    "running totals, one booked two days late",
)
TAGS = ("chart-reading", "time-series")
ORACLE = "equality"
PEAK = "On which day is the value of {0} highest?"
FIRST = "On which day is the value of {0} for the first time above that of {1} after being below it the day before?"
GOOD = "From which day on is the value of {0} higher than {1} to the end, after not being so the day before?"
SUMS = "On which day does the running total (the values up to that day) of {0} first exceed that of {1}?"
LATE = "The values of {0} are booked two days late: that of day 1 counts from day 3 on, and so forth. " + SUMS
RISE = "On which day does the value of {0} rise most against the day before?"
ASKS = (PEAK, PEAK, RISE, FIRST, GOOD, GOOD.replace("{1}", "both {1} and {2}"), FIRST, GOOD, SUMS, LATE)
WORDINGS = ("The chart has one value a day for each line. {} {}", "{} Each mark is the value of one day. {}")


def generate(rng, difficulty):
    """The day is drawn first, then who leads, then values that fit and that one scale would misread."""
    kind, size, day = difficulty, {0: 1, 5: 3}.get(difficulty, 2), rng.randint(4, 10)
    right = rng.choice((20, 25)) if kind in (6, 7) else 0
    state = {"kind": kind, "lines": rng.sample("ABKLMRST", size), "right": right}
    for _ in range(900):
        wins = [rng.random() < (0.95 if kind == 8 and i > day - 3 else 0.5) for i in range(12)]
        if kind in (3, 6):
            wins[:day] = [*sorted(wins[: day - 2], reverse=True), False, True]
        elif kind in (4, 5, 7):
            wins[day - 2 :] = [False] + [True] * (13 - day)
        state["values"] = [list(row) for row in zip(*[column(rng, size, right, win) for win in wins])]
        if reference(state) == str(day) and (not right or "0" != reference(state | {"right": 0}) != str(day)):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def column(rng, size, right, win):
    while True:
        own, *others = rng.sample(range(5, 56, 5), size)
        if (own > max(others, default=30) + right) == win:
            return [own, *others]


def prompt(state):
    ask = ASKS[state["kind"]].format(*state["lines"])
    return WORDINGS[state["wording"]].format(ask, "Answer with the number of the day.")


def reference(state):
    """0 when there is no such day, or a tie. The right scale is that much above the left one."""
    kind, (own, *others) = state["kind"], state["values"]
    if kind < 3:
        marks = [new - old * (kind == 2) for old, new in zip(own[:1] + own, own)]
        return str(marks.index(max(marks)) + 1 if marks.count(max(marks)) == 1 else 0)
    if kind > 7:
        own, others = accumulate([0, 0] * (kind == 9) + own), [accumulate(others[0])]
    lead = [x - max(rest) - state["right"] for x, *rest in zip(own, *others)]
    days = [i + 1 for i in range(1, 12) if lead[i - 1] < 0 < lead[i]]
    again = len(days) > (kind != 7) if kind < 8 else days and lead[0] < 0
    return str(days[-(kind in (4, 5, 7))] if again and 0 not in lead else 0)


def score(state, answer):
    return 1.0 if answer.casefold().replace("day", "", 1).strip() == reference(state) else 0.0


def render(state):
    c, right = Canvas(864, 544, state["look"]), state["right"]
    xs, second = [str(i + 1) for i in range(12)], (right, right + 60, 10) if right else None
    ax = Axes(c, 64, 64, 740, 440, xs=xs, ys=(0, 60, 10), right=second, minor=(1, 2), grid="xy")
    for k, row in enumerate(state["values"]):
        ax.series(row, k)
    sides = (" (left scale)", " (right scale)") if right else [""] * 3
    key(c, 150, 32, [line + side for line, side in zip(state["lines"], sides)], "line")
    return c.svg()
