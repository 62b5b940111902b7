"""Lights out: which lamps to press so that all go dark.

Levels add presses, lamps without a button, other reaches (drawn beside the board), a board whose edges meet and
lamps of three states. Any presses that work are right; the reference takes the fewest.
"""

from itertools import combinations_with_replacement

from canvas import Canvas, Grid, cell_name, look

BUCKET = "pattern"
LEVELS = (
    "one press darkens all", "two presses", "two presses, some lamps have no button",
    "three presses on a larger board", "a press reaches the diagonal neighbours",
    "diagonal reach, some lamps have no button", "opposite edges of the board meet",
    "edges meet, some lamps have no button", "edges meet, and the reach is lopsided",
    "edges meet, and each lamp has three states",
)  # fmt: skip
TAGS = ("search", "modular-arithmetic", "spatial-reasoning")
ORACLE = "feasibility"
PLUS, DIAGONAL = "0,0 -1,0 1,0 0,-1 0,1", "0,0 -1,-1 -1,1 1,-1 1,1"
WORDINGS = ("Which lamps have to be pressed to darken the board?", "Press lamps until all are dark.")


def generate(rng, d):
    """More lit lamps than one press reaches cannot go out by a single press."""
    n, k, reach = 3 + (d > 2), 2 + d // 9, {4: DIAGONAL, 5: DIAGONAL, 8: "0,0 0,1 0,2 1,0"}.get(d, PLUS)
    reach = [[int(part) for part in pair.split(",")] for pair in reach.split()]
    state = {"side": n, "states": k, "wrap": d // 6, "reach": reach, "lit": [], "dead": []}
    for _ in range(200):
        state["dead"] = sorted(rng.sample(range(n * n), n)) if d in (2, 5, 7) else []
        buttons = [i for i in range(n * n) if i not in state["dead"]] * (k - 1)
        presses = rng.sample(buttons, (1, 2, 2, 3, 3, 4, 4, 4, 4, 4)[d])
        state["lit"] = after({**state, "lit": [0] * n * n}, presses * (k - 1))
        if d == 0 or sum(map(bool, state["lit"])) > len(reach):
            break
    return {**state, "look": look(rng), "wording": rng.randrange(2)}


def after(state, presses):
    n, k, lit = state["side"], state["states"], list(state["lit"])
    for i in presses:
        for r, c in [(i // n + dr, i % n + dc) for dr, dc in state["reach"]]:
            if state["wrap"] or (0 <= r < n and 0 <= c < n):
                lit[r % n * n + c % n] = (lit[r % n * n + c % n] + 1) % k
    return lit


def prompt(state):
    cycle = "on or off" if state["states"] == 2 else "on from dark to dim, to bright, to dark again"
    wrap = " Opposite edges meet: what leaves the board comes back opposite." if state["wrap"] else ""
    return (
        f"{WORDINGS[state['wording']]} A press switches each lamp it reaches {cycle}. The small board shows the "
        f"reach: dots, and a ring round the pressed lamp.{wrap} Lamps on hatched cells cannot be pressed. Name each "
        "press by column letter and row number, like A2 B2; a lamp named twice is pressed twice."
    )


def reference(state):
    buttons = [i for i in range(len(state["lit"])) if i not in state["dead"]]
    tries = (presses for k in range(1, 5) for presses in combinations_with_replacement(buttons, k))
    presses = next(presses for presses in tries if not any(after(state, presses)))
    return " ".join(cell_name(*divmod(i, state["side"])) for i in presses)


def score(state, answer):
    places = {cell_name(*divmod(i, state["side"])): i for i in range(len(state["lit"]))}
    presses = [places.get(word) for word in answer.upper().replace(",", " ").split()]
    allowed = None not in presses and not set(presses) & set(state["dead"])
    return 1.0 if allowed and not any(after(state, presses)) else 0.0


def render(state):
    c, n, k = Canvas(704, 512, state["look"]), state["side"], state["states"]
    g, small = Grid(c, n, n, 60, 52, 432 / n, names=True), Grid(c, 5, 5, 532, 84, 28)
    c.text((602, 60), "one press")
    for dr, dc in state["reach"]:
        c.circle(small.center((2 + dr, 2 + dc)), 7, fill="ink")
    c.circle(small.center((2, 2)), 12)
    lamps = [(g.center(divmod(i, n)), g.cell * 0.3, value) for i, value in enumerate(state["lit"])]
    for i, word in enumerate(("dark", "lit") if k == 2 else ("dark", "dim", "bright")):
        lamps.append(((556, 300 + 62 * i), 20, i))
        c.text((590, 300 + 62 * i), word, anchor="start")
    for i in state["dead"]:
        c.hatch([g.corner(i // n + a, i % n + b) for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))], gap=14)
    for p, r, value in lamps:
        c.circle(p, r, fill=0 if value == k - 1 else "paper")
        c.circle(p, r / 2, fill=0 if value > 0 else None, stroke=None)
    return c.svg()
