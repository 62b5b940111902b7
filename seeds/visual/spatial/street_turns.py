"""Street turns: at which corner a walker ends who follows directions on a street plan.

The start faces any way, turns go back and towards landmarks, closed streets change the way, and at last the way is
walked backwards. Left and right are the walker's own.
"""

from canvas import Canvas, Grid, cell_name, look

BUCKET = "spatial"
LEVELS = (
    "the walker faces up the plan and turns once",
    "facing up, three turns",
    "facing up or down",
    "any heading, four turns",
    "also turns right round",
    "one turn is told as towards a landmark",
    "two turns towards landmarks",
    "closed streets: the walker turns right before them",
    "closed streets and turns towards landmarks",
    "closed streets, landmarks, and six turns",
)
TAGS = ("spatial-reasoning", "navigation", "perspective-taking")
ORACLE = "equality"
N = 7
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
WORDS = ("", "turns right", "turns right round", "turns left")
MARKS = ("star", "diamond", "circle", "moon")
WORDINGS = (
    "A walker stands at the arrow and faces as it points.",
    "The arrow shows where a walker starts and looks.",
)
SHUT = " Whenever a bar across the street blocks the next block, the walker first turns right, as often as needed."
FORM = " At which crossing does the walk end? Answer with its name, letter and number, like H9."


def generate(rng, difficulty):
    """Landmarks stand off the plan, one on each side, so that turning towards one has one meaning."""
    headings = ((0,), (0,), (0, 2))[difficulty] if difficulty < 3 else (0, 1, 2, 3)
    marks = rng.sample(MARKS, 4) if difficulty in (5, 6, 8, 9) else []
    count = (1, 3, 3, 4, 4, 4, 5, 4, 5, 6)[difficulty]
    end, state, used = None, {}, 0
    while not end or end == state["start"] or (not used and difficulty > 6):
        legs = [["", rng.randint(1, 3)]]
        for k in range(count):
            turn = rng.choice(WORDS[1:] if difficulty > 3 else WORDS[1::2])
            legs.append(
                [
                    f"turns to the side of the {rng.choice(marks)}" if marks and k % 2 else turn,
                    rng.randint(1, 4),
                ]
            )
        blocks = [[rng.randrange(N - 1), rng.randrange(N - 1), rng.randrange(2)] for _ in range(14)]
        state = {"start": [rng.randrange(N), rng.randrange(N)], "heading": rng.choice(headings), "legs": legs}
        state |= {"marks": marks, "blocks": sorted(blocks) * (difficulty > 6)}
        end, used = walk(state)
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def walk(state):
    """Where the walk ends, and how often a street was closed; no end when it leaves the plan."""
    (i, j), way, used = state["start"], state["heading"], 0
    for words, count in state["legs"]:
        mark = words.split()[-1] if words else ""
        way = state["marks"].index(mark) if mark in state["marks"] else (way + WORDS.index(words)) % 4
        for _ in range(count):
            streets = [[i - (a < 0), j - (b < 0), abs(b)] for a, b in (STEPS + STEPS)[way : way + 4]]
            turn = next((k for k in range(4) if streets[k] not in state["blocks"]), 0)
            way, used = (way + turn) % 4, used + turn
            i, j = i + STEPS[way][0], j + STEPS[way][1]
            if not (0 <= i < N and 0 <= j < N) or streets[turn] in state["blocks"]:
                return None, used
    return [i, j], used


def prompt(state):
    told = []
    for words, count in state["legs"]:
        told.append(f"{words + ' and ' * bool(words)}goes {count} block{'s' * (count > 1)}")
    return (
        f"{WORDINGS[state['wording']]} The walker {', then '.join(told)}.{SHUT * bool(state['blocks'])}{FORM}"
    )


def reference(state):
    return cell_name(*walk(state)[0])


def score(state, answer):
    return 1.0 if answer.replace(" ", "").upper() == reference(state) else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, N, N, lines=None, names=True, pad=60)
    for k in range(N):
        for ends in (((k, 0), (k, N - 1)), ((0, k), (N - 1, k))):
            c.line(*(g.center(cell) for cell in ends), stroke="faint", width=16)
    for i, j, across in state["blocks"]:
        (x, y), a, b = g.center((i + 0.5 - across / 2, j + across / 2)), 13 - 13 * across, 13 * across
        c.line((x - a, y - b), (x + a, y + b), stroke=1, width=6, layer=2)
    for mark, (i, j) in zip(state["marks"], ((-1.3, 3), (3, 7), (7, 3), (3, -1.3))):
        c.shape(mark, g.center((i, j)), 20, fill=2)
    x, y = g.center(state["start"])
    di, dj = STEPS[state["heading"]]
    c.circle((x, y), 12, fill=0)
    c.arrow((x, y), (x + 52 * dj, y + 52 * di), 18, stroke=0, width=6)
    return c.svg()
