"""Street turns: at which corner a walker ends who follows directions on a street plan.

The start faces any way, turns go back and towards landmarks, closed streets change the way. Left and right are the
walker's own.
"""

from canvas import Canvas, Grid, cell_name, look

BUCKET = "spatial"
LEVELS = (
    "the walker faces up the plan and turns once",
    "facing up, three turns",
    "facing up or down",
    "facing any of four ways, four turns",
    "the walker may also turn right round",
    "one turn is told as towards a landmark",
    "two turns towards landmarks",
    "closed streets: the walker turns right before them",
    "closed streets and two turns towards landmarks",
    "closed streets, six turns, three towards landmarks",
)
TAGS = ("spatial-reasoning", "navigation", "perspective-taking")
ORACLE = "equality"
N = 7
TURNS, MARKED = (1, 3, 3, 4, 4, 4, 5, 4, 5, 6), (0, 0, 0, 0, 0, 1, 2, 0, 2, 3)
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
WORDS = ("", "turns right and ", "turns right round and ", "turns left and ")
MARKS = ("star", "diamond", "circle", "moon")
WORDINGS = (
    "A walker starts at the arrow, facing as it points.",
    "The arrow shows where a walker starts and looks.",
)
SHUT = (
    " Whenever a bar closes the street ahead, the walker turns right until it is open, and goes on that way."
)
FORM = " At which crossing does the walk end? Answer with its name, letter and number, like H9."


def generate(rng, difficulty):
    """Each leg is drawn from those that stay on the plan; what is closed matters."""
    streets = [[i, j, k] for k in (0, 1) for i in range(N - 1 + k) for j in range(N - k)]
    for _ in range(20):
        state = {"start": [rng.randint(1, 5), rng.randint(1, 5)], "legs": []}
        state["heading"] = rng.choice((0, 2, 1, 3)[: (1, 1, 2, 4)[min(difficulty, 3)]])
        state["bars"] = sorted(rng.sample(streets, 14 * (difficulty > 6)))
        for k in range(TURNS[difficulty] + 1):
            turns = range(4, 8) if k % 2 and k < 2 * MARKED[difficulty] else (1, 3, 2)[: 2 + (difficulty > 3)]
            ways = [[*state["legs"], [turn, n]] for turn in (turns if k else (0,)) for n in (1, 2, 3, 4)]
            state["legs"] = rng.choice([legs for legs in ways if walk({**state, "legs": legs})] or ways)
        end = walk(state)
        if end not in (None, state["start"]) and (difficulty < 7 or end != walk({**state, "bars": []})):
            break
    state["marks"] = rng.sample(MARKS, 4 * (MARKED[difficulty] > 0))
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def walk(state):
    """Where the walk ends, None when off the plan; a turn is told by its quarters, or from 4 on by a landmark."""
    (i, j), way = state["start"], state["heading"]
    for turn, count in state["legs"]:
        way = turn - 4 if turn > 3 else (way + turn) % 4
        for _ in range(count):
            streets = [[i - (a < 0), j - (b < 0), abs(b)] for a, b in (STEPS + STEPS)[way : way + 4]]
            way = (way + min([k for k in range(4) if streets[k] not in state["bars"]], default=0)) % 4
            i, j = i + STEPS[way][0], j + STEPS[way][1]
            if not (0 <= i < N and 0 <= j < N):
                return None
    return [i, j]


def prompt(state):
    told = []
    for turn, count in state["legs"]:
        words = WORDS[turn] if turn < 4 else f"turns to the side of the {state['marks'][turn - 4]} and "
        told.append(f"{words}goes {count} block{'s' * (count > 1)}")
    way = f" The walker {', then '.join(told)}."
    return WORDINGS[state["wording"]] + way + SHUT * bool(state["bars"]) + FORM


def reference(state):
    return cell_name(*walk(state))


def score(state, answer):
    return 1.0 if answer.replace(" ", "").strip().upper() == reference(state) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, N, N, lines=None, names=True, pad=60)
    for k in range(N):
        c.line(g.center((k, 0)), g.center((k, N - 1)), stroke="faint", width=16)
        c.line(g.center((0, k)), g.center((N - 1, k)), stroke="faint", width=16)
    for i, j, across in state["bars"]:
        (x, y), a, b = g.center((i + 0.5 - across / 2, j + across / 2)), 13 - 13 * across, 13 * across
        c.line((x - a, y - b), (x + a, y + b), stroke=1, width=6, layer=2)
    for mark, (i, j) in zip(state["marks"], ((-1.3, 3), (3, 7), (7, 3), (3, -1.3))):
        c.shape(mark, g.center((i, j)), 20, fill=2)
    (x, y), (di, dj) = g.center(state["start"]), STEPS[state["heading"]]
    c.circle((x, y), 12, fill=0)
    c.arrow((x, y), (x + 52 * dj, y + 52 * di), 18, stroke=0, width=6)
    return c.svg()
