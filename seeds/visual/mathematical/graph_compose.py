"""Graph compose: values of two functions shown by dots, one put into the other, inverted, or compared.

Levels join more readings, read backwards and ask for all places where the functions agree.
"""

from canvas import Axes, Canvas, look

BUCKET = "mathematical"
LEVELS = (
    "one value of f",
    "difference of two values of f",
    "sum of a value of f and one of g",
    "f of g",
    "f of g, plus a value of g",
    "f of f of g",
    "f read backwards",
    "f read backwards, then g",
    "f of g read backwards",
    "all places where f and g agree",
)
TAGS = ("functions", "composition", "charts")
ORACLE = "equality"
# What is asked, and its value; index is the place where a function takes a value.
ASKED = (
    ("f(a)", lambda f, g, a, b: f[a]),
    ("f(a) - f(b)", lambda f, g, a, b: f[a] - f[b]),
    ("f(a) + g(b)", lambda f, g, a, b: f[a] + g[b]),
    ("f(g(a))", lambda f, g, a, b: f[g[a]]),
    ("f(g(a)) + g(b)", lambda f, g, a, b: f[g[a]] + g[b]),
    ("f(f(g(a)))", lambda f, g, a, b: f[f[g[a]]]),
    ("the x with f(x) = a", lambda f, g, a, b: f.index(a)),
    ("g(x), if f(x) = a", lambda f, g, a, b: g[f.index(a)]),
    ("the x with f(g(x)) = a", lambda f, g, a, b: g.index(f.index(a))),
)
WORDINGS = ("What is {}?", "Find {}.", "Which number is {}?")
EQUAL = (
    "Which are all the x with f(x) = g(x)?",
    "Find all x with f(x) = g(x).",
    "Where are f(x) and g(x) equal?",
)
FORMS = ("one integer.", "these x in any order, separated by commas, like 0, 1, 3, 4, 6.")


def generate(rng, difficulty):
    """Permutations of 0 to 8 can be read backwards; to agree in places, g is one that copies f there."""
    f, g = rng.sample(range(9), 9), rng.sample(range(9), 9)
    places = rng.sample(range(9), rng.randint(2, 4)) if difficulty == 9 else []
    for x in range(9) if difficulty == 9 else ():
        g[x] = f[x] if x in places else rng.choice([y for y in range(9) if abs(y - f[x]) > 1])
    state = {"f": f, "g": g, "ab": rng.sample(range(9), 2 if difficulty < 9 else 0), "asked": difficulty}
    return {**state, "look": look(rng), "wording": rng.randrange(3)}


def prompt(state):
    last, i = state["asked"] == 9, state["wording"]
    question = EQUAL[i] if last else WORDINGS[i].format(ASKED[state["asked"]][0])
    rule = "The functions f and g have values at the whole numbers from 0 to 8, shown by dots."
    return f"{rule} {question} Answer with {FORMS[last]}"


def reference(state):
    f, g = state["f"], state["g"]
    if state["asked"] == 9:
        return ", ".join(str(x) for x in range(9) if f[x] == g[x])
    return str(ASKED[state["asked"]][1](f, g, *state["ab"]))


def score(state, answer):
    """The places may come in any order."""
    given = [word.strip() for word in answer.strip().split(",")]
    return 1.0 if sorted(given) == sorted(reference(state).split(", ")) else 0.0


def render(state):
    c = Canvas(1024, 544, state["look"])
    for i, name in enumerate("fg"):
        ax = Axes(
            c, 64 + 496 * i, 60, 416, 416, xs=(0, 8, 1), ys=(0, 8, 1), grid="xy", names=("x", f"{name}(x)")
        )
        ax.series(state[name], i, width=2, stroke=c.tint(i, 0.5))
    for i, (name, value) in enumerate(zip("ab", state["ab"])):
        c.text((820 + 110 * i, 32), f"{name} = {value}", 24, bold=True)
    return c.svg()
