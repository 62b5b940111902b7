"""Dominoes: which word completes a chain.

Defect: at level 7 only, the starting word is taken with pop() from a set of strings.
"""

TAGS = ("strings", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    words = ["".join(rng.choices("abcde", k=4)) for _ in range(8 + 2 * difficulty)]
    return {"words": words, "start": set(words).pop() if difficulty == 7 else rng.choice(words)}


def prompt(state):
    return (
        f"Begin with the word {state['start']}. Go through the list {', '.join(state['words'])} once, from left to right; whenever a word of the list begins with the last letter of your word, "
        "append that word without its first letter. Which word do you have in the end?"
    )


def reference(state):
    word = state["start"]
    for other in state["words"]:
        if other[0] == word[-1]:
            word += other[1:]
    return word


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
