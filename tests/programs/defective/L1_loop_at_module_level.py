"""Goldbach pairs: in how many ways an even number is the sum of two primes.

Defect: a table of primes is filled by a for loop at module level.
"""

TAGS = ("number-theory", "primes")
ORACLE = "equality"

PRIMES = []
for candidate in range(2, 1400):
    if all(candidate % p for p in PRIMES if p * p <= candidate):
        PRIMES.append(candidate)


def generate(rng, difficulty):
    numbers = sorted(2 * rng.randint(10 + 20 * difficulty, 60 + 60 * difficulty) for _ in range(3))
    return {"numbers": numbers}


def prompt(state):
    a, b, c = state["numbers"]
    return (
        f"For each of the numbers {a}, {b} and {c} count the ways to write it as p + q with primes p <= q. "
        "What is the sum of the three counts?"
    )


def reference(state):
    primes = set(PRIMES)
    return str(sum(1 for n in state["numbers"] for p in PRIMES if 2 * p <= n and n - p in primes))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
