"""Magic word: the value of a word when letters count as numbers.

Defect: the scorer returns True or False instead of 1.0 or 0.0.
"""

import string

TAGS = ("strings", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"word": "".join(rng.choices(string.ascii_lowercase, k=5 + difficulty)), "base": rng.randint(3, 9)}


def prompt(state):
    return (
        f"With a = 1, b = 2 up to z = 26, take the letters of {state['word']} from left to right: begin with 0, and for each letter multiply by "
        f"{state['base']} and add its number. Which number results?"
    )


def reference(state):
    value = 0
    for letter in state["word"]:
        value = value * state["base"] + string.ascii_lowercase.index(letter) + 1
    return str(value)


def score(state, answer):
    return answer.strip() == reference(state)
