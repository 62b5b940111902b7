"""Long product: whole numbers of many digits multiplied.

The product is far beyond what a float holds; commas between groups of three digits are accepted, as the prompt says.
"""

import math
import re

TAGS = ("arithmetic", "large-numbers")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 4 + difficulty
    return {"factors": [rng.randrange(10**size, 10 ** (size + 1)) for _ in range(3)]}


def prompt(state):
    return (
        f"What is {' x '.join(map(str, state['factors']))}? Write all digits of the product; "
        "commas between groups of three digits may be set or left out."
    )


def reference(state):
    return str(math.prod(state["factors"]))


def score(state, answer):
    text = answer.strip()
    if not re.fullmatch(r"\d{1,60}|\d{1,3}(,\d{3}){1,20}", text, re.ASCII):
        return 0.0
    return 1.0 if int(text.replace(",", "")) == math.prod(state["factors"]) else 0.0
