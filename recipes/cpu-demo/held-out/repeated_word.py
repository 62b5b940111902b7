"""Repeated word: the word that occurs twice in a list.

Each level adds a word that occurs once.
"""

TAGS = ("lists", "search")
ORACLE = "equality"

WORDS = (
    "apple ball bird boat book bread chair cloud door duck fish flag gold green hand horse house king lamp leaf lion "
    "milk moon nest onion paper pencil plate queen rain river road rose salt sand ship snow star stone table tree "
    "water wheel wind wood"
).split()


def generate(rng, difficulty):
    """The two may stand anywhere, side by side or not."""
    words = rng.sample(WORDS, 2 + difficulty)
    words.append(words[0])
    rng.shuffle(words)
    return {"words": words}


def prompt(state):
    """Without a verb of its own: a very small model answers a whole question with a whole sentence."""
    return f"Word that occurs twice in the list: {' '.join(state['words'])}"


def reference(state):
    """Counts the words."""
    return next(word for word in state["words"] if state["words"].count(word) == 2)


def score(state, answer):
    """Capital letters and a quoted word are forgiven; a second word is not."""
    return 1.0 if answer.strip().strip("'\".").lower() == reference(state) else 0.0
