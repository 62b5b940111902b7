"""Vending machine: the change that a machine gives.

Defect: after isdigit() the scorer calls int() without a guard, which raises on thousands of digits (and on characters such as ²).
"""

TAGS = ("greedy", "simulation")
ORACLE = "equality"

COINS = (200, 100, 50, 20, 10, 5, 2, 1)


def generate(rng, difficulty):
    return {"stock": [rng.randint(0, 3) for _ in COINS], "sales": [[rng.randint(20, 480), rng.choice([500, 1000])] for _ in range(1 + difficulty)]}


def prompt(state):
    stock = ", ".join(f"{count} of {coin}" for count, coin in zip(state["stock"], COINS))
    sales = ", ".join(f"{price} paid with a note of {paid}" for price, paid in state["sales"])
    return (
        f"A machine holds these coins: {stock}. It gives change greedily, the largest coins first as long as they fit and are there, and keeps what it "
        f"cannot give. The sales are {sales}. How many coins does it give out in all, times 10000, plus the total amount that it could not give?"
    )


def reference(state):
    stock, given, kept = list(state["stock"]), 0, 0
    for price, paid in state["sales"]:
        change = paid - price
        for i, coin in enumerate(COINS):
            count = min(stock[i], change // coin)
            stock[i] -= count
            given += count
            change -= count * coin
        kept += change
    return str(10000 * given + kept)


def score(state, answer):
    text = answer.strip()
    if text.isdigit():
        return 1.0 if int(text) == int(reference(state)) else 0.0
    return 0.0
