"""Pan balances: what one shape weighs, from balances that are all level.

Levels put shapes on both sides, make two and three shapes depend on each other, and hang the pans from unequal arms.
"""

from itertools import product
from operator import mul

from canvas import Canvas, balance, look

BUCKET = "mathematical"
LEVELS = (
    "one kind of shape against a weight",
    "shapes on both sides",
    "shapes and weights on both sides",
    "two kinds, one found first",
    "two kinds, shapes on both sides",
    "two kinds, neither found alone",
    "three kinds, one found after the other",
    "three kinds, none found alone",
    "three kinds on both sides, none found alone",
    "two kinds, pans on unequal arms",
)
TAGS = ("algebra", "linear-equations", "deduction")
ORACLE = "equality"
KINDS = ("circle", "triangle", "star", "diamond", "hexagon", "moon")
# The shapes on the pans of each balance; a weight on the lighter side brings it to rest.
FIGURES = (
    ("aa|", "aaa|", "aaaa|"), ("aaa|a", "aaaa|a", "a|aaa"), ("aaa|a", "aaaa|aa", "a|aaa"),
    ("aa| abb|", "aaa| ab|", "|aa b|a"), ("aaa|a abb|b", "aaa|a bbb|ab"), ("ab| aaa|b", "aab| abb|", "ab| a|b"),
    ("aa| ab| bbc|", "aaa| ab|c bb|a"), ("ab| bc| ac|", "ab| bc| aa|c"), ("ab|c bc|a ac|b", "aab|c bc|a acc|b"),
    ("a|b ab|", "aa|b ab|", "ab| a|bb"),
)  # fmt: skip
ARMS = ((1, 2), (2, 1), (2, 3), (3, 2), (1, 3), (3, 1))
LEVER = " What hangs from a notch counts as its weight times the number of that notch from the middle of the beam."
WORDINGS = ("How many grams does one {} weigh?", "What is the weight of one {}, in grams?")


def generate(rng, difficulty):
    kinds, figure, balances = rng.sample(KINDS, 3), rng.choice(FIGURES[difficulty]), []
    weights = dict(zip(kinds, rng.sample(range(2, 16), 3)))
    while len(balances) < figure.count(" ") + 1:  # again if no whole weight brings the beam to rest
        pans = [[kinds["abc".index(x)] for x in pan] for pan in figure.split()[len(balances)].split("|")]
        for pan in pans if difficulty == 2 else ():
            pan.append(rng.randint(3, 12))
        side = {"pans": pans, "arms": list(rng.choice(ARMS if difficulty == 9 else [(1, 1)]))}
        gap = tilt(side, weights)
        arm = side["arms"][gap > 0]
        pans[gap > 0] += [abs(gap) // arm] if gap else []
        balances += [side] if gap % arm == 0 else []
    asked = kinds["abc".index(max(figure.replace("|", "")))]
    return {"balances": balances, "asked": asked, "look": look(rng), "wording": rng.randrange(2)}


def tilt(side, weights):
    """Load times arm on the left less that on the right; a shape without a weight weighs nothing."""
    known = dict.fromkeys(KINDS, 0) | weights
    left, right = (arm * sum(known.get(x, x) for x in pan) for arm, pan in zip(side["arms"], side["pans"]))
    return left - right


def prompt(state):
    rules = "All beams are level. Equal shapes weigh the same, blocks show their weight in grams."
    rules += LEVER if any(max(side["arms"]) > 1 for side in state["balances"]) else ""
    return f"{rules} {WORDINGS[state['wording']].format(state['asked'])} Answer with one integer."


def reference(state):
    """The only weights that bring every beam to rest: the balances have independent equations."""
    kinds = [kind for kind in KINDS if any(kind in pan for side in state["balances"] for pan in side["pans"])]
    rests = [tilt(side, {}) for side in state["balances"]]
    turns = [[tilt(side, {kind: 1}) - rest for kind in kinds] for side, rest in zip(state["balances"], rests)]
    for values in product(range(2, 16), repeat=len(kinds)):
        if not any(sum(map(mul, turn, values)) + rest for turn, rest in zip(turns, rests)):
            return str(values[kinds.index(state["asked"])])
    return "none"


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0


def render(state):
    n = len(state["balances"])
    c, mark = Canvas(640, (448, 576, 768)[n - 1], state["look"]), (28, 24, 20)[n - 1]
    for i, side in enumerate(state["balances"]):
        (near, far), y = side["arms"], c.h * (i + (0.25, 0.15, 0.18)[n - 1]) / n
        wide, unit, size = (mark * 9, 165, mark) if near == far else (156, 84, 19)
        balance(c, (320 + (near - far) * unit / 2, y), wide, *side["pans"], (near, far), unit, size)
    return c.svg()
