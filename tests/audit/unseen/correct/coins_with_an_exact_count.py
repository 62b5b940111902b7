"""Coins: coins of given values that make an amount, with an exact number of coins.

Values may be used many times, so that items repeat in the answer; their order is free.
"""

import re

TAGS = ("change-making", "search")
ORACLE = "feasibility"


def generate(rng, difficulty):
    values = sorted(rng.sample(range(3, 30 + 5 * difficulty), 4 + difficulty // 3))
    planted = sorted(rng.choice(values) for _ in range(4 + difficulty))
    return {"values": values, "planted": planted}


def prompt(state):
    return (
        f"Coins of value {', '.join(map(str, state['values']))} are there in plenty. Pay {sum(state['planted'])} with exactly "
        f"{len(state['planted'])} coins. Write the value of every single coin, separated by commas or plus signs, in any order; "
        "every payment that fulfils this is right."
    )


def reference(state):
    return " + ".join(map(str, state["planted"]))


def score(state, answer):
    text = answer.strip()
    if len(text) > 300 or not re.fullmatch(r"\d{1,4}(\s*[,+]\s*\d{1,4})*", text, re.ASCII):
        return 0.0
    coins = [int(part) for part in re.split("[,+]", text)]
    right = len(coins) == len(state["planted"]) and all(coin in state["values"] for coin in coins)
    return 1.0 if right and sum(coins) == sum(state["planted"]) else 0.0
