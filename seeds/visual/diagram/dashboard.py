"""Dashboard: a number that has to be put together from four small charts of the same shops.

Levels go from one panel to several, to filters, a broken axis and a table. Values lie on the grid and differ.
"""

from canvas import Axes, Canvas, look, table

BUCKET = "diagram"
LEVELS = (
    "one value: which panel",
    "a sum within a panel",
    "the largest of one panel, looked up in another",
    "all but the largest of another panel",
    "a sum over a filter in another panel",
    "filters in two panels",
    "one of two filters, on a broken axis",
    "numbers of a panel times those of the table",
    "shops chosen by the table",
    "table, filter and product together",
)
TAGS = ("chart-reading", "dashboard", "arithmetic")
ORACLE = "equality"
STEPS = {"visitors": 5, "sales": 25, "staff": 1}  # of each panel's grid, which has twelve lines
PAY = "Each shop pays its staff times its wage. What is paid in all by the shops "
MANY = "How many {1} in all have the shops "
ASKS = (
    *("How many {1} has shop {3}?", MANY + "{3} and {4}?", "How many {1} has the shop with the most {0}?"),
    *("How many {1} have all shops but the one with the most {0}?", MANY + "with more than {5} {0}?"),
    MANY + "with more than {5} {0} and fewer than {6} {2}?",
    MANY + "with more than {5} {0} or fewer than {6} {2}, but not both?",
    *(PAY + "{3} and {4}?", MANY + "in {7}?", PAY + "in {7} with more than {5} {0}?"),
)
WORDINGS = ("The panels show the same shops. {} Give one integer.", "{} Read the panels. Give one integer.")


def generate(rng, difficulty):
    """Redrawn until some of the shops count, but not all."""
    state = {"kind": difficulty, "shops": sorted(rng.sample("ABCDEFGHKL", 5)), "look": look(rng)}
    state |= {"asked": rng.sample(range(5), 2), "panels": rng.sample(list(STEPS), 3)}
    for _ in range(300):
        for name, step in STEPS.items():
            low = 8 * (difficulty > 5 and name == "visitors")
            state[name] = [step * (low + number) for number in rng.sample(range(1, 12), 5)]
        state["bounds"] = [sorted(state[state["panels"][k]])[rng.randint(1, 2) + k // 2] for k in (0, 2)]
        state |= {"wage": rng.choices(range(2, 10), k=5), "town": rng.choices(("Bern", "Kiel", "Oslo"), k=5)}
        if difficulty in (0, 2) or 2 <= len(chosen(state)) <= 4:
            break
    return {**state, "wording": rng.randrange(2)}


def prompt(state):
    one, two = (state["shops"][i] for i in state["asked"])
    facts = (*state["panels"], one, two, *state["bounds"], state["town"][state["asked"][0]])
    return WORDINGS[state["wording"]].format(ASKS[state["kind"]].format(*facts))


def chosen(state):
    """The numbers of the shops that count: every level has its own test."""
    found, (one, two), (more, fewer) = [], state["asked"], state["bounds"]
    for i, town in enumerate(state["town"]):
        first, last = state[state["panels"][0]], state[state["panels"][2]][i]
        best, over, under = first[i] == max(first), first[i] > more, last < fewer
        named, here = i in (one, two), town == state["town"][one]
        tests = [i == one, named, best, not best, over, over and under, over != under, named, here]
        found += [i] * [*tests, here and over][state["kind"]]
    return found


def reference(state):
    paid = state["kind"] in (7, 9)
    counts, wages = state["staff" if paid else state["panels"][1]], state["wage"] if paid else [1] * 5
    return str(sum(counts[i] * wages[i] for i in chosen(state)))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(1024, 768, state["look"])
    for k, (panel, (name, step)) in enumerate(zip(c.split(2, 2, gap=20, pad=20), STEPS.items())):
        panel.text((56, 20), name, anchor="start", bold=True)
        low = 8 * step * (name == "visitors" and state["kind"] > 5)
        ys = (low, low + 12 * step, 2 * step)
        ax = Axes(panel, 56, 48, 410, 256, xs=state["shops"], ys=ys, minor=(1, 2), broken=low > 0)
        ax.series(state[name], k) if k == 1 else ax.bars([[value] for value in state[name]], first=k)
    rows = list(zip(state["shops"], state["town"], state["wage"]))
    table(c, 572, 440, ("shop", "town", "wage"), rows, widths=130, high=46, title="shops")
    return c.svg()
