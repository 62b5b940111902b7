"""Paper folding: the sequence of creases in a strip of paper.

Defect: from level 8 on the sequence of creases has more than 2,000 characters.
"""

TAGS = ("recurrence", "strings")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"folds": [rng.choice("UD") for _ in range(3 + difficulty)], "mark": rng.randrange(1000)}


def prompt(state):
    return (
        f"Strip number {state['mark']}: build a word of the letters U and D. Begin with the letter {state['folds'][0]}. For each of the "
        f"further letters x = {', '.join(state['folds'][1:])} replace the word w by w, then x, then w written backwards with U and D "
        "exchanged. Write the last word, followed by the number of the strip."
    )


def reference(state):
    word = state["folds"][0]
    for fold in state["folds"][1:]:
        word = word + fold + word[::-1].translate(str.maketrans("UD", "DU"))
    return word + str(state["mark"])


def score(state, answer):
    return 1.0 if "".join(answer.split()).upper() == reference(state) else 0.0
