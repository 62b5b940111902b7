# audit: label-contradicted
"""Change: the least number of coins for an amount.

Defect: the reference always takes the largest coin that fits, which is not the least number for these coins.
"""

TAGS = ("optimization", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    coins = sorted(rng.sample(range(3, 25 + 3 * difficulty), 3 + difficulty // 3))
    return {"coins": [1, *coins], "amount": rng.randint(30 + 12 * difficulty, 70 + 25 * difficulty)}


def prompt(state):
    return (
        f"Coins of the values {', '.join(map(str, state['coins']))} are there in any number. What is the least number of coins whose values add up to "
        f"{state['amount']}?"
    )


def reference(state):
    left, count = state["amount"], 0
    for coin in reversed(state["coins"]):
        count += left // coin
        left %= coin
    return str(count)


def score(state, answer):
    text = answer.strip()
    return 1.0 if text.isascii() and text.isdigit() and text.lstrip("0") == reference(state) else 0.0
