"""Grid program: the steps that turn each left board into its right one, applied to a new board.

Levels add kinds of steps and programs of two. All programs that agree with the examples give the same answer.
"""

from itertools import accumulate, product

from canvas import Canvas, look, tile_key, tiles

BUCKET = "pattern"
LEVELS = (
    "two kinds swapped", "most and least frequent kinds swapped", "moved on by one", "mirror image or turn",
    "mirror or turn, then swap", "mirror or turn, then move", "tiles fall or spread", "fall or spread, then swap",
    "fall or spread, then mirror or turn", "fall or spread, then move or swap by frequency",
)  # fmt: skip
TAGS = ("rule-induction", "spatial-reasoning", "simulation")
ORACLE = "equality"
FAMILY = [v + k for v in "swap rare flip turn shift fall fill".split() for k in "0123" if v + k != "turn0"]
KINDS = "swap,rare,shift,flip turn,flip turn/swap,flip turn/shift,X,X/swap,X/flip turn,X/rare shift"
STEPS = (
    "turned each left board into its right one. Steps are: two kinds of tiles swap; the most and least frequent "
    "kinds swap; mirror image; quarter or half turn; all moves by a cell, round the edge; all falls to one side; in "
    "one direction, empty cells copy the tile before."
)
WORDINGS = ("What does the last board become?", "Which board belongs in place of the question mark?")


def generate(rng, d):
    kinds = KINDS.replace("X", "fall fill").split(",")[d].split("/")
    for _ in range(200):
        boards = [[[rng.choice((0, 0, 1, 2, 3)) for _ in range(5)] for _ in range(5)] for _ in range(4)]
        program = [rng.choice([op for op in FAMILY if op[:-1] in part]) for part in kinds]
        halves, outs = ([run(part, board) for board in boards] for part in (program[:1], program))
        clear = all(len({str(board).count(v) for v in "123"}) == 3 for board in boards + halves)
        fit = product(FAMILY, repeat=len(kinds)) if clear and all(b not in outs for b in boards) else []
        for board, out in zip(boards[:3], outs):
            fit = [other for other in fit if run(other, board) == out]
        if fit and all(run(other, boards[3]) == outs[3] for other in fit):
            break
    return {"boards": boards, "program": program, "look": look(rng), "wording": rng.randrange(2)}


def turned(board, k):
    return turned([list(row) for row in zip(*board[::-1])], k - 1) if k > 0 else board


def run(program, board):
    for verb, k in [(op[:-1], int(op[-1])) for op in program]:
        order = sorted((1, 2, 3), key=lambda v: str(board).count(str(v)))
        one, two = order[::2] if verb == "rare" else ((1, 2), (1, 3), (2, 3))[k % 3]
        if verb == "turn":
            board = turned(board, k)
        elif verb in ("swap", "rare"):
            board = [[{one: two, two: one}.get(v, v) for v in row] for row in board]
        else:
            board = turned([changed(verb, row) for row in turned(board, k)], 4 - k)
    return board


def changed(verb, row):
    row = list(accumulate(row, lambda last, v: v or last)) if verb == "fill" else row
    row = row[::-1] if verb == "flip" else row[1:] + row[:1] if verb == "shift" else row
    return sorted(row, key=lambda v: v == 0) if verb == "fall" else row


def prompt(state):
    steps = ("step", "two steps")[len(state["program"]) - 1]
    form = "Write its rows from top to bottom with the letters of the key, separated by spaces, like oaabc coooa."
    return f"The same {steps} {STEPS} {WORDINGS[state['wording']]} {form}"


def reference(state):
    return " ".join("".join("oabc"[v] for v in row) for row in run(state["program"], state["boards"][3]))


def score(state, answer):
    return 1.0 if "".join(answer.lower().split()) == reference(state).replace(" ", "") else 0.0


def render(state):
    c = Canvas(896, 512, state["look"])
    for i, board in enumerate(state["boards"]):
        x, y = 24 + 442 * (i % 2), 24 + 216 * (i // 2)
        tiles(c, board, x, y, 36)
        c.arrow((x + 188, y + 90), (x + 218, y + 90))
        if i < 3:
            tiles(c, run(state["program"], board), x + 226, y, 36)
    c.text((782, 330), "?", 60)
    tile_key(c, 24, 472, "oabc")
    return c.svg()
