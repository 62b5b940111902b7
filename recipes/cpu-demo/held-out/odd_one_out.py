"""Odd one out: the word that occurs only once in a list.

Every second level adds another word that is repeated; on the levels between, repeated words stand there three times.
"""

TAGS = ("lists", "search")
ORACLE = "equality"

WORDS = (
    "apple ball bird boat book bread chair cloud door duck fish flag gold green hand horse house king lamp leaf lion "
    "milk moon nest onion paper pencil plate queen rain river road rose salt sand ship snow star stone table tree "
    "water wheel wind wood"
).split()


def generate(rng, difficulty):
    """The single word stands anywhere: a fixed place would be the answer."""
    odd, *repeated = rng.sample(WORDS, 2 + difficulty // 2)
    words = [odd, *repeated * (2 + difficulty % 2)]
    rng.shuffle(words)
    return {"words": words}


def prompt(state):
    """Without a verb of its own: a very small model answers a whole question with a whole sentence."""
    return f"Word that occurs only once in the list: {' '.join(state['words'])}"


def reference(state):
    """Counts the words."""
    return next(word for word in state["words"] if state["words"].count(word) == 1)


def score(state, answer):
    """Capital letters and a quoted word are forgiven; a second word is not."""
    return 1.0 if answer.strip().strip("'\".").lower() == reference(state) else 0.0
