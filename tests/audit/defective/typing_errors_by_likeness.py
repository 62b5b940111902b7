# audit: accepts-echo
"""Proof-reading: a line with doubled letters is to be put right.

Defect: likeness to the intended line is measured by shared letter pairs; the faulty line itself is alike enough for full
credit.
"""

import re

TAGS = ("language", "strings")
ORACLE = "equality"

WORDS = (
    "the", "old", "house", "under", "high", "tree", "by", "river", "stands", "alone", "since", "many", "years", "with", "no", "roof",
    "quick", "fox", "jumps", "over", "lazy", "dog", "when", "it", "snows", "upon", "mountain", "village", "people", "go", "home", "early",
    "bread", "costs", "two", "coins", "market", "opens", "at", "dawn", "closed", "gates", "keep", "wolves", "out", "winter", "cold", "wind",
)


def generate(rng, difficulty):
    words = rng.sample(WORDS, 6 + 2 * difficulty)
    faulty = list(words)
    for _ in range(1 + difficulty // 2):
        i = rng.randrange(len(words))
        at = rng.randrange(len(words[i]))
        faulty[i] = words[i][: at + 1] + words[i][at:]
    return {"line": " ".join(words), "faulty": " ".join(faulty)}


def prompt(state):
    return (
        f"In the line '{state['faulty']}' some letters were typed twice by mistake. All words belong to this list: {', '.join(WORDS)}. "
        "Write the corrected line."
    )


def reference(state):
    return state["line"]


def _pairs(text):
    return {text[i : i + 2] for i in range(len(text) - 1)}


def score(state, answer):
    wanted, given = _pairs(state["line"]), _pairs(answer.strip().lower())
    if len(answer) > len(state["faulty"]) + 3 or not given or not re.fullmatch(r"[a-z ]+", answer.strip()):
        return 0.0
    share = 2 * len(wanted & given) / (len(wanted) + len(given))
    return 1.0 if share > 0.9 else share / 2
