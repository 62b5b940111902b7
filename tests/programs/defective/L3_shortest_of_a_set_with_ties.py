"""Word ladder: which word of several comes first.

Defect: min over a set of strings by length; among words of equal length the hash seed decides.
"""

TAGS = ("strings", "search")
ORACLE = "equality"


def generate(rng, difficulty):
    words = set()
    while len(words) < 8 + 2 * difficulty:
        words.add("".join(rng.choices("abcdefghij", k=rng.randint(4, 6 + difficulty // 2))))
    return {"words": sorted(words), "banned": rng.choice("abcdefghij")}


def prompt(state):
    return (
        f"Among the words {', '.join(state['words'])} take those that do not contain the letter {state['banned']}; if all contain it, take all. "
        "Find the shortest of them, and write it backwards."
    )


def reference(state):
    words = {word for word in state["words"] if state["banned"] not in word} or set(state["words"])
    return min(words, key=len)[::-1]


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
