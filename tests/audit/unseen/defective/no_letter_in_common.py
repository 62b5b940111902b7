# audit: answer-missing
"""Common letters: the letters that all of some strings share.

Defect: nothing makes sure that there is such a letter; where there is none the reference is empty.
"""

TAGS = ("strings", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    strings = ["".join(rng.sample("abcdefghijklmnopqr", 11)) for _ in range(3 + difficulty // 3)]
    return {"strings": [text[: 11 - difficulty % 3] for text in strings]}


def prompt(state):
    return (
        f"Which letters occur in every one of the strings {', '.join(state['strings'])}? Write them in alphabetical order, as one word "
        "without spaces."
    )


def reference(state):
    first, *rest = state["strings"]
    return "".join(sorted(letter for letter in first if all(letter in text for text in rest)))


def score(state, answer):
    given = answer.strip().lower()
    return 1.0 if given and given == reference(state) else 0.0
