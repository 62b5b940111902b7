"""Column heights: how a heap of cubes looks from one side, and how many cubes would do for the same looks.

The eye goes round the heap, light stacks are taken away, then cubes are counted that the views leave open.
"""

from canvas import Canvas, look, voxels

BUCKET = "spatial"
LEVELS = (
    "heights seen from the lower left side",
    "from the lower right side, where far is left",
    "four by four stacks, from behind: the order reverses",
    "the light stacks are taken away first",
    "cubes that can be spared without changing a view",
    "spared cubes after the light stacks are gone",
    "another heap with the same two views: most cubes",
    "most cubes, after the light stacks are gone",
    "another heap with the same two views: fewest cubes",
    "fewest cubes, after the light stacks are gone",
)
TAGS = ("spatial-reasoning", "projection", "counting")
ORACLE = "equality"
SIDES = ("lower left", "lower right", "upper right", "upper left")
WORDINGS = ("Straight stacks of cubes stand on a board. ", "This heap of cubes consists of straight stacks. ")
GONE = "First all light stacks are taken away. "
VIEW = "In a view from a side, at ground level, every line of stacks looks as high as its tallest stack. "
FORM = "Answer with the heights in cubes, from left to right as you look from there, with spaces, like 7 0 7."
LIST = "How high do the lines look from the {} of the picture? " + FORM
SPARE = (
    "How many cubes at most can be removed without changing the view from the {}? Answer with one integer."
)
SAME = "Another heap on the same squares looks the same from the lower left and from the lower right. "
TWIN = SAME + "How many cubes does it have at {}? Answer with one integer."
TASKS = ("list", "list", "list", "list", "spare", "spare", "most", "most", "least", "least")


def generate(rng, difficulty):
    """Built from the front so that at least half of each stack's top is in sight."""
    n = 4 if difficulty in (2, 3) else 3
    heights = [[0] * (n + 1) for _ in range(n + 1)]
    squares = [[x, y] for x in range(n) for y in range(n)]
    for x, y in reversed(squares):
        low = max(1, heights[x + 1][y + 1], min(heights[x + 1][y], heights[x][y + 1]))
        heights[x][y] = min(6, low + rng.choice((0, 0, 1, 2)))
    light = sorted(rng.sample(squares, n)) if difficulty in (3, 5, 7, 9) else []
    state = {"heights": [line[:n] for line in heights[:n]], "light": light, "task": TASKS[difficulty]}
    if difficulty < 6:
        state["side"] = difficulty if difficulty < 2 else rng.randrange(2 if difficulty < 4 else 0, 4)
    return {**state, "wording": rng.randrange(2), "look": look(rng, named=True)}


def prompt(state):
    ask = {"list": LIST, "spare": SPARE}.get(state["task"], TWIN)
    ask = ask.format(SIDES[state["side"]] if "side" in state else state["task"])
    return WORDINGS[state["wording"]] + GONE * bool(state["light"]) + VIEW + ask


def view(heights, side):
    """The tallest of each line from the viewer's left; x runs to the lower right, y to the lower left."""
    tallest = [max(line) for line in (zip(*heights) if side % 2 else heights)]
    return tallest[::-1] if side in (1, 2) else tallest


def reference(state):
    """One stack can serve a line of each direction when both look equally high; no other saving is possible."""
    light, task = state["light"], state["task"]
    heights = [
        [h * ([x, y] not in light) for y, h in enumerate(line)] for x, line in enumerate(state["heights"])
    ]
    if task in ("list", "spare"):
        seen = view(heights, state["side"])
        return " ".join(map(str, seen)) if task == "list" else str(sum(map(sum, heights)) - sum(seen))
    one, two = view(heights, 0), view(heights, 1)
    if task == "most":
        return str(sum(min(a, b) for a in one for b in two))
    return str(sum(h * max(one.count(h), two.count(h)) for h in range(1, 7)))


def score(state, answer):
    return 1.0 if answer.replace(",", " ").split() == reference(state).split() else 0.0


def render(state):
    c = Canvas(640, 640, state["look"])
    heap = [
        (x, y, z) for x, line in enumerate(state["heights"]) for y, h in enumerate(line) for z in range(h)
    ]
    fills = ["#f2ead6" if [x, y] in state["light"] else 0 for x, y, _ in heap]
    voxels(c, heap, fill=fills, pad=48)
    return c.svg()
