"""Overlay logic: two boards are laid on each other; find the rule from examples and apply it.

Every pair of tiles occurs in the examples, so the table is certain. Levels add rules, turns and a third tile.
"""

import math

from canvas import Canvas, look, tile_key, tiles

BUCKET = "pattern"
LEVELS = (
    "a rule that keeps what is in either or in both", "rules that keep what is in exactly one",
    "rules that may fill what is empty in both", "any rule, the order of the boards matters",
    "the second board is mirrored first", "the second board is turned upside down first",
    "the second board gets a quarter turn first", "quarter turn, and the order matters",
    "three tiles, a table of nine pairs", "three tiles, and the second board gets a quarter turn",
)  # fmt: skip
TAGS = ("rule-induction", "logic", "spatial-reasoning")
ORACLE = "equality"
TABLES = "0111 0001,0110,1001 1000 1110,0100 0010 1011 1101,0110 0001,0110 0111,0110 0001 0111".split(",")
TURNS = ("as it is", "mirrored left to right", "turned by half a turn", "turned clockwise by a quarter turn")
WORDINGS = (
    "B is laid on A, {}; each cell of C follows from the two at its place.",
    "C comes from A and from B {}.",
)


def generate(rng, d):
    k, state = 2 + (d >= 8), {"turn": (0, 0, 0, 0, 1, 2, 3, 3, 0, 3)[d]}
    table = [int(v) for v in rng.choice(TABLES[3 if d >= 7 else d].split())]
    for _ in range(200):
        state["table"] = [rng.randrange(3) for _ in range(9)] if k == 3 else table
        state["pairs"] = [
            [[[rng.randrange(k) for _ in range(4)] for _ in range(4)] for _ in "ab"] for _ in range(3)
        ]
        seen = {
            v
            for a, b in state["pairs"][:2]
            for row in merged({**state, "table": list(range(k * k))}, a, b)
            for v in row
        }
        result = merged(state, *state["pairs"][2])
        if len(seen) == k * k and result not in state["pairs"][2] and len(set(state["table"])) == k:
            break
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def merged(state, a, b):
    b = [list(row) for row in zip(*b[::-1])] if state["turn"] == 3 else b[::-1] if state["turn"] == 2 else b
    b, k = [row[::-1] for row in b] if state["turn"] in (1, 2) else b, math.isqrt(len(state["table"]))
    return [[state["table"][k * v + w] for v, w in zip(r, s)] for r, s in zip(a, b)]


def prompt(state):
    return (
        f"{WORDINGS[state['wording']].format(TURNS[state['turn']])} One rule holds in all three rows: what C "
        "shows depends on the two cells that lie on each other. What is the missing C? Write its rows from top to "
        "bottom with the letters of the key, separated by spaces, like aaao oaoa aooo oaao."
    )


def reference(state):
    return " ".join("".join("oab"[v] for v in row) for row in merged(state, *state["pairs"][2]))


def score(state, answer):
    return 1.0 if "".join(answer.lower().split()) == reference(state).replace(" ", "") else 0.0


def render(state):
    c = Canvas(672, 736, state["look"])
    for j, name in enumerate("ABC"):
        c.text((120 + 216 * j, 24), name, bold=True)
    for i, (a, b) in enumerate(state["pairs"]):
        y = 44 + 212 * i
        for j, rows in enumerate((a, b, merged(state, a, b))):
            if i < 2 or j < 2:
                tiles(c, rows, 32 + 216 * j, y, 44)
        c.arrow((432, y + 88), (456, y + 88))
    c.rect(464, 468, 176, 176, dash=[8, 6])
    c.text((552, 556), "?", 60)
    tile_key(c, 32, 696, "oab"[: 3 if len(state["table"]) == 9 else 2])
    return c.svg()
