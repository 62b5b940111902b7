"""Histogram: how often each letter of an alphabet occurs, written as a JSON list.

The scorer reads JSON and survives whatever JSON can do to it, deep nesting included.
"""

import json
from collections import Counter

TAGS = ("counting", "strings")
ORACLE = "equality"


def generate(rng, difficulty):
    alphabet = "".join(sorted(rng.sample("abcdefghijklmnopqrstuvwxyz", 3 + difficulty // 2)))
    return {"alphabet": alphabet, "text": "".join(rng.choices(alphabet, k=18 + 8 * difficulty))}


def prompt(state):
    return (
        f"How often does each of the letters {', '.join(state['alphabet'])} occur in {state['text']}? "
        "Write the counts in the order of these letters, as a JSON list of whole numbers."
    )


def reference(state):
    counts = Counter(state["text"])
    return json.dumps([counts[letter] for letter in state["alphabet"]])


def score(state, answer):
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError):
        return 0.0
    if not isinstance(given, list) or any(type(value) is not int for value in given):
        return 0.0
    return 1.0 if given == json.loads(reference(state)) else 0.0
