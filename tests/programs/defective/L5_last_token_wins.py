"""Vowel shift: which word results from shifting its vowels.

Defect: the scorer looks at the last word of the answer only.
"""

TAGS = ("strings", "simulation")
ORACLE = "equality"

VOWELS = "aeiou"


def generate(rng, difficulty):
    word = "".join(rng.choice("bdfgklmnprst") + rng.choice(VOWELS) for _ in range(3 + difficulty))
    return {"word": word, "shifts": [rng.randint(1, 4) for _ in range(2 + difficulty // 3)]}


def prompt(state):
    return (
        f"In the made-up word {state['word']} each vowel moves on in the circle a, e, i, o, u, a, ... by some steps. "
        f"The numbers of steps for the vowels, from left to right, are {', '.join(map(str, state['shifts']))}, and then the same again from the first number, "
        "as often as needed. Which word results?"
    )


def reference(state):
    word, count = "", 0
    for letter in state["word"]:
        if letter in VOWELS:
            letter = VOWELS[(VOWELS.index(letter) + state["shifts"][count % len(state["shifts"])]) % 5]
            count += 1
        word += letter
    return word


def score(state, answer):
    words = answer.lower().split()
    return 1.0 if words and words[-1] == reference(state) else 0.0
