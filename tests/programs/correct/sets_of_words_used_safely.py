"""Vocabulary: which words two texts share, and which of them is longest.

Works with sets of strings throughout, but only through their size, membership, sorting and a complete order.
"""

from itertools import combinations

TAGS = ("strings", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    pool = sorted({"".join(rng.choices("aeklmnorst", k=rng.randint(3, 5 + difficulty // 2))) for _ in range(14 + 2 * difficulty)})
    texts = [rng.sample(pool, 8 + difficulty) for _ in range(2)]
    return {"texts": texts}


def prompt(state):
    first, second = (" ".join(text) for text in state["texts"])
    return (
        f"Text one: {first}. Text two: {second}. Take the words that occur in both texts, and the longest of them (of several, the one that comes first in the alphabet). "
        "Write this word (a dash if there is none), the number of words in both texts, the number of words that occur in exactly one text, and the number of pairs of shared words "
        "that begin with the same letter, separated by commas."
    )


def reference(state):
    first, second = map(set, state["texts"])
    shared = first & second
    longest = min(shared, key=lambda word: (-len(word), word), default="-")
    pairs = sum(a[0] == b[0] for a, b in combinations(shared, 2))
    return f"{longest}, {len(shared)}, {len(first ^ second)}, {pairs}"


def score(state, answer):
    return 1.0 if [part.strip().lower() for part in answer.split(",")] == reference(state).split(", ") else 0.0
