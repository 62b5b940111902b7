# audit: one-of-many, label-contradicted
"""Goldbach: two primes with a given sum.

Defect: the prompt asks for any two primes, and the scorer takes the pair with the smallest prime alone.
"""

TAGS = ("number-theory", "search")
ORACLE = "feasibility"


def _prime(number):
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def generate(rng, difficulty):
    return {"sum": 2 * rng.randint(100 + 300 * difficulty, 3000 + 900 * difficulty)}


def prompt(state):
    return f"Find two prime numbers whose sum is {state['sum']}. Write them in any order, separated by a plus sign."


def _pair(state):
    return next([p, state["sum"] - p] for p in range(2, state["sum"]) if _prime(p) and _prime(state["sum"] - p))


def reference(state):
    return "{} + {}".format(*_pair(state))


def score(state, answer):
    parts = [part.strip() for part in answer.split("+")]
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return 0.0
    return 1.0 if sorted(map(int, parts)) == _pair(state) else 0.0
