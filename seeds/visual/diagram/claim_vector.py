"""Claim vector: five claims about a bar chart, each true, false, or left open by it.

Levels add kinds of claims, then bars that end outside. Verdicts are drawn before claims; none is by a tie.
"""

from canvas import Axes, Canvas, look

BUCKET = "diagram"
LEVELS = (
    "a bar against a number",
    "a bar against another",
    "a bar against twice another",
    "how many bars pass a number",
    "ranks",
    "two bars together against a third",
    "what if a bar were higher",
    "a bar ends outside: some claims stay open",
    "two bars end outside",
    "differences of bars that end outside",
)
TAGS = ("chart-reading", "claim-verification", "comparison")
ORACLE = "equality"
TOP, TOWNS = 60, ("Avon", "Bree", "Cary", "Dorf", "Elba", "Fano", "Gent", "Hove")
CLAIMS = (
    ("{0} is above {n}", lambda v, a, b, c, n, k: v[a] - n),
    ("{0} is higher than {1}", lambda v, a, b, c, n, k: v[a] - v[b]),
    ("{0} is more than twice as high as {1}", lambda v, a, b, c, n, k: v[a] - 2 * v[b]),
    ("At least {k} of the bars are above {n}", lambda v, a, b, c, n, k: sum(x > n for x in v) - k + 0.5),
    ("{0} is among the {k} highest bars", lambda v, a, b, c, n, k: k - sum(x > v[a] for x in v) - 0.5),
    ("{0} and {1} together exceed {2}", lambda v, a, b, c, n, k: v[a] + v[b] - v[c]),
    ("{0} would be higher than {1} if it were {n} higher", lambda v, a, b, c, n, k: v[a] + n - v[b]),
    ("{0} exceeds {1} by more than {n}", lambda v, a, b, c, n, k: v[a] - v[b] - n),
)
WORDINGS = (
    "Which of these claims about the chart are true (T), false (F), or not decided by it (U)?",
    "Judge by the chart: is each claim true (T), false (F), or left open by what it shows (U)?",
)


def generate(rng, difficulty):
    state = {"towns": rng.sample(TOWNS, 7), "values": rng.sample(range(5, TOP, 5), 7), "claims": []}
    state["outside"] = outside = rng.sample(range(7), max(0, min(2, difficulty - 6)))
    kinds, said = range(min(difficulty, 6) + 1 + (difficulty == 9)), set()
    for turn, verdict in enumerate(rng.sample("UUUTTFF" if outside else "TTTTFFFF", 5)):
        pool = kinds if turn % 2 or difficulty in (7, 8) else kinds[-1:]
        for _ in range(400):
            claim = [rng.choice(pool), *rng.sample(range(7), 3), rng.randrange(5, 55, 5), rng.randint(2, 5)]
            if judge(state, claim) == verdict and worded(state, claim) not in said:
                break
        said.add(worded(state, claim))
        state["claims"].append(claim)
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def judge(state, claim):
    """By the margin of the claim; bars that end outside stand at both extremes in turn. `-` is a tie."""
    (kind, *terms), holds = claim, set()
    for heights in ((61, 61), (61, 999), (999, 61), (999, 999)):
        outside = dict(zip(state["outside"], heights))
        margin = CLAIMS[kind][1]([outside.get(i, v) for i, v in enumerate(state["values"])], *terms)
        holds.add("-" if margin == 0 else "T" if margin > 0 else "F")
    return "-" if "-" in holds else "U" if len(holds) > 1 else holds.pop()


def worded(state, claim):
    kind, *bars, n, k = claim
    return CLAIMS[kind][0].format(*[state["towns"][i] for i in bars], n=n, k=k)


def prompt(state):
    head = "A bar with an arrow ends anywhere above. " * bool(state["outside"]) + WORDINGS[state["wording"]]
    lines = [f"{number}. {worded(state, claim)}." for number, claim in enumerate(state["claims"], 1)]
    return "\n".join([head, *lines]) + "\nAnswer with five letters in the order of the claims, like TUFFU."


def reference(state):
    return "".join(judge(state, claim) for claim in state["claims"])


def score(state, answer):
    return 1.0 if "".join(answer.replace(",", " ").split()).upper() == reference(state) else 0.0


def render(state):
    c, outside = Canvas(768, 512, state["look"]), state["outside"]
    ax = Axes(c, 60, 72, 684, 392, xs=state["towns"], ys=(0, TOP, 10), minor=(1, 2))
    ax.bars([[TOP if i in outside else value] for i, value in enumerate(state["values"])])
    for i in outside:
        c.arrow(ax.at(i, TOP), (ax.at(i, TOP)[0], 26), stroke=0, width=10, head=24)
    return c.svg()
