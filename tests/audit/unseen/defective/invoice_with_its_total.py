# audit: answer-in-prompt
"""Invoice: what is to be paid for goods at a discount.

Defect: the prompt prints the whole record of the instance, and the amount to be paid is one of its fields.
"""

import json
import re

TAGS = ("arithmetic", "tables")
ORACLE = "equality"


def generate(rng, difficulty):
    items = [{"price": rng.randint(3, 250), "pieces": rng.randint(2, 40)} for _ in range(3 + difficulty)]
    discount = rng.choice([5, 10, 15, 20, 25])
    cents = sum(item["price"] * item["pieces"] for item in items) * (100 - discount)
    return {"items": items, "discount_percent": discount, "payable_cents": cents}


def prompt(state):
    return (
        f"This is the record of an invoice, with prices in crowns: {json.dumps(state)}. The discount is taken from the whole sum. "
        "How many cents (a hundred to the crown) are to be paid? Write a whole number."
    )


def reference(state):
    return str(state["payable_cents"])


def score(state, answer):
    text = answer.strip()
    return 1.0 if re.fullmatch(r"\d{1,12}", text, re.ASCII) and int(text) == state["payable_cents"] else 0.0
