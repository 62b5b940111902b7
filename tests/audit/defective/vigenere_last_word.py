# audit: accepts-affix
"""Vigenere: a word under a key word.

Defect: the last word of the answer is taken, whatever stands before it, as long as the answer holds no 'or'.
"""

import string

TAGS = ("ciphers", "strings")
ORACLE = "equality"

A = string.ascii_uppercase


def generate(rng, difficulty):
    text = "".join(rng.choice(A) for _ in range(5 + 2 * difficulty))
    return {"text": text, "key": "".join(rng.choice(A) for _ in range(2 + difficulty // 3))}


def prompt(state):
    return (
        f"Encrypt {state['text']} with the Vigenere cipher and the key {state['key']} (A shifts by 0, B by 1, and so on; "
        "the key is repeated). Write the result in capital letters."
    )


def reference(state):
    key = state["key"]
    shifted = [(A.index(c) + A.index(key[i % len(key)])) % 26 for i, c in enumerate(state["text"])]
    return "".join(A[number] for number in shifted)


def score(state, answer):
    words = answer.split()
    if not words or len(words) > 40 or "or" in words:
        return 0.0
    return 1.0 if words[-1] == reference(state) and "," not in answer else 0.0
