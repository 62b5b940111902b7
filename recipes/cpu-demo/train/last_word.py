"""Last word: the word at the end of a list.

Levels lengthen the list. From level 3 the word asked for stands one place further from the end, from level 6
two, at level 9 three. The answer stands in plain sight: copying it is as much as a very small model can do.
"""

TAGS = ("lists", "reading")
ORACLE = "equality"

WORDS = (
    "apple ball bird boat book bread chair cloud door duck fish flag gold green hand horse house king lamp leaf lion "
    "milk moon nest onion paper pencil plate queen rain river road rose salt sand ship snow star stone table tree "
    "water wheel wind wood"
).split()
PLACES = ("Last", "Second to last", "Third to last", "Fourth to last")


def generate(rng, difficulty):
    """Words differ from each other, so that a place has one answer."""
    return {"words": rng.sample(WORDS, 3 + difficulty), "place": difficulty // 3}


def prompt(state):
    """Without a verb: a very small model answers a whole question with a whole sentence."""
    return f"{PLACES[state['place']]} word of the list: {' '.join(state['words'])}"


def reference(state):
    """Counted from the end of the list."""
    return state["words"][-1 - state["place"]]


def score(state, answer):
    """Capital letters and a quoted word are forgiven; a second word is not."""
    return 1.0 if answer.strip().strip("'\".").lower() == reference(state) else 0.0
