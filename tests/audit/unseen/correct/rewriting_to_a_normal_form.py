"""Rewriting: a string to which rules are applied, leftmost first, until none applies.

The answer is a string over three letters that is often short.
"""

TAGS = ("strings", "rewriting")
ORACLE = "equality"
RULES = (("ba", "ab"), ("ca", "bc"), ("cc", "b"))


def generate(rng, difficulty):
    return {"text": "".join(rng.choice("abc") for _ in range(7 + difficulty))}


def prompt(state):
    return (
        f"Start from the string {state['text']}. In each step look for the leftmost place at which one of the rules ba -> ab, "
        "ca -> bc, cc -> b applies, and replace these two letters by the right-hand side. Which string is left when no rule applies any more?"
    )


def reference(state):
    text = state["text"]
    while True:
        places = [(text.find(old), old, new) for old, new in RULES if old in text]
        if not places:
            return text
        place, old, new = min(places)
        text = text[:place] + new + text[place + len(old):]


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
