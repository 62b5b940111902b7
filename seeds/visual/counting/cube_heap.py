"""Cube heap: how many unit cubes a heap is made of, or how many of them fit a description.

Levels pile the cubes up, hide some and ask for layers, columns, gaps and glued faces. Each column shows most of its
topmost cube, and only what carries a cube that is seen is hidden: so the picture fixes the heap.
"""

from itertools import product

from canvas import Canvas, look, shown, voxels

BUCKET = "counting"
LEVELS = (
    "one layer", "steps of two layers", "columns of one height", "steps of three layers and more",
    "cubes of one layer", "cubes of which nothing is seen", "ups and downs", "cubes missing from a full block",
    "ups and downs, cubes unseen", "cubes glued to a number of others",
)  # fmt: skip
TAGS = ("counting", "spatial-reasoning", "occlusion")
ORACLE = "equality"
ASKS = {
    "all": "How many cubes is the heap made of?",
    "columns": "How many columns are exactly {} cubes high?",
    "layer": "How many cubes lie in layer {}, counted from the floor, which is under layer 1?",
    "unseen": "How many cubes of the heap cannot be seen at all?",
    "missing": "How many cubes are missing from the smallest full block (a box with level edges) round the heap?",
    "glued": "How many cubes share a whole face with exactly {} other cubes?",
}
ORDER = ("all", "all", "columns", "all", "layer", "unseen", "all", "missing", "unseen", "glued")
HEIGHTS = (1, 2, 3, 4, 4, 4, 4, 4, 4, 4)
WORDINGS = (
    "A heap of equal cubes stands on the floor. Hidden cubes are only those that carry a cube which is seen. {} {}",
    "Equal cubes are piled up. Below every cube that is seen there are cubes down to the floor, and no others "
    "are hidden. {} {}",
)


def generate(rng, difficulty):
    """Heights fall towards the eye, but for bumps; drawn until the count is the one wished for."""
    ask, target = ORDER[difficulty], rng.randint(1, 7)
    target += {"all": 3 + difficulty, "missing": 5}.get(ask, 0)
    for _ in range(150):
        size, heights = rng.randint(3, 4), {}
        for x, y in product(range(size), repeat=2):
            roof = min(
                heights.get((x - 1, y), HEIGHTS[difficulty]), heights.get((x, y - 1), HEIGHTS[difficulty])
            )
            drop = rng.choice((0, 0, 0, 0, 1) if difficulty < 2 else (0, 0, 1, 1, 2))
            heights[x, y] = max(0, roof - drop * (x + y > 0))
        for spot in rng.sample(sorted(heights), 4 * (difficulty in (6, 8, 9))):
            heights[spot] += heights[spot] > 0
        rows = [[heights[x, y] for y in range(size)] for x in range(size)]
        state = {"heights": rows, "ask": ask, "k": rng.randint(2, 4) if ask == "glued" else rng.randint(1, 3)}
        cells = cubes(state)
        tops = [seen for (x, y, z), seen in zip(cells, shown(cells)) if z == heights[x, y] - 1]
        if min(tops) > 2 and reference(state) == str(target):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def cubes(state):
    rows = enumerate(state["heights"])
    return [[x, y, z] for x, row in rows for y, height in enumerate(row) for z in range(height)]


def prompt(state):
    return WORDINGS[state["wording"]].format(
        ASKS[state["ask"]].format(state["k"]), "Answer with one integer."
    )


def reference(state):
    cells, k = cubes(state), state["k"]
    columns = [height for row in state["heights"] for height in row if height]
    x, y, z = (1 + max(cell[axis] for cell in cells) for axis in range(3))
    near = [sum(sum(abs(a - b) for a, b in zip(one, two)) == 1 for two in cells) for one in cells]
    return str({
        "all": len(cells), "columns": columns.count(k), "layer": sum(height >= k for height in columns),
        "unseen": shown(cells).count(0), "missing": x * y * z - len(cells), "glued": near.count(k),
    }[state["ask"]])  # fmt: skip


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(576, 512, state["look"])
    voxels(c, cubes(state), fill=0, pad=36, width=2.5)
    return c.svg()
