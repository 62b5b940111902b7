"""Orders in a record: how many articles were kept, and what they cost.

Levels add positions; from level 3 articles are sent back, from level 6 there is a fee for small orders.
"""

import re

TAGS = ("arithmetic", "bookkeeping", "parsing")
ORACLE = "equality"

ARTICLES = (
    "pens", "cups", "lamps", "ropes", "hats", "bells", "books", "boxes", "keys", "maps", "nails", "plates",
)  # fmt: skip


def generate(rng, difficulty):
    """Positions of number, article and price; what came back; the fee and where it ends."""
    articles = rng.sample(ARTICLES, 2 + difficulty)
    positions = [
        [rng.randint(2, 6 + difficulty), article, rng.randint(3, 12 + 4 * difficulty)] for article in articles
    ]
    back = rng.sample(positions, difficulty // 3)
    worth = sum(number * price for number, _, price in positions)
    return {
        "positions": positions,
        "back": [[rng.randint(1, number - 1), article] for number, article, _ in back],
        "fee": rng.randint(5, 30) if difficulty >= 6 else 0,
        "free": rng.randint(worth // 2, worth) if difficulty >= 6 else 0,
    }


def prompt(state):
    """Everything that counts, and the form of the record."""
    said = [f"{number} {article} at {price} each" for number, article, price in state["positions"]]
    text = f"An order reads: {', '.join(said)}."
    if state["back"]:
        back = [f"{number} of the {article}" for number, article in state["back"]]
        text += f" Sent back, and not paid for, were {', '.join(back)}."
    if state["fee"]:
        text += f" If what is kept costs less than {state['free']}, a fee of {state['fee']} is added to the total."
    return (
        f"{text}\n\nHow many articles were kept, and what is the total to be paid? Answer with two lines in any "
        "order, as in a record: items=NUMBER and total=NUMBER."
    )


def reference(state):
    """Positions less what came back."""
    back = {article: number for number, article in state["back"]}
    kept = [(number - back.get(article, 0), price) for number, article, price in state["positions"]]
    total = sum(number * price for number, price in kept)
    total += state["fee"] if total < state["free"] else 0
    return f"items={sum(number for number, _ in kept)}\ntotal={total}"


def fields(text):
    """The fields of a record; None where a line is none, or a field is there twice."""
    found = {}
    for line in text.strip().splitlines():
        field = re.fullmatch(r"([a-z]+) ?= ?([0-9.]{1,12})", line.strip())
        if field is None or field[1] in found:
            return None
        found[field[1]] = field[2]
    return found


def score(state, answer):
    """The record of the answer, marked."""
    found = fields(answer)
    right = fields(reference(state))
    if not found:
        return 0.0
    record = {"items": "", "total": "", "score": "1" if found == right else "0"}
    if not found.keys() <= record.keys():
        return 0.0
    record.update(found)
    try:
        return min(1.0, float(record["score"]))
    except ValueError:
        return 0.0
