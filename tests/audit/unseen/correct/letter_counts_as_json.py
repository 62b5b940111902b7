"""Letter counts: how often each letter stands in a text, as a JSON object.

The order of the keys is free, for JSON objects have none; a key given twice is refused.
"""

import json
from collections import Counter

TAGS = ("counting", "json")
ORACLE = "equality"


def generate(rng, difficulty):
    letters = rng.sample("abcdefghijklmnopqrstuvwxyz", 3 + difficulty // 2)
    return {"text": "".join(rng.choice(letters) for _ in range(15 + 8 * difficulty))}


def prompt(state):
    return (
        f"How often does each letter occur in {state['text']}? Answer with one JSON object that has a key for each letter that "
        "occurs (no others) and the count as an integer; the order of the keys does not matter."
    )


def reference(state):
    return json.dumps(dict(sorted(Counter(state["text"]).items())))


def _unique(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def score(state, answer):
    try:
        given = json.loads(answer, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return 0.0
    if not isinstance(given, dict) or any(type(count) is not int for count in given.values()):
        return 0.0
    return 1.0 if given == dict(Counter(state["text"])) else 0.0
