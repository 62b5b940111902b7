"""Running shift: a word whose letters were shifted by growing amounts is read back.

The statement says that capital and small letters count the same, and the scorer keeps that promise.
"""

import string

TAGS = ("strings", "ciphers")
ORACLE = "equality"


def generate(rng, difficulty):
    word = "".join(rng.choice("bcdfglmnprstvz" if i % 2 == 0 else "aeiou") for i in range(5 + difficulty))
    start, growth = rng.randint(1, 25), rng.randint(1, 5)
    cipher = "".join(
        string.ascii_lowercase[(string.ascii_lowercase.index(letter) + start + i * growth) % 26]
        for i, letter in enumerate(word)
    )
    return {"cipher": cipher, "start": start, "growth": growth}


def prompt(state):
    return (
        f"A made-up word was enciphered: its first letter was moved {state['start']} places forward in the alphabet "
        f"(after z comes a again), and every further letter {state['growth']} places more than the letter before "
        f"it. The result is {state['cipher'].upper()}. Which word was it? Capital and small letters count the same."
    )


def reference(state):
    letters = string.ascii_lowercase
    shifts = (state["start"] + i * state["growth"] for i in range(len(state["cipher"])))
    return "".join(letters[(letters.index(c) - shift) % 26] for c, shift in zip(state["cipher"], shifts))


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
