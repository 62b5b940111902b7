"""Tree operations: what can be read from a drawn tree, before and after its keys change.

Levels go from depths to ways of walking, to insertion and removal. Trees have four or five levels.
"""

from functools import reduce

from canvas import Canvas, binary_tree, look

BUCKET = "diagram"
LEVELS = (
    "the depths of three nodes",
    "the leaves from left to right",
    "the nodes with one child",
    "each node before its subtrees",
    "each node after its subtrees",
    "right subtrees before left ones",
    "two keys are inserted first",
    "a node with two children is removed",
    "two insertions, then a removal",
    "the same, walked from right to left",
)
TAGS = ("trees", "data-structures", "simulation")
ORACLE = "equality"
WALK = "In which order are the nodes met if each comes {} its subtrees, and a {} subtree before a {} one?"
PRE, POST = WALK.format("before", "left", "right"), WALK.format("after", "left", "right")
TURNED, LAST = WALK.format("before", "right", "left"), WALK.format("after", "right", "left")
ADD = "First {1} and then {2} are inserted as leaves, smaller keys to the left. "
CUT = "Then {0} is removed: the next larger key moves up to its place, and that one's right subtree to its own. "
DEPTHS = "How many edges is each of {0}, {1} and {2}, in this order, away from the root?"
CHILD = "Which nodes have {} child, from left to right?"
EASY = (DEPTHS, CHILD.format("no"), CHILD.format("just one"), PRE, POST, TURNED)
ASKS = (*EASY, ADD + PRE, CUT[5:] + PRE, ADD + CUT + PRE, ADD + CUT + LAST)
WORDINGS = ("{} Give numbers with spaces between, like 70 3 41.", "In this tree: {} Answer like 70 3 41.")


def generate(rng, difficulty):
    for _ in range(300):
        *keys, new, newer = rng.sample(range(10, 100), 10 + difficulty // 4)
        met = walk(reduce(insert, keys, None), 0)
        full = [own for _, (own, left, right) in met if left and right]
        if full and 3 <= max(depth for depth, _ in met) <= 4:
            break
    asked = [rng.choice(full), new, newer] if difficulty > 5 else rng.sample(keys, 3)
    return {"kind": difficulty, "keys": keys, "asked": asked, "wording": rng.randrange(2), "look": look(rng)}


def insert(node, key):
    own, left, right = node or (key, None, None)
    if key < own:
        left = insert(left, key)
    return [own, left, insert(right, key) if key > own else right]


def remove(node, key):
    own, left, right = node
    if key != own:
        return [own, remove(left, key), right] if key < own else [own, left, remove(right, key)]
    following = right and walk(right, 1)[0][1][0]
    return [following, left, remove(right, following)] if left and right else left or right


def walk(node, turn, depth=0):
    parts = [walk(child, turn, depth + 1) if child else [] for child in node[1:]]
    parts.insert(turn, [(depth, node)])
    return [pair for part in parts for pair in part]


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKS[state["kind"]].format(*state["asked"]))


def reference(state):
    kind, (cut, *new) = state["kind"], state["asked"]
    root = reduce(insert, state["keys"] + new * (kind in (6, 8, 9)), None)
    met = walk(remove(root, cut) if kind > 6 else root, (1, 1, 1, 0, 2, 2, 0, 0, 0, 0)[kind])
    if kind == 0:
        return " ".join(str(depth) for key in state["asked"] for depth, node in met if node[0] == key)
    met = met[::-1] if kind in (5, 9) else met
    return " ".join(str(own) for _, (own, *pair) in met if kind not in (1, 2) or pair.count(None) == 3 - kind)


def score(state, answer):
    return 1.0 if answer.replace(",", " ").split() == reference(state).split() else 0.0


def render(state):
    c = Canvas(768, 448, state["look"])
    binary_tree(c, reduce(insert, state["keys"], None))
    return c.svg()
