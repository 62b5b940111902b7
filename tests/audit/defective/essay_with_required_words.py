# audit: accepts-anything, accepts-echo
"""Headline: a sentence that uses given words and has a given number of words.

Defect: a proxy is measured: the number of words must be right, but of the required words only the share of their
letters that occurs somewhere is looked at, which any text of that many words has.
"""

TAGS = ("language", "constraints")
ORACLE = "feasibility"

WORDS = (
    "river", "stone", "market", "letter", "garden", "window", "captain", "silver", "thunder", "bridge", "candle", "forest",
    "mirror", "pepper", "saddle", "travel", "valley", "winter", "yellow", "anchor", "basket", "copper", "desert", "engine",
)


def generate(rng, difficulty):
    words = rng.sample(WORDS, 3 + difficulty)
    return {"words": words, "length": len(words) + rng.randint(2, 6 + difficulty)}


def prompt(state):
    return (
        f"Write one line of exactly {state['length']} words, separated by spaces, in which each of these words occurs: "
        f"{', '.join(state['words'])}. The line need not make sense."
    )


def reference(state):
    return " ".join(state["words"] + ["and"] * (state["length"] - len(state["words"])))


def score(state, answer):
    tokens = answer.lower().split()
    if len(tokens) != state["length"] or not all(token.isalpha() for token in tokens):
        return 0.0
    wanted = set("".join(state["words"]))
    share = len(wanted & set(answer.lower())) / len(wanted)
    return 1.0 if share >= 0.5 else share
