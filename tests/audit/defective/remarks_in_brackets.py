# audit: accepts-affix, accepts-hedge
"""Sum of digits: repeated digit sums of a product.

Defect: everything in round brackets is removed as a remark, so '7 (or 8, or 9)' gets the credit of 7.
"""

import re

TAGS = ("arithmetic", "number-theory")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"factors": [rng.randint(12, 99 + 60 * difficulty) for _ in range(2 + difficulty // 2)], "times": rng.randint(3, 9)}


def prompt(state):
    factors = " times ".join(map(str, state["factors"]))
    return f"Compute {factors}. What is the sum of the decimal digits of the result, multiplied by {state['times']}?"


def reference(state):
    product = 1
    for factor in state["factors"]:
        product *= factor
    return str(sum(map(int, str(product))) * state["times"])


def score(state, answer):
    bare = re.sub(r"\([^()]{0,200}\)", "", answer).strip()
    if not re.fullmatch(r"[0-9]{1,12}", bare):
        return 0.0
    return 1.0 if int(bare) == int(reference(state)) else 0.0
