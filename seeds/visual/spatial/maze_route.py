"""Maze route: a way through a maze, in moves.

Moves are limited, a star has to be visited, gates open one way, holes are joined. Every route that obeys is right.
"""

from canvas import Canvas, Grid, look

BUCKET = "spatial"
LEVELS = (
    "a room with some walls",
    "a room with many walls",
    "a shortest route through many walls",
    "a maze with a single route",
    "a maze with loops: a shortest route",
    "a maze with loops and a star on the way",
    "gates that can be passed one way only",
    "one-way gates, and a star on the way",
    "one-way gates, star, and a shortest route",
    "also two holes that are joined under the floor",
)
TAGS = ("spatial-reasoning", "path-finding", "planning")
ORACLE = "feasibility"
WALLS = (9, 16, 16, 25, 20, 20, 20, 20, 20, 20)
MOVES, BACK = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}, {"U": "D", "D": "U", "L": "R", "R": "L"}
WORDINGS = ("Find a way from S to E.", "A walker stands at S and wants to get to E.")
RULE = " The moves U, D, L and R go one square up, down, left and right, never through a wall."
STAR = " The way must visit the star."
GATE = " A triangle is a gate that can only be passed the way it points."
HOLE = " Whoever enters one of the two round holes comes out of the other at once, without a move."
FORM = " Answer with the moves in order, like UURDL."


def generate(rng, difficulty):
    """Squares have even coordinates, walls and gates lie between; the walls leave a tree of passages, or more."""
    cells = [[i, j] for i in range(0, 11, 2) for j in range(0, 11, 2)]
    sides = rng.sample([[i, j] for i in range(11) for j in range(11) if (i + j) % 2], 60)
    group, walls, moves = {(i, j): (i, j) for i, j in cells}, [], ""
    for i, j in sides:
        one, two = group[i - i % 2, j - j % 2], group[i + i % 2, j + j % 2]
        group = {cell: one if name == two else name for cell, name in group.items()}
        walls += [[i, j]] * (one == two and len(walls) < WALLS[difficulty])
    state, doors = {"walls": walls}, [side for side in sides if side not in walls]
    for _ in range(200 * (not 6 <= len(moves) <= 30)):
        gates = [[i, j, rng.choice("UD" if i % 2 else "LR")] for i, j in rng.sample(doors, 8)]
        start, goal, *holes, star = rng.sample(cells, 5)
        state |= {"start": start, "goal": goal, "gates": gates * (difficulty > 5)}
        state |= {"holes": holes * (difficulty > 8), "star": star * (difficulty in (5, 7, 8, 9))}
        moves = reference(state)
        if 6 <= len(moves) <= 30:
            break
    limit = len(moves) * (difficulty in (2, 4, 8, 9))
    return {**state, "limit": limit, "wording": rng.randrange(2), "look": look(rng)}


def step(state, cell, move):
    """Where a move leads; None when a wall, a gate or the border forbids it."""
    side, new = ([a + k * b for a, b in zip(cell, MOVES[move])] for k in (1, 2))
    if side in state["walls"] or [*side, BACK[move]] in state["gates"] or not all(0 <= a < 11 for a in new):
        return None
    return state["holes"][1 - state["holes"].index(new)] if new in state["holes"] else new


def prompt(state):
    notes = STAR * bool(state["star"]) + GATE * bool(state["gates"]) + HOLE * bool(state["holes"])
    limit = f" At most {state['limit']} moves are allowed." * bool(state["limit"])
    return WORDINGS[state["wording"]] + RULE + notes + limit + FORM


def reference(state):
    """A shortest route, found breadth first over (square, star visited)."""
    found = {(*state["start"], not state["star"]): ""}
    queue = list(found)
    for *cell, starred in queue:
        for move in MOVES:
            new = step(state, cell, move)
            key = (*new, starred or new == state["star"]) if new else queue[0]
            if key not in found:
                queue.append(key)
                found[key] = found[*cell, starred] + move
    return found.get((*state["goal"], True), "")


def score(state, answer):
    moves, way = "".join(answer.upper().replace(",", " ").split()), [state["start"]]
    for move in moves:
        way.append(step(state, way[-1], move) if way[-1] and move in MOVES else None)
    allowed = len(moves) <= (state["limit"] or len(moves)) and (not state["star"] or state["star"] in way)
    return 1.0 if way[-1] == state["goal"] and allowed else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    g = Grid(c, 6, 6, lines="faint", pad=40)
    g.block(0, 0, 5, 5, width=6)
    for i, j in state["walls"]:
        g.wall((i // 2, j // 2), "S" if i % 2 else "E", width=6)
    for i, j, way in state["gates"]:
        g.put((i / 2, j / 2), "triangle", 0.17, "ULDR".index(way) * 90, fill=0)
    for i, j in state["holes"]:
        g.put((i / 2, j / 2), "circle", 0.26, fill=1)
    for what in ("star",) * bool(state["star"]):
        g.put([a / 2 for a in state[what]], what, 0.3, fill=1)
    g.text([a / 2 for a in state["start"]], "S", 0.5, bold=True)
    g.text([a / 2 for a in state["goal"]], "E", 0.5, bold=True)
    return c.svg()
