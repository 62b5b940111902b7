# audit: ambiguous-prompt
"""Currency: prices in another currency.

Defect: the fee of the bank, a number of cents per change, goes into the result and is not told.
"""

TAGS = ("arithmetic", "money")
ORACLE = "equality"


def generate(rng, difficulty):
    prices = [rng.randint(2, 99) for _ in range(3 + difficulty)]
    return {"prices": prices, "rate": rng.randint(105, 180), "fee": rng.randint(1, 9)}


def prompt(state):
    return (
        f"A crown is worth {state['rate']} cents. A traveller pays {', '.join(map(str, state['prices']))} crowns, and for each payment the bank changes cents into crowns, "
        "for which it takes its fixed fee. How many cents does the traveller spend in all?"
    )


def reference(state):
    return str(sum(price * state["rate"] + state["fee"] for price in state["prices"]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
