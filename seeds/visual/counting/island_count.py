"""Island count: how many islands of a kind, or lakes, lie on a map of squares.

Levels ask for large islands, those off the border, lakes among bays; from 6 on corners join land.
"""

from itertools import product

from canvas import Canvas, Grid, look

BUCKET = "counting"
LEVELS = (
    "islands, joined by edges", "islands of some size", "islands off the border", "lakes, not bays",
    "lakes of some size", "squares of the largest island", "corners join land", "corners join, size",
    "corners join, off the border", "corners join, islands at a lake",
)  # fmt: skip
TAGS = ("counting", "connectivity", "flood-fill")
ORACLE = "equality"
AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
ASKS = {
    "all": "How many islands{} are there?",
    "inner": "How many islands{} do not touch the border of the map?",
    "lakes": "How many lakes{} are there? Water that reaches the border of the map is no lake.",
    "largest": "How many squares does the largest island{} have?",
    "shore": "How many islands{} touch a lake, water from which no way leads to the border of the map?",
}
ORDER = ("all", "all", "inner", "lakes", "lakes", "largest", "all", "all", "inner", "shore")
LEAST = (1, 2, 1, 1, 2, 1, 1, 2, 1, 1)  # squares of an island or lake that counts
DENSITY = (0.32, 0.4, 0.4, 0.64, 0.62, 0.42, 0.22, 0.24, 0.24, 0.05)
WORDINGS = (
    "Green is land, blue water. Land squares join if they share {}, water squares if they share an edge. {}",
    "Land is green and water blue. Water joins across edges only, land squares that share {} join. {}",
)


def generate(rng, difficulty):
    """Strews land until the answer is the one wished for; for islands with lakes also rings of four squares."""
    ask, joins, size = ORDER[difficulty], 8 if difficulty > 5 else 4, 9 + difficulty // 3
    target = rng.randint(1, 6) if ask in ("lakes", "shore") else rng.randint(2, 9) + 5 * (ask == "largest")
    for _ in range(150):
        land = {cell for cell in product(range(size), repeat=2) if rng.random() < DENSITY[difficulty]}
        for spot in rng.sample(range(9), (target + rng.randint(0, 2)) * (ask == "shore")):
            y, x = 1 + 4 * (spot // 3) + rng.randrange(2), 1 + 4 * (spot % 3) + rng.randrange(2)
            land |= {(y + a, x + b) for a, b in AROUND[:4]}
        rows = ["".join(".#"[(y, x) in land] for x in range(size)) for y in range(size)]
        state = {"rows": rows, "corners": joins == 8, "ask": ask, "least": LEAST[difficulty]}
        if reference(state) == str(target):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng, named=True)}


def patches(cells, joins):
    found = []
    for y, x in cells:
        near = {(y + a, x + b) for a, b in AROUND[:joins]}
        joined = [patch for patch in found if near & patch]
        found = [patch for patch in found if patch not in joined] + [{(y, x)}.union(*joined)]
    return found


def prompt(state):
    shared = "an edge or a corner" if state["corners"] else "an edge (a corner is not enough)"
    asked = ASKS[state["ask"]].format(f" of {state['least']} or more squares" * (state["least"] > 1))
    return WORDINGS[state["wording"]].format(shared, asked) + " Answer with one integer."


def reference(state):
    rows, last = state["rows"], len(state["rows"]) - 1
    cells = list(product(range(last + 1), repeat=2))
    border = {cell for cell in cells if 0 in cell or last in cell}
    isles = patches([(y, x) for y, x in cells if rows[y][x] == "#"], 8 if state["corners"] else 4)
    lakes = [
        lake for lake in patches([(y, x) for y, x in cells if rows[y][x] != "#"], 4) if not lake & border
    ]
    shore = {(y + a, x + b) for lake in lakes for y, x in lake for a, b in AROUND[:4]}
    found = {"all": isles, "lakes": lakes, "largest": [{cell} for cell in max(isles, key=len, default=())]}
    found |= {"inner": [i for i in isles if not i & border], "shore": [i for i in isles if i & shore]}
    return str(sum(len(patch) >= state["least"] for patch in found[state["ask"]]))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(576, 576, state["look"])
    board = Grid(c, len(state["rows"]), len(state["rows"]), lines="soft", fill=c.tint("blue", 0.7))
    for y, x in product(range(board.rows), repeat=2):
        if state["rows"][y][x] == "#":
            board.fill((y, x), "green", stroke="ink", width=1.5)
    return c.svg()
