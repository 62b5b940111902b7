# audit: space-refused
"""Morse: words in Morse code.

Defect: the answer is compared as it is; a newline at its end makes it wrong.
"""

TAGS = ("ciphers", "strings")
ORACLE = "equality"

CODE = dict(
    zip("abcdefghijklmnopqrstuvwxyz", ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..".split())
)


def generate(rng, difficulty):
    return {"word": "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(4 + difficulty))}


def prompt(state):
    signs = " ".join(CODE[letter] for letter in state["word"])
    return f"Decode this Morse code, in which spaces separate the letters: {signs} (end). Write the word in small letters."


def reference(state):
    return state["word"]


def score(state, answer):
    return 1.0 if answer == state["word"] else 0.0
