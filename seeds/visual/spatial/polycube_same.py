"""Polycube same: which of six solids are the given one, only turned.

Solids stand upright, then lie anyhow; cubes are moved, solids mirrored, cubes painted, the mirror image looked for.
"""

from canvas import Canvas, look, shown, voxels

BUCKET = "spatial"
LEVELS = (
    "upright solids, the wrong ones of any shape", "upright solids, one cube moved in the wrong ones",
    "solids lie anyhow, the wrong ones of any shape", "solids lie anyhow, one cube moved",
    "mirror images among the wrong ones", "only mirror images are wrong",
    "one cube is light: in the wrong ones another cube is", "a light cube, the wrong ones may be mirror images",
    "a light cube, mirror images, and cubes moved", "the mirror image of the solid is looked for",
)  # fmt: skip
TAGS = ("spatial-reasoning", "mental-rotation", "mirror-images")
ORACLE = "equality"
KINDS = ("n", "m", "n", "m", "fm", "f", "p", "fp", "fmp", "fmp")  # the kinds of wrong solids, see `variant`
WORDINGS = ("Which of the lettered solids are", "Six solids carry letters. Which of them are")
SAME = " the solid at the left, turned in any way? Mirroring does not count as turning."
MIRRORED = " the mirror image of the solid at the left, turned in any way?"
NOTE = " No cube is hidden; light cubes must correspond. Answer with the letters in any order, like BDF."


def generate(rng, difficulty):
    """Solids that differ from their mirror image and show every cube in many positions."""
    hand, ways, goal, options = -1 if difficulty == 9 else 1, 4 if difficulty < 2 else 24, [], []
    while len(forms(goal, 1, ways)) <= ways / 3 or forms(goal)[0] in forms(goal, -1) or not forms(goal, hand):
        goal = grown(rng, [[0, 0, 0, int(difficulty > 5)]], 5 + (difficulty > 1))
    kinds = ("=" * rng.randint(1, 4) + 6 * KINDS[difficulty])[:6]
    for kind in rng.sample(kinds, 6):
        place = []
        while not place or (ways > 4 and place in options) or (place in forms(goal)) != (kind == "="):
            place = rng.choice(forms(variant(rng, goal, kind), 1, ways) or [[]])
        options.append(place)
    state = {"solid": rng.choice(forms(goal, hand, ways)), "hand": hand, "options": options}
    return {**state, "wording": rng.randrange(2), "look": look(rng, named=True)}


def variant(rng, goal, kind):
    """The solid itself (=), a new one (n), it with a cube moved (m), flipped (f), or with another cube light (p)."""
    if kind == "f":
        return [[-x, *rest] for x, *rest in goal]
    light = rng.randrange(1, len(goal))
    if kind == "p":
        return [[*cube[:3], int(k == light)] for k, cube in enumerate(goal)]
    return grown(rng, goal[: {"n": 1, "m": -1}.get(kind)], len(goal))


def grown(rng, cubes, size):
    while len(cubes) < size:
        new = list(rng.choice(cubes)[:3])
        new[rng.randrange(3)] += rng.choice((-1, 1))
        cubes = cubes + [[*new, 0]] * (new not in [cube[:3] for cube in cubes])
    return cubes


def forms(solid, side=1, ways=24):
    """The solid (its mirror image if `side` is -1) in the positions, upright ones first, that show every cube."""
    cubes, found = [[side * x, *rest] for x, *rest in solid], []
    for tip in range(ways * bool(cubes)):
        cubes = [[y, -x, z, light] for x, y, z, light in cubes]
        if min(shown([cube[:3] for cube in cubes])) > 1:
            a, b, c, _ = map(min, zip(*cubes))
            found.append(sorted([x - a, y - b, z - c, light] for x, y, z, light in cubes))
        if tip % 4 == 3:
            cubes = [[x, z, -y, light] if tip % 8 == 3 else [z, y, -x, light] for x, y, z, light in cubes]
    return [form for k, form in enumerate(found) if form not in found[:k]]


def prompt(state):
    return WORDINGS[state["wording"]] + (MIRRORED if state["hand"] < 0 else SAME) + NOTE


def reference(state):
    goal = forms(state["solid"], state["hand"])
    return "".join(letter for letter, option in zip("ABCDEF", state["options"]) if option in goal)


def score(state, answer):
    return float(sorted("".join(answer.upper().replace(",", " ").split())) == list(reference(state)))


def render(state):
    c, panels = Canvas(1024, 640, state["look"]), []
    c.panel(320, 0, 704, 640).options("ABCDEF", lambda panel, i: panels.append(panel), 16, 260, 3)
    for panel, solid in zip([*panels, c.panel(0, 0, 330, 640)], [*state["options"], state["solid"]]):
        unit, fills = 34 if panel in panels else 52, ["#f5edd8" if cube[3] else 0 for cube in solid]
        voxels(panel, [cube[:3] for cube in solid], unit, fills)
    return c.svg()
