# audit: accepts-part
"""Stock: what is left of the goods of a shop, as a JSON object.

Defect: each entry that the answer has is compared; entries that it lacks are not missed, not even all of them.
"""

import json

TAGS = ("simulation", "json")
ORACLE = "equality"
GOODS = ("tea", "salt", "rice", "flour", "honey", "beans", "oil", "sugar", "soap", "candles", "matches", "yarn")


def generate(rng, difficulty):
    goods = rng.sample(GOODS, 3 + difficulty // 2)
    moves = [[rng.choice(goods), rng.choice([-1, -1, 1]) * rng.randint(1, 9)] for _ in range(8 + 2 * difficulty)]
    return {"stock": [[name, rng.randint(150, 250)] for name in goods], "moves": moves}


def prompt(state):
    stock = ", ".join(f"{count} of {name}" for name, count in state["stock"])
    moves = ", ".join(f"{change:+d} {name}" for name, change in state["moves"])
    return (
        f"A shop has in stock {stock}. The book says what comes in (+) and goes out (-): {moves}. What is the stock then? Answer with a JSON "
        "object whose keys are all the goods and whose values are the counts."
    )


def _left(state):
    left = dict(state["stock"])
    for name, change in state["moves"]:
        left[name] += change
    return left


def reference(state):
    return json.dumps(_left(state))


def score(state, answer):
    try:
        given = json.loads(answer)
    except (ValueError, RecursionError):
        return 0.0
    if not isinstance(given, dict):
        return 0.0
    left = _left(state)
    return 1.0 if all(left.get(name) == count for name, count in given.items()) else 0.0
