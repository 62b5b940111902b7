"""Path count: how many shortest routes lead through a street plan from S to F.

Levels put S and F inside the plan, lead through P, take streets away, make some one-way, close Q, add slanted ones.
"""

from itertools import product

from canvas import Canvas, Grid, between, look

BUCKET = "counting"
LEVELS = (
    "corner to corner of a full grid", "S and F inside the grid", "through P", "streets missing",
    "missing, S and F inside", "missing, through P", "one-way streets", "one-way streets, through P",
    "one-way streets, Q closed", "slanted streets, through P, Q closed",
)  # fmt: skip
TAGS = ("counting", "shortest-path", "dynamic-programming")
ORACLE = "equality"
LETTERS = {2: "P", 5: "P", 7: "P", 8: "Q", 9: "PQ"}
WORDINGS = (
    "A route is shortest if no other uses fewer streets. {}How many shortest routes are there from S to F{}?{}",
    "Routes from S to F with the fewest streets are the shortest. {}How many shortest routes are there{}?{}",
)
RULE = (
    " A street joins two neighbouring crossings; an arrow allows its direction only. Answer with one integer."
)


def generate(rng, difficulty):
    """Draws plans until the number of routes is neither tiny nor beyond counting."""
    inside, low = difficulty in (1, 4), rng.choice((3, 4, 5, 7, 11, 16, 21))
    while True:
        rows, cols, low = rng.randint(3, 5 + inside), rng.randint(4, 6 + inside), max(3, low - 0.05)
        spots = [[y, x] for y in range(rows) for x in range(cols)]
        steps = [(0, 1), (1, 0), *[(1, rng.choice((1, -1)))] * (difficulty == 9)]
        streets = [[[y, x], [y + a, x + b]] for y, x in spots for a, b in steps if [y + a, x + b] in spots]
        streets = [street for street in streets if difficulty < 3 or rng.random() < 0.82]
        arrows = [w[:: rng.choice((1, -1))] for w in streets if rng.random() < 0.35 * (5 < difficulty < 9)]
        corners = rng.choice(([[0, 0], spots[-1]], [[0, cols - 1], [rows - 1, 0]]))[:: rng.choice((1, -1))]
        marks = dict(zip("SF" + LETTERS.get(difficulty, ""), rng.sample(spots, 4)))
        marks |= {} if inside else dict(zip("SF", corners))
        state = {"size": [rows, cols], "marks": marks, "streets": streets, "arrows": arrows}
        if len(set(map(str, marks.values()))) == len(marks) and low <= int(reference(state)) <= 60:
            return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    closed = "Crossing Q is closed. " * ("Q" in state["marks"])
    return WORDINGS[state["wording"]].format(closed, " through P" * ("P" in state["marks"]), RULE)


def reference(state):
    """Through P: ways to P times ways from it, if P lies on a shortest route at all."""
    start, end = state["marks"]["S"], state["marks"]["F"]
    steps, count = routes(state, start, end)
    if middle := state["marks"].get("P"):
        there, back = routes(state, start, middle), routes(state, middle, end)
        count = there[1] * back[1] * (there[0] + back[0] == steps)
    return str(count)


def routes(state, start, end):
    now, seen, steps = {tuple(start): 1}, {tuple(start), tuple(state["marks"].get("Q", ()))}, 0
    while now and tuple(end) not in now:
        reached, steps = {}, steps + 1
        for p, q in state["streets"] + [street[::-1] for street in state["streets"]]:
            a, b = tuple(p), tuple(q)
            if a in now and b not in seen and [q, p] not in state["arrows"]:
                reached[b] = reached.get(b, 0) + now[a]
        now, seen = reached, seen | set(reached)
    return steps, now.get(tuple(end), 0)


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c, (rows, cols) = Canvas(704, 544, state["look"]), state["size"]
    plan = Grid(c, rows - 1, cols - 1, lines=None, pad=56)
    for p, q in state["streets"]:
        c.line(plan.corner(*p), plan.corner(*q), stroke="soft", width=5)
    for p, q in state["arrows"]:
        ends = plan.corner(*p), plan.corner(*q)
        c.arrow(between(*ends, 0.3), between(*ends, 0.68), head=24, width=5)
    for spot in product(range(rows), range(cols)):
        c.circle(plan.corner(*spot), 8, fill="soft", stroke=None, layer=1)
    for letter, spot in state["marks"].items():
        c.circle(plan.corner(*spot), 22, fill="SFPQ".index(letter), width=3, layer=2)
        c.text(plan.corner(*spot), letter, 24, fill=c.on("SFPQ".index(letter)), bold=True)
    return c.svg()
