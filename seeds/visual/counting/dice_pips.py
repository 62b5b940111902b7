"""Dice pips: the sum of the numbers on certain faces of some dice.

Opposite faces add up to seven, which fixes every face asked for, and in a tower the sum of all covered ones.
"""

from itertools import permutations

from canvas import Canvas, die, iso, look

BUCKET = "counting"
LEVELS = (
    "tops", "right sides", "tops of blue dice", "the highest number seen", "the highest seen of blue dice",
    "tops where the left side is even", "bottoms, by the rule of seven", "bottoms of blue dice",
    "bottoms where the left side is even", "all covered faces of towers",
)  # fmt: skip
TAGS = ("counting", "arithmetic", "spatial-reasoning")
ORACLE = "equality"
SEVEN = " (opposite faces of a die add up to 7)"
FACES = {
    "top": "the numbers on the top faces",
    "right": "the numbers on the right one of the two upright faces that are seen",
    "highest": "the highest number seen on each die",
    "bottom": "the numbers on the bottom faces" + SEVEN,
    "covered": "the numbers on all covered level faces, between two dice or on the table" + SEVEN,
}
DICE = {"all": "all dice", "blue": "the blue dice", "even": "the dice with an even left upright face"}
ASKED = ("top", "right", "top", "highest", "highest", "top", "bottom", "bottom", "bottom", "covered")
WHICH = ("all", "all", "blue", "all", "blue", "even", "all", "blue", "even", "all")
WORDINGS = (
    "Add up {1}, for {0}. Answer with one integer.",
    "For {}, what is the sum of {}? Answer with an integer.",
)


def generate(rng, difficulty):
    """Every die is one of a true set: seen from a corner, 1, 2 and 3 run round it to the left."""
    face, which = ASKED[difficulty], WHICH[difficulty]
    turns = [list(seen) for seen in permutations(range(1, 7), 3) if handed(seen)]
    high, wide = (4, 5) if face == "covered" else (1, 8)
    towers = []
    for spot in sorted(rng.sample(range(wide), rng.randint(wide // 2 + 1, wide))):
        dice = [rng.choice(turns) for _ in range(rng.randint(1, high))]
        towers.append({"spot": spot, "dice": dice, "blue": rng.random() < 0.5})
    return {"face": face, "which": which, "towers": towers, "wording": rng.randrange(2), "look": look(rng)}


def handed(seen):
    """Whether a die can show these numbers on its top, left and right face."""
    axes = [min(number, 7 - number) for number in seen]
    cyclic = axes in ([1, 2, 3], [2, 3, 1], [3, 1, 2])
    return len(set(axes)) == 3 and cyclic == (sum(number > 3 for number in seen) % 2 == 0)


def prompt(state):
    return WORDINGS[state["wording"]].format(DICE[state["which"]], FACES[state["face"]])


def reference(state):
    total = 0
    for tower in state["towers"]:
        top, left, right = tower["dice"][-1]
        if {"all": True, "blue": tower["blue"], "even": left % 2 == 0}[state["which"]]:
            seen = {"top": top, "right": right, "highest": max(top, left, right)}
            total += seen.get(state["face"], 7 * len(tower["dice"]) - top)
    return str(total)


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    c = Canvas(704, 448, state["look"])
    for tower in state["towers"]:
        x, y, unit = 104 + tower["spot"] % 4 * 166, 128 + tower["spot"] // 4 * 212, 80
        if state["face"] == "covered":
            x, y, unit = 88 + tower["spot"] * 132, 356, 66
        for z, faces in enumerate(tower["dice"]):
            die(c, iso((x, y), unit), (0, 0, z), faces, "#8fbcf5" if tower["blue"] else "#f3efe6")
    return c.svg()
