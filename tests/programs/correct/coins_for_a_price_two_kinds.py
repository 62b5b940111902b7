"""Two kinds of coins: pay a price with two kinds of coins; often there is exactly one way.

A feasibility problem whose solution is unique on many instances and manifold on others.
"""

TAGS = ("number-theory", "diophantine")
ORACLE = "feasibility"


def generate(rng, difficulty):
    a, b = sorted(rng.sample(range(5 + 12 * difficulty, 23 + 14 * difficulty), 2))
    x, y = rng.randint(1, 9 + 2 * difficulty), rng.randint(1, 9 + 2 * difficulty)
    return {"a": a, "b": b, "price": a * x + b * y, "x": x, "y": y}


def prompt(state):
    return (
        f"A country has only two kinds of coins, worth {state['a']} and {state['b']}. Pay a price of exactly "
        f"{state['price']} without change. How many coins of the first kind and how many of the second kind "
        "do you put down? Write the two whole numbers (zero is allowed), separated by a comma."
    )


def reference(state):
    return f"{state['x']}, {state['y']}"


def score(state, answer):
    try:
        x, y = (int(part) for part in answer.split(","))
    except ValueError:
        return 0.0
    return 1.0 if x >= 0 and y >= 0 and x * state["a"] + y * state["b"] == state["price"] else 0.0
