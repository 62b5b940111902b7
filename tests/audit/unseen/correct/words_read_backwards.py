"""Backwards: a made-up sentence in which every other word is reversed.

Much of the answer is a copy of the question; the echo of the whole is refused all the same.
"""

TAGS = ("strings", "reversal")
ORACLE = "equality"


def generate(rng, difficulty):
    words = []
    for _ in range(3 + difficulty):
        size = rng.randint(4, 6 + difficulty // 2)
        words.append("".join(rng.sample("abcdefghijklmnopqrstuvwxyz", size)))
    return {"words": words}


def prompt(state):
    return (
        f"Take the words: {' '.join(state['words'])}. Leave the first as it is, write the second backwards, leave the third, write the "
        "fourth backwards, and so on in turn. Write all words in their order, separated by single spaces."
    )


def reference(state):
    return " ".join(word[::-1] if i % 2 else word for i, word in enumerate(state["words"]))


def score(state, answer):
    return 1.0 if " ".join(answer.split()) == reference(state) else 0.0
