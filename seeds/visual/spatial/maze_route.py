"""Maze route: a way through a maze, in moves.

Moves are limited, a star has to be visited, gates open one way, holes are joined. Every route that obeys is right.
"""

from canvas import Canvas, Grid, look

BUCKET = "spatial"
LEVELS = (
    "a room with some walls",
    "many walls",
    "many walls: a shortest route",
    "a star has to be visited on the way",
    "a star, and a shortest route",
    "gates that can be passed one way only",
    "one-way gates, and a shortest route",
    "one-way gates, and a star on the way",
    "one-way gates, star, and a shortest route",
    "also two holes that are joined under the floor",
)
TAGS = ("spatial-reasoning", "path-finding", "planning")
ORACLE = "feasibility"
MOVES, BACK = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}, {"U": "D", "D": "U", "L": "R", "R": "L"}
WORDINGS = ("Find a way from S to E.", "A walker stands at S and wants to get to E.")
RULE = " The moves U, D, L and R go one square up, down, left and right, never through a wall."
STAR = " The way must visit the star."
GATE = " A triangle is a gate that can only be passed the way it points."
HOLE = " Whoever enters one of the two round holes comes out of the other at once, without a move."
FORM = " Answer with at most {} moves in order, like UURDL."


def generate(rng, difficulty):
    """Squares have even coordinates, walls and gates lie between them."""
    sides = [[i, j] for i in range(11) for j in range(11) if (i + j) % 2]
    for _ in range(200):
        rng.shuffle(sides)
        gates = [[i, j, rng.choice("UD" if i % 2 else "LR")] for i, j in sides[: 8 * (difficulty > 4)]]
        start, goal, star, *holes = rng.sample([[i, j] for i in range(0, 11, 2) for j in range(0, 11, 2)], 5)
        state = {"walls": sides[-22 if difficulty else -12 :], "gates": gates, "start": start, "goal": goal}
        state |= {"stars": [star] * (difficulty in (3, 4, 7, 8, 9)), "holes": holes * (difficulty > 8)}
        if len(reference(state)) > 5:
            break
    limit = len(reference(state)) if difficulty in (2, 4, 6, 8, 9) else 60
    return {**state, "limit": limit, "wording": rng.randrange(2), "look": look(rng)}


def step(state, cell, move):
    """Where a move leads: one square, or none when a wall, a gate or the border forbids it."""
    side, new = ([a + k * b for a, b in zip(cell, MOVES[move])] for k in (1, 2))
    if side in state["walls"] or [*side, BACK[move]] in state["gates"] or not all(0 <= a < 11 for a in new):
        return []
    return [state["holes"][1 - state["holes"].index(new)] if new in state["holes"] else new]


def prompt(state):
    notes = STAR * bool(state["stars"]) + GATE * bool(state["gates"]) + HOLE * bool(state["holes"])
    return WORDINGS[state["wording"]] + RULE + notes + FORM.format(state["limit"])


def reference(state):
    """A shortest route, found breadth first over (square, star visited)."""
    queue, found, stars = [(state["start"], not state["stars"], "")], {}, state["stars"]
    for cell, done, moves in queue:
        if (*cell, done) not in found:
            found[*cell, done] = moves
            queue += [(new, done or new in stars, moves + m) for m in MOVES for new in step(state, cell, m)]
    return found.get((*state["goal"], True), "")


def score(state, answer):
    moves, way = "".join(answer.upper().replace(",", " ").split()), [state["start"]]
    for move in moves:
        way += step(state, way[-1], move) if move in MOVES else []
    allowed = len(way) - 1 == len(moves) <= state["limit"] and all(star in way for star in state["stars"])
    return 1.0 if allowed and way[-1] == state["goal"] else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, 6, 6, lines="faint", pad=40)
    g.block(0, 0, 5, 5, width=6)
    for i, j in state["walls"]:
        g.wall((i // 2, j // 2), "S" if i % 2 else "E", width=6)
    for i, j, way in state["gates"]:
        g.put((i / 2, j / 2), "triangle", 0.17, "ULDR".index(way) * 90, fill=0)
    for i, j in state["stars"] + state["holes"]:
        g.put((i / 2, j / 2), "star" if [i, j] in state["stars"] else "circle", 0.28, fill=1)
    for letter, (i, j) in (("S", state["start"]), ("E", state["goal"])):
        g.text((i / 2, j / 2), letter, 0.5, bold=True)
    return c.svg()
