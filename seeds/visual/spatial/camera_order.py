"""Camera order: in which order posts on a plan appear in a camera's photograph.

The camera looks any way, its view is bounded, it turns, photographs are mirrored and near posts hide far ones. Posts
stand on rays from the camera that lie 18 degrees apart, so no order is a near tie.
"""

from itertools import combinations
from math import dist

from canvas import Canvas, look, polar

BUCKET = "spatial"
LEVELS = (
    "the camera looks up the plan", "the camera looks down the plan", "the camera looks to the left or right",
    "the camera looks in a slanting direction", "a bounded view: some posts are not in the picture",
    "a bounded view, the photograph is mirrored", "a bounded view, after the camera has turned right round",
    "nearer posts hide farther ones", "hidden posts in a mirrored photograph",
    "hidden posts, a mirrored photograph, after a quarter turn",
)  # fmt: skip
TAGS = ("spatial-reasoning", "perspective-taking", "ordering")
ORACLE = "equality"
HEADINGS = ((90,), (270,), (0, 180), range(15, 360, 30))  # of levels 0, 1, 2 and of all above; 90 is up
CENTRE, LETTERS = (320, 320), "ABCDEFGH"
WORDINGS = (
    "From above you see a camera and lettered posts.",
    "A plan shows a camera and posts with letters.",
)
VIEW = " The arrow shows where the camera looks."
EDGE = " It takes in what lies between the dashed lines. A post straight behind a nearer post is hidden."
TURN = " Now the camera, with its dashed lines, turns to its {} by {} degrees."
ASK = " In which order, from left to right, do the posts appear in its photograph"
MIRROR = ", which is then mirrored left to right"
FORM = "? Answer with the letters in this order without spaces, like GBC."


def generate(rng, difficulty):
    """Three to five rays in view have posts; where posts hide, one in view and one out of view are hidden."""
    heading, bounded = rng.choice(HEADINGS[min(difficulty, 3)]), difficulty > 3
    reach, turn = (280 if bounded else 400), {6: 180, 9: rng.choice((90, -90))}.get(difficulty, 0)
    state = {"camera": [round(a) for a in polar(CENTRE, reach - 200, heading + 180)], "heading": heading}
    state |= {"half": 45 if bounded else 90, "turn": turn, "mirror": int(difficulty in (5, 8, 9))}
    count = rng.randint(3, 5)
    rays = rng.sample(range(-2, 3), count) + rng.sample(range(3, 18), 8 - count)
    if not bounded:
        rays = rng.sample(range(-4, 5), 5)
    if difficulty > 6:
        rays[-2:] = rays[0], rays[-3]
    rng.shuffle(rays)
    points = []
    while not points or min(dist(p, q) for p, q in combinations(points, 2)) < 42:
        ways = [(heading + turn + 18 * ray) % 360 for ray in rays]
        state["posts"] = [[way, rng.choice(distances(state, way, reach))] for way in ways]
        points = [polar(state["camera"], distance, way) for way, distance in state["posts"]]
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def distances(state, way, reach):
    return [d for d in range(140, reach) if dist(polar(state["camera"], d, way), CENTRE) < 285]


def prompt(state):
    turned = TURN.format("left" if state["turn"] > 0 else "right", abs(state["turn"])) * bool(state["turn"])
    edge = EDGE * (state["half"] < 90)
    return WORDINGS[state["wording"]] + VIEW + edge + turned + ASK + MIRROR * bool(state["mirror"]) + FORM


def reference(state):
    """Posts are set from far to near: a nearer one takes the place of one on the same ray."""
    found = {}
    for (way, _), letter in sorted(zip(state["posts"], LETTERS), key=lambda post: -post[0][1]):
        found[(way - state["heading"] - state["turn"] + 180) % 360 - 180] = letter  # degrees to the left
    order = [found[side] for side in sorted(found, reverse=not state["mirror"]) if abs(side) < state["half"]]
    return "".join(order)


def score(state, answer):
    return 1.0 if "".join(answer.upper().replace(",", " ").split()) == reference(state) else 0.0


def render(state):
    c, camera, heading = Canvas(640, 640, state["look"]), state["camera"], state["heading"]
    for side in (-state["half"], state["half"]) if state["half"] < 90 else ():
        c.line(camera, polar(camera, 230, heading + side), dash=[8, 8], stroke="soft")
    c.arrow(camera, polar(camera, 62, heading), 18, stroke=0, width=5)
    c.circle(camera, 15, fill=0, stroke="ink")
    for (way, distance), letter in zip(state["posts"], LETTERS):
        c.circle(polar(camera, distance, way), 17, fill="panel")
        c.text(polar(camera, distance, way), letter, 19)
    return c.svg()
