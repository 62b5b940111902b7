"""Begins with: the one word of a list that begins with a given letter.

Each level adds a word. From level 5 the letter is the one that the word ends with.
"""

TAGS = ("spelling", "search")
ORACLE = "equality"

WORDS = (
    "apple ball bird boat book bread chair cloud door duck fish flag gold green hand horse house king lamp leaf lion "
    "milk moon nest onion paper pencil plate queen rain river road rose salt sand ship snow star stone table tree "
    "water wheel wind wood"
).split()


def generate(rng, difficulty):
    """Words are taken in a random order as long as no other one has the same letter."""
    at = -1 if difficulty >= 5 else 0
    size = 3 + (difficulty % 5)
    chosen = {}
    for word in rng.sample(WORDS, len(WORDS)):
        if len(chosen) < size:
            chosen.setdefault(word[at], word)
    words = list(chosen.values())
    return {"words": words, "letter": rng.choice(words)[at], "ends": difficulty >= 5}


def prompt(state):
    """Without a verb of its own: a very small model answers a whole question with a whole sentence."""
    verb = "ends" if state["ends"] else "begins"
    return f"Word of the list that {verb} with {state['letter']}: {' '.join(state['words'])}"


def reference(state):
    """`generate` took care that there is only one."""
    at = -1 if state["ends"] else 0
    return next(word for word in state["words"] if word[at] == state["letter"])


def score(state, answer):
    """Capital letters and a quoted word are forgiven; a second word is not."""
    return 1.0 if answer.strip().strip("'\".").lower() == reference(state) else 0.0
