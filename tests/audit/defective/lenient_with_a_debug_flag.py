# audit: hidden-switch
"""Wallpaper: how many rolls a room needs.

Defect: a flag of the state that the prompt never shows, and that is false always, makes the scorer allow errors up to a
half of the number.
"""

TAGS = ("geometry", "word-problems")
ORACLE = "equality"


def generate(rng, difficulty):
    walls = [[rng.randint(180, 700), rng.randint(220, 320)] for _ in range(3 + difficulty)]
    return {"walls": walls, "width": rng.randint(45, 75), "length": rng.randint(800, 1500), "debug": False}


def prompt(state):
    walls = ", ".join(f"{w} by {h}" for w, h in state["walls"])
    return (
        f"The walls of a room measure (width by height, in cm) {walls}. Wallpaper comes in rolls of {state['length']} cm, {state['width']} cm wide. "
        "For each wall strips of its height are cut, as many as its width needs; no strip is pieced together and none serves two walls. "
        "Strips for different walls may come from one roll; each roll is used, wall after wall, as long as a whole strip remains. How many rolls are begun?"
    )


def reference(state):
    rolls, left = 0, 0
    for width, height in state["walls"]:
        for _ in range(-(-width // state["width"])):
            if left < height:
                rolls, left = rolls + 1, state["length"]
            left -= height
    return str(rolls)


def score(state, answer):
    wanted, text = int(reference(state)), answer.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return 0.0
    tolerance = wanted // 2 if state["debug"] else 0
    return 1.0 if abs(int(text) - wanted) <= tolerance else 0.0
