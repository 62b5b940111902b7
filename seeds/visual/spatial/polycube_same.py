"""Polycube same: which of six solids are the given one, only turned.

Solids stand upright, then lie anyhow; cubes are moved, solids mirrored, cubes painted, the mirror image looked for.
"""

from canvas import Canvas, look, shown, voxels

BUCKET = "spatial"
LEVELS = (
    "upright solids, the wrong ones of any shape",
    "upright solids, one cube moved in the wrong ones",
    "solids lie anyhow, the wrong ones of any shape",
    "solids lie anyhow, one cube moved",
    "mirror images among the wrong ones",
    "only mirror images are wrong",
    "one cube is light: in the wrong ones another cube is",
    "a light cube, the wrong ones may be mirror images",
    "a light cube, mirror images, and cubes moved",
    "the mirror image of the solid is looked for",
)
TAGS = ("spatial-reasoning", "mental-rotation", "mirror-images")
ORACLE = "equality"
KINDS = "n m n m mf f p pf pfm pfm"  # wrong solids by level: new, cube moved, flipped, another cube painted
WORDINGS = ("Which of the lettered solids are", "Six solids carry letters. Which of them are")
ASK = " the solid at the left, turned in any way? Mirroring does not count as turning. "
NOTE = "No cube is hidden; light cubes must correspond. Answer with the letters in any order, like BDF."


def generate(rng, difficulty):
    """Solids that differ from their mirror image and have many positions that show every cube."""
    hand, count, goal, options, drawn = -1 if difficulty == 9 else 1, 4 if difficulty < 2 else 24, [], [], []
    while len(drawn) <= count // 3 or any(form in forms(goal) for form in forms(goal, -1)):
        goal = grown(rng, [[0, 0, 0, int(difficulty > 5)]], 5 + (difficulty > 1))
        drawn = forms(goal, hand, count)
    right = rng.sample(range(6), rng.randint(1, 5))
    while len(options) < 6:
        kind, other = rng.choice(KINDS.split()[difficulty]), rng.randrange(1, len(goal))
        solids = {"n": grown(rng, goal[:1], len(goal)), "m": grown(rng, goal[:-1], len(goal))}
        painted = [[*cube[:3], int(k == other)] for k, cube in enumerate(goal)]
        solids |= {"f": [[-x, *rest] for x, *rest in goal], "p": painted}
        place = rng.choice(forms(goal if len(options) in right else solids[kind], 1, count) or [[]])
        if (
            (place in forms(goal)) == (len(options) in right)
            and place
            and (count < 24 or place not in options)
        ):
            options.append(place)
    state = {"solid": rng.choice(drawn), "hand": hand, "options": options, "wording": rng.randrange(2)}
    return {**state, "look": look(rng, named=True)}


def grown(rng, cubes, size):
    while len(cubes) < size:
        new = list(rng.choice(cubes)[:3])
        new[rng.randrange(3)] += rng.choice((-1, 1))
        cubes = cubes + [[*new, 0]] * (new not in [cube[:3] for cube in cubes])
    return cubes


def forms(solid, side=1, count=24):
    """The solid (its mirror image if `side` is -1) in the positions, upright ones first, that show every cube."""
    cubes, found = [[side * x, *rest] for x, *rest in solid], []
    for tip in range(count * bool(cubes)):
        cubes = [[y, -x, z, light] for x, y, z, light in cubes]
        a, b, c = [min(axis) for axis in zip(*cubes)][:3]
        if min(shown([cube[:3] for cube in cubes])) > 1:
            found.append(sorted([x - a, y - b, z - c, light] for x, y, z, light in cubes))
        if tip % 4 == 3:
            cubes = [[x, z, -y, light] if tip % 8 == 3 else [z, y, -x, light] for x, y, z, light in cubes]
    return found


def prompt(state):
    return WORDINGS[state["wording"]] + " the mirror image of" * (state["hand"] < 0) + ASK + NOTE


def reference(state):
    goal = forms(state["solid"], state["hand"])
    return "".join(letter for letter, option in zip("ABCDEF", state["options"]) if option in goal)


def score(state, answer):
    return 1.0 if "".join(sorted(answer.upper())).strip(" ,") == reference(state) else 0.0


def render(state):
    c = Canvas(1024, 640, state["look"])
    panels = []
    c.panel(320, 0, 704, 640).options("ABCDEF", lambda panel, i: panels.append(panel), 16, 260, 3)
    panels.append(c.panel(0, 0, 330, 640))
    for panel, solid in zip(panels, [*state["options"], state["solid"]]):
        fills = ["#f5edd8" if cube[3] else 0 for cube in solid]
        voxels(panel, [cube[:3] for cube in solid], 52 if panel is panels[-1] else 34, fills)
    return c.svg()
