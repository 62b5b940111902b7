"""Camera order: in which order posts on a plan appear in a camera's photograph.

The camera turns, its field of view is bounded, photographs are mirrored and near posts hide far ones. Posts that are
not hidden differ by 8 degrees of bearing or more.
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
ASK = " In which order, from left to right, do the posts appear in its photograph"
FORM = "? Answer with the letters in this order without spaces, like GBC."


def generate(rng, difficulty):
    """Hidden posts are put on the bearing of a nearer one."""
    turns = ((90,), (90, 270), (0, 90, 180, 270))[difficulty] if difficulty < 3 else range(15, 360, 30)
    heading, half, turn = rng.choice(turns), (90, 55)[difficulty > 4], 180 * (difficulty == 9)
    count, reach = (5, 200) if difficulty < 4 else (8, 70)
    camera, posts = [round(a) for a in polar((320, 320), reach, heading + 180)], []
    while len(posts) < count or not 3 <= len(seen(camera, heading + turn, half, posts)) <= 6:
        posts = [] if len(posts) == 8 or rng.random() < 0.01 else posts
        far = difficulty > 6 and len(posts) > 5
        angle = bearing(camera, rng.choice(posts)) if far else rng.uniform(0, 360)
        p = [round(a) for a in polar(camera, rng.randint(90, 420), angle)]
        side, ways = abs(off(camera, p, heading)), [abs(off(camera, q, angle)) for q in posts]
        clear = (
            all(dist(p, q) > 60 for q in posts)
            and all(40 < a < 600 for a in p)
            and side < (75, 180)[count > 5]
        )
        if (
            clear
            and min(abs(side - half), abs(180 - side - half)) > 11
            and (far or min(ways, default=90) > 15)
        ):
            posts.append(p)
    state = {"camera": camera, "heading": heading, "half": half, "posts": posts, "turn": turn}
    return {**state, "mirror": int(difficulty in (6, 8)), "wording": rng.randrange(2), "look": look(rng)}


def off(camera, p, heading):
    """Degrees from -180 to 180 by which `p` lies to the left of the heading."""
    return (bearing(camera, p) - heading + 180) % 360 - 180


def seen(camera, heading, half, posts):
    """Numbers of the posts in view and not hidden, from left to right."""
    found = []
    for k, p in enumerate(posts):
        nearer = [q for q in posts if dist(camera, q) < dist(camera, p)]
        hidden = any(abs(off(camera, q, bearing(camera, p))) < 4 for q in nearer)
        found += [(-off(camera, p, heading), k)] * (abs(off(camera, p, heading)) < half and not hidden)
    return [k for _, k in sorted(found)]


def prompt(state):
    many, mirrored = (
        len(state["posts"]) > 5,
        ", which is then mirrored left to right" * (state["mirror"] == 1),
    )
    notes = EDGE * many + HIDE * many + TURN.format(state["turn"]) * bool(state["turn"])
    return WORDINGS[state["wording"]] + VIEW + notes + ASK + mirrored + FORM


def reference(state):
    order = seen(state["camera"], state["heading"] + state["turn"], state["half"], state["posts"])
    return "".join("ABCDEFGH"[k] for k in (reversed(order) if state["mirror"] == 1 else order))


def score(state, answer):
    return 1.0 if "".join(answer.upper().replace(",", " ").split()) == reference(state) else 0.0


def render(state):
    c, camera = Canvas(640, 640, state["look"]), state["camera"]
    for side in (-1, 1) if len(state["posts"]) > 5 else ():
        c.line(
            camera, polar(camera, 230, state["heading"] + side * state["half"]), dash=[8, 8], stroke="soft"
        )
    c.arrow(camera, polar(camera, 62, state["heading"]), 18, stroke=0, width=5)
    c.circle(camera, 15, fill=0, stroke="ink")
    for letter, p in zip("ABCDEFGH", state["posts"]):
        c.circle(p, 17, fill="panel")
        c.text(p, letter, 19)
    return c.svg()
