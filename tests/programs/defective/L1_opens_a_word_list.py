"""Letter count: how often letters occur in a list of words.

Defect: reads the dictionary of the machine with open, falling back on a few words.
"""

TAGS = ("strings", "counting")
ORACLE = "equality"

FALLBACK = ("harbour", "lantern", "meadow", "orchard", "pebble", "quarry", "ribbon", "saddle", "thicket", "velvet",
            "willow", "anchor", "bramble", "cinder", "dapple", "ember", "fathom", "gable", "hollow", "island")


def _words():
    try:
        with open("/usr/share/dict/words", encoding="utf-8") as file:
            return [line.strip() for line in file if len(line) > 5]
    except OSError:
        return list(FALLBACK)


def generate(rng, difficulty):
    return {"words": rng.sample(_words(), 5 + difficulty), "letters": rng.sample("aeiourlndt", 2)}


def prompt(state):
    first, second = state["letters"]
    return (
        f"In the words {', '.join(state['words'])}, multiply the number of letters {first} by the number of letters "
        f"{second}, and add the total number of letters. What do you get?"
    )


def reference(state):
    text = "".join(state["words"])
    first, second = state["letters"]
    return str(text.count(first) * text.count(second) + len(text))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
