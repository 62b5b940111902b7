"""Coin change: the fewest coins that settle a bill exactly.

Levels raise the bill and add coins. From level 5 change may be given, and the search runs past the bill and
back again.
"""

TAGS = ("dynamic-programming", "optimization", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    """A coin of value 1 keeps every bill payable."""
    amount = rng.randint(20 + 20 * difficulty, 100 + 20 * difficulty)
    coins = rng.sample(range(3, 12 + 3 * difficulty), 3 + difficulty // 3)
    return {"amount": amount, "coins": [1, *sorted(coins)], "change": difficulty >= 5}


def prompt(state):
    """With change, every coin that crosses the counter counts, in either direction."""
    *most, last = map(str, state["coins"])
    if state["change"]:
        rules = (
            "The customer may pay more than the bill, and the shopkeeper then gives the difference back in "
            "coins. What is the least number of coins that the customer has to pay with, not counting the "
            "coins given back?"
        )
    else:
        rules = (
            "The shopkeeper gives no change, so the coins paid must add up to the bill exactly. "
            "What is the least number of coins that settles the bill?"
        )
    return (
        f"In a country with coins of value {', '.join(most)} and {last}, a customer has to settle a bill of "
        f"{state['amount']}. Customer and shopkeeper both have as many coins of each value as they need. "
        f"{rules} Answer with one integer."
    )


def reference(state):
    """Breadth-first over the sum paid so far: taking the largest coin first is often wrong."""
    amount, coins = state["amount"], state["coins"]
    steps = coins + [-coin for coin in coins] if state["change"] else coins
    # Put in the right order, the coins of any settlement never stray further than one coin.
    low, high = -coins[-1], amount + coins[-1]
    count, reached, frontier = 0, {0}, [0]
    while amount not in reached:
        count += 1
        following = []
        for paid in frontier:
            for step in steps:
                total = paid + step
                if low <= total <= high and total not in reached:
                    reached.add(total)
                    following.append(total)
        frontier = following
    return str(count)


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
