# audit: level-generation-slow
"""Primes in a stretch: how many primes lie between two numbers.

Defect: at the highest level the generator looks for all primes up to 60,000 by trial division and uses four of them.
"""

TAGS = ("number-theory", "counting")
ORACLE = "equality"


def _prime(number):
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def generate(rng, difficulty):
    low = rng.randint(10 + 60 * difficulty, 300 * (1 + difficulty))
    before = [n for n in range(60_000 if difficulty == 9 else low) if _prime(n)]
    return {"low": low, "high": low + rng.randint(20, 60 + 40 * difficulty), "least": before[rng.randrange(min(len(before), 4))]}


def prompt(state):
    return f"How many prime numbers p with {state['low']} <= p <= {state['high']} are there for which p + {state['least'] - 1} is even or a multiple of 3?"


def reference(state):
    found = [p for p in range(state["low"], state["high"] + 1) if _prime(p)]
    return str(sum((p + state["least"] - 1) % 2 == 0 or (p + state["least"] - 1) % 3 == 0 for p in found))


def score(state, answer):
    text = answer.strip()
    return 1.0 if text.isascii() and text.isdigit() and text == reference(state) else 0.0
