"""Safe from mines: which covered cells of a mine board are surely safe, or surely mines.

Levels need clue after clue, two at once, more, the number of mines. Sure is what holds in every possible laying.
"""

from itertools import combinations

from canvas import Canvas, Grid, cell_name, look

BUCKET = "pattern"
LEVELS = (
    "clue after clue", "clue after clue, mines asked for", "clue after clue, left and right edges meet",
    "two clues have to be taken together", "two together, mines asked for", "two together, edges meet",
    "no two clues are enough", "no two are enough, mines asked for", "no two are enough, edges meet",
    "the number of mines is needed",
)  # fmt: skip
TAGS = ("deduction", "constraint-satisfaction", "counting")
ORACLE = "equality"
SIDE = 5
RULE = "A number counts the mines in all cells that touch its own, also at a corner."
EDGES = " The first and the last column touch: the board is rolled up."
ASK = "Which covered cells {}, wherever mines may lie? Name them by column and row, in any order, like F7 G9."
WORDINGS = ("Some of the covered (filled) cells hide a mine. {} {}", "{1} A covered cell is filled. {0}")


def generate(rng, d):
    """Drawn again until the clues settle some cells, and fewer of them, or without the number, not the same ones."""
    state, done = {"ask": int(d % 3 == 1), "closed": int(d % 3 == 2)}, False
    while not done:
        order = rng.sample(range(SIDE**2), SIDE**2)
        mines, covered = order[: rng.randint(4, 6)], order[: rng.randint(10, 13) + d // 6 * 2]
        counts = [len({*mines} & {*around(state, i)}) for i in range(SIDE**2)]
        state |= {"cells": [-1 if i in covered else n for i, n in enumerate(counts)], "total": -1}
        weak, state["total"] = {**state}, len(mines) if d == 9 else -1
        sure, enough = settled(state, 99), settled(state, (1, 2, 99, 99)[d // 3])
        done = sure == enough and 0 < len(sure) < 7
        done = done and all(settled(weak, size) != sure for size in (1, 2, 99)[: d // 3])
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def around(state, i):
    near = [(i // SIDE + r, i % SIDE + c) for r in (-1, 0, 1) for c in (-1, 0, 1) if r or c]
    return [r * SIDE + c % SIDE for r, c in near if 0 <= r < SIDE and (state["closed"] > 0 or 0 <= c < SIDE)]


def settled(state, size):
    """The cells asked for that `size` clues at a time settle, over and over; sets of cells are bits."""
    cells, total, known, mines, before = state["cells"], state["total"], 0, 0, -1
    dark = [1 << i if number < 0 else 0 for i, number in enumerate(cells)]
    clues = [(sum(dark[j] for j in around(state, i)), n) for i, n in enumerate(cells) if n >= 0]
    clues += [(sum(dark), total)] * (total >= 0)
    while before != known:
        before, open_clues = known, [clue for clue in clues if clue[0] & ~known]
        for group in combinations(open_clues, min(size, len(open_clues))):
            seen, lays = known, [mines]
            for near, number in group:
                free = [bit for bit in dark if near & ~seen & bit]
                left = [(lay, number - (lay & near).bit_count()) for lay in lays]
                lays = [lay + sum(more) for lay, n in left if n >= 0 for more in combinations(free, n)]
                seen |= near
            mines |= sum(bit for bit in dark if seen & bit and all(lay & bit for lay in lays))
            known |= mines | sum(bit for bit in dark if seen & bit and not any(lay & bit for lay in lays))
    found = mines if state["ask"] else known & ~mines
    return [cell_name(*divmod(i, SIDE)) for i in range(SIDE**2) if found & 1 << i]


def prompt(state):
    ask = ASK.format("surely hide a mine" if state["ask"] else "are surely safe")
    return WORDINGS[state["wording"]].format(RULE + EDGES * state["closed"], ask)


def reference(state):
    return " ".join(settled(state, 99))


def score(state, answer):
    return 1.0 if sorted(answer.upper().replace(",", " ").split()) == sorted(settled(state, 99)) else 0.0


def render(state):
    c = Canvas(512, 544 if state["total"] >= 0 else 512, state["look"])
    g = Grid(c, SIDE, SIDE, 54, 50, 86, names=True)
    if state["total"] >= 0:
        c.text((269, 512), f"mines in all: {state['total']}")
    for i, number in enumerate(state["cells"]):
        if number < 0:
            g.fill(divmod(i, SIDE), "soft", 5, round=8)
        else:
            g.text(divmod(i, SIDE), number, 0.4)
    return c.svg()
