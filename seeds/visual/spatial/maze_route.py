"""Maze route: a way through a maze, in moves.

Walls grow to a maze, then moves are limited, a star has to be visited, gates open one way, holes are joined. Any
route that obeys the rules is right.
"""

from canvas import Canvas, Grid, look

BUCKET = "spatial"
LEVELS = (
    "a room with some walls",
    "a room with many walls",
    "a shortest route through many walls",
    "a maze with a single route",
    "a maze with loops: a shortest route",
    "a maze with loops, the star has to be visited first",
    "gates that can be passed one way only",
    "one-way gates, and the star has to be visited first",
    "one-way gates, star, and a shortest route",
    "also two holes that are joined under the floor",
)
TAGS = ("spatial-reasoning", "path-finding", "planning")
ORACLE = "feasibility"
N = 6
MOVES, BACK = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}, {"U": "D", "D": "U", "L": "R", "R": "L"}
WORDINGS = ("Find a way from S to E.", "A walker stands at S and wants to get to E.")
RULE = " The moves U, D, L and R go one square up, down, left and right, never through a wall."
STAR = " The star must be visited before E."
GATE = " A triangle is a gate that can only be passed the way it points."
HOLE = " Whoever enters one of the two round holes comes out of the other at once, without a move."
FORM = " Answer with the moves in order, like UURDL."


def generate(rng, difficulty):
    """The walls of a tree of passages, some of them taken out."""
    cells = [[i, j] for i in range(N) for j in range(N)]
    edges = [[i, j, d] for i, j in cells for d in "RD" if (i, j)[d == "R"] < N - 1]
    group, walls = {(i, j): (i, j) for i, j in cells}, []
    for i, j, d in rng.sample(edges, len(edges)):
        one, two = group[i, j], group[i + MOVES[d][0], j + MOVES[d][1]]
        group = {cell: one if name == two else name for cell, name in group.items()}
        walls += [[i, j, d]] * (one == two)
    walls, moves = walls[: (9, 16, 16, 25, 20, 20, 20, 20, 20, 20)[difficulty]], ""
    while not 6 <= len(moves) <= 30:
        gates = rng.sample([edge for edge in edges if edge not in walls], 8 * (difficulty > 5))
        gates = [rng.choice(([i, j, d], [i + (d == "D"), j + (d == "R"), BACK[d]])) for i, j, d in gates]
        start, goal, star, *holes = rng.sample(cells, 5)
        state = {
            "walls": walls,
            "gates": gates,
            "start": start,
            "goal": goal,
            "holes": holes * (difficulty > 8),
        }
        state["star"] = star if difficulty in (5, 7, 8, 9) else []
        moves = route(state)
    limit = len(moves) * (difficulty in (2, 4, 8, 9))
    return {**state, "limit": limit, "wording": rng.randrange(2), "look": look(rng)}


def step(state, cell, move):
    """Where a move leads; None when a wall, a gate or the border forbids it."""
    new = [a + b for a, b in zip(cell, MOVES[move])]
    ahead, back = [*cell, move], [*new, BACK[move]]
    if not all(0 <= a < N for a in new) or ahead in state["walls"] or back in state["walls"] + state["gates"]:
        return None
    return state["holes"][1 - state["holes"].index(new)] if new in state["holes"] else new


def route(state):
    """A shortest route, found breadth first over (square, star visited)."""
    queue = [(state["start"], not state["star"], "")]
    for cell, starred, moves in queue:
        if cell == state["goal"] and starred:
            return moves
        for move in MOVES:
            new = step(state, cell, move)
            now = starred or new == state["star"]
            if new and (new != state["goal"] or now) and (new, now) not in [entry[:2] for entry in queue]:
                queue.append((new, now, moves + move))
    return ""


def prompt(state):
    notes = STAR * bool(state["star"]) + GATE * bool(state["gates"]) + HOLE * bool(state["holes"])
    limit = f" At most {state['limit']} moves are allowed." * bool(state["limit"])
    return WORDINGS[state["wording"]] + RULE + notes + limit + FORM


def reference(state):
    return route(state)


def score(state, answer):
    cell, moves, met = state["start"], "".join(answer.upper().replace(",", " ").split()), []
    for move in moves:
        cell = step(state, cell, move) if cell and move in MOVES else None
        met.append(cell)
    long = state["limit"] and len(moves) > state["limit"]
    starred = not state["star"] or state["star"] in met
    return 1.0 if cell == state["goal"] and starred and not long else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, N, N, lines="faint", pad=40)
    g.block(0, 0, N - 1, N - 1, width=6)
    for i, j, side in state["walls"]:
        g.wall((i, j), {"R": "E", "D": "S"}[side], width=6)
    for i, j, d in state["gates"]:
        p = g.corner(i + 0.5 + MOVES[d][0] / 2, j + 0.5 + MOVES[d][1] / 2)
        c.shape("triangle", p, 17, {"U": 0, "D": 180, "L": 90, "R": -90}[d], fill=0)
    for kind, cells in (("circle", state["holes"]), ("star", [state["star"]] if state["star"] else [])):
        for cell in cells:
            g.put(cell, kind, 0.32, fill=1)
    g.text(state["start"], "S", 0.5, bold=True)
    g.text(state["goal"], "E", 0.5, bold=True)
    return c.svg()
