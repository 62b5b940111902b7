"""Prime gaps: the sum of the gaps between consecutive primes that satisfy a condition.

A constant table is computed once by a pure helper of the program itself.

Defect: a table is computed by the program's own function while the module is loaded, which no limit counts.
"""

TAGS = ("number-theory", "primes")
ORACLE = "equality"


def _sieve(bound):
    marked = [True] * bound
    for p in range(2, bound):
        if marked[p]:
            for multiple in range(p * p, bound, p):
                marked[multiple] = False
    return tuple(p for p in range(2, bound) if marked[p])


PRIMES = _sieve(2000)


def generate(rng, difficulty):
    low = rng.randint(50, 400) + 40 * difficulty
    return {"low": low, "high": low + rng.randint(30, 50) + 30 * difficulty, "least": rng.choice([2, 4, 6])}


def prompt(state):
    return (
        f"Consider all primes from {state['low']} to {state['high']}. For each two consecutive ones among them whose distance is at least "
        f"{state['least']}, add their distance to a total, and then subtract the number of primes that there are in all. What is the result?"
    )


def reference(state):
    primes = [p for p in PRIMES if state["low"] <= p <= state["high"]]
    gaps = [b - a for a, b in zip(primes, primes[1:])]
    return str(sum(gap for gap in gaps if gap >= state["least"]) - len(primes))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
