"""Street turns: at which corner a walker ends who follows directions on a street plan.

The start faces any way, turns go back and towards landmarks, closed streets change the way.
"""

from canvas import Canvas, Grid, cell_name, look

BUCKET = "spatial"
LEVELS = (
    "the walker faces up the plan and turns twice", "facing down, three turns", "facing left or right",
    "facing any of four ways, four turns", "one of four turns is right round",
    "one turn is told as towards a landmark", "two of five turns are towards landmarks",
    "closed streets: the walker turns right before them", "closed streets and two turns towards landmarks",
    "closed streets, six turns, three towards landmarks",
)  # fmt: skip
TAGS = ("spatial-reasoning", "navigation", "perspective-taking")
ORACLE = "equality"
PLANS = ("ss", "sss", "sss", "ssss", "srss", "mrss", "mrmss", "srss", "mrmss", "mrmsms")
KINDS = {"s": (1, 3), "r": (2,), "m": range(4, 8)}  # turns to a side, right round, towards a landmark
HEADINGS = ((0,), (2,), (1, 3), *[(0, 1, 2, 3)] * 7)
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
WORDS = ("", "turns right and ", "turns right round and ", "turns left and ")
WORDINGS = ("A walker starts at the arrow, facing its way.", "The arrow shows a walker's start and facing.")
SHUT = " Whenever a bar closes the street ahead, the walker turns right until it is open and goes on there."
FORM = " At which crossing does the walk end? Answer with its name, letter and number, like H9."


def generate(rng, difficulty):
    """Crossings have even coordinates, streets lie between them. What is closed changes where the walk ends."""
    closed, streets = difficulty > 6, [[i, j] for i in range(13) for j in range(13) if (i + j) % 2]
    for _ in range(100):
        state = {"bars": rng.sample(streets, 14 * closed), "heading": rng.choice(HEADINGS[difficulty])}
        state |= {"start": [rng.randrange(2, 12, 2) for _ in "ij"], "legs": [[0, rng.randint(1, 2)]]}
        for kind in PLANS[difficulty]:
            ways = [[*state["legs"], [turn, n]] for turn in KINDS[kind] for n in (1, 2, 3, 4)]
            state["legs"] = rng.choice([legs for legs in ways if walk({**state, "legs": legs})] or ways)
        end = walk(state)
        if end not in (None, state["start"]) and (not closed or end != walk({**state, "bars": []})):
            break
    state["marks"] = rng.sample(("star", "diamond", "circle", "moon"), 4 * ("m" in PLANS[difficulty]))
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def walk(state):
    """Where the walk ends, None off the plan or when shut in; a turn is given in quarters, from 4 on by landmark."""
    (i, j), way = state["start"], state["heading"]
    for turn, count in state["legs"]:
        way = turn - 4 if turn > 3 else (way + turn) % 4
        for _ in range(count):
            for _ in range(3):
                way = (way + ([i + STEPS[way][0], j + STEPS[way][1]] in state["bars"])) % 4
            i, j = i + 2 * STEPS[way][0], j + 2 * STEPS[way][1]
            if not (0 <= i < 13 and 0 <= j < 13) or [i - STEPS[way][0], j - STEPS[way][1]] in state["bars"]:
                return None
    return [i, j]


def prompt(state):
    words = WORDS + tuple(f"turns to the side of the {mark} and " for mark in state["marks"])
    told = [f"{words[turn]}goes {count} block{'s' * (count > 1)}" for turn, count in state["legs"]]
    return (
        WORDINGS[state["wording"]]
        + f" The walker {', then '.join(told)}."
        + SHUT * bool(state["bars"])
        + FORM
    )


def reference(state):
    return cell_name(*(a // 2 for a in walk(state)))


def score(state, answer):
    return 1.0 if "".join(answer.upper().split()) == reference(state) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, 7, 7, lines=None, names=True, pad=60)
    for ends in [((k, 0), (k, 6)) for k in range(7)] + [((0, k), (6, k)) for k in range(7)]:
        c.line(*map(g.center, ends), stroke="faint", width=16)
    for i, j in state["bars"]:
        (x, y), a = g.center((i / 2, j / 2)), 13 * (i % 2)
        c.line((x - a, y - 13 + a), (x + a, y + 13 - a), stroke=1, width=6, layer=2)
    for mark, cell in zip(state["marks"], ((-1.3, 3), (3, 7), (7, 3), (3, -1.3))):
        c.shape(mark, g.center(cell), 20, fill=2)
    (x, y), (i, j) = g.center([a / 2 for a in state["start"]]), STEPS[state["heading"]]
    c.circle((x, y), 12, fill=0)
    c.arrow((x, y), (x + 30 * j, y + 30 * i), 16, stroke=0, width=6)
    return c.svg()
