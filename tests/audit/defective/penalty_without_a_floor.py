# audit: score-range
"""Shopping: things for exactly the money that one has.

Defect: for each coin that the bill is off a tenth is taken away, and nothing stops the score at 0.
"""

TAGS = ("subset-sum", "arithmetic")
ORACLE = "feasibility"


def generate(rng, difficulty):
    prices = rng.sample(range(11, 60 + 12 * difficulty), 7 + difficulty)
    return {"prices": prices, "bought": sorted(rng.sample(prices, 3 + difficulty // 3))}


def prompt(state):
    return (
        f"The things in a shop cost {', '.join(map(str, state['prices']))} coins; of each there is one. Choose things that cost "
        f"{sum(state['bought'])} coins together. Write their prices in any order, separated by spaces."
    )


def reference(state):
    return " ".join(map(str, state["bought"]))


def score(state, answer):
    tokens = answer.split()
    known = {str(price) for price in state["prices"]}
    if not tokens or len(set(tokens)) < len(tokens) or not set(tokens) <= known:
        return 0.0
    off = abs(sum(map(int, tokens)) - sum(state["bought"]))
    return 1.0 - off / 10
