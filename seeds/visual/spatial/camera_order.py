"""Camera order: in which order posts on a plan appear in a camera's photograph.

The camera turns, its field of view is bounded, photographs are mirrored and near posts hide far ones. Posts stand on
bearings about 30 degrees apart.
"""

from math import dist

from canvas import Canvas, bearing, look, polar

BUCKET = "spatial"
LEVELS = (
    "the camera looks up the plan",
    "the camera looks up or down the plan",
    "the camera looks in one of four directions",
    "the camera looks in any direction",
    "posts behind the camera are not in the picture",
    "a narrower field of view",
    "the photograph is mirrored",
    "nearer posts hide farther ones",
    "hidden posts in a mirrored photograph",
    "hidden posts, after the camera has turned round",
)
TAGS = ("spatial-reasoning", "perspective-taking", "ordering")
ORACLE = "equality"
WORDINGS = (
    "From above you see a camera and lettered posts.",
    "A plan shows a camera and posts with letters.",
)
VIEW = " The arrow shows where the camera looks."
EDGE = " It takes in what lies in front of it between the dashed lines."
HIDE = " A post straight behind a nearer post is hidden."
TURN = " Now the camera, with its dashed lines, turns by {} degrees."
ASK = " In which order, from left to right, do the posts appear in its photograph{}?"
FORM = " Answer with the letters in this order without spaces, like GBC."


def generate(rng, difficulty):
    """From level 7 on two posts share their bearings with others in view."""
    turns = ((90,), (90, 270), (0, 90, 180, 270))[difficulty] if difficulty < 3 else range(15, 360, 30)
    heading, turn, half = rng.choice(turns), 180 * (difficulty == 9), (90, 60)[difficulty > 4]
    ways, many, hide = range(-165, 180, 30), difficulty > 3, 2 * (difficulty > 6)
    front = rng.sample([a for a in ways if abs(a) < half], rng.randint(3, 4) if half < 90 else 5)
    back = rng.sample([a for a in ways if abs(a) > half], many * (8 - len(front) - hide))
    angles = [heading + turn + a + rng.randint(-3, 3) for a in front + back]
    camera, posts = [round(a) for a in polar((320, 320), 40 if many else 200, heading + 180)], []
    for angle in angles + angles[:hide]:
        places = [[round(a) for a in polar(camera, r, angle)] for r in range(120, 440, 10)]
        free = [p for p in places if all(40 <= a <= 600 for a in p) and all(dist(p, q) > 44 for q in posts)]
        posts.append(rng.choice(free))
    state = {"camera": camera, "heading": heading, "turn": turn, "half": half, "posts": posts}
    rng.shuffle(posts)
    return {**state, "mirror": int(difficulty in (6, 8)), "wording": rng.randrange(2), "look": look(rng)}


def off(camera, p, heading):
    """Degrees from -180 to 180 by which `p` lies to the left of the heading."""
    return (bearing(camera, p) - heading + 180) % 360 - 180


def prompt(state):
    mirrored = ", which is then mirrored left to right" * state["mirror"]
    notes = (EDGE + HIDE) * (len(state["posts"]) > 5) + TURN.format(state["turn"]) * (state["turn"] > 0)
    return WORDINGS[state["wording"]] + VIEW + notes + ASK.format(mirrored) + FORM


def reference(state):
    """Posts are sorted by bearing, unless they are out of view or a nearer one has the same bearing."""
    camera, found = state["camera"], []
    for letter, p in zip("ABCDEFGH", state["posts"]):
        side = off(camera, p, state["heading"] + state["turn"])
        before = [q for q in state["posts"] if dist(camera, q) < dist(camera, p)]
        if abs(side) < state["half"] and all(abs(off(camera, q, bearing(camera, p))) > 4 for q in before):
            found.append((side if state["mirror"] else -side, letter))
    return "".join(letter for _, letter in sorted(found))


def score(state, answer):
    return 1.0 if "".join(answer.upper().replace(",", " ").split()) == reference(state) else 0.0


def render(state):
    c, camera, heading = Canvas(640, 640, state["look"]), state["camera"], state["heading"]
    for side in (-1, 1) if len(state["posts"]) > 5 else ():
        c.line(camera, polar(camera, 230, heading + side * state["half"]), dash=[8, 8], stroke="soft")
    c.arrow(camera, polar(camera, 64, heading), 18, stroke=0, width=5)
    c.circle(camera, 15, fill=0, stroke="ink")
    for letter, p in zip("ABCDEFGH", state["posts"]):
        c.circle(p, 18, fill="panel")
        c.text(p, letter, 20)
    return c.svg()
