"""Distinct prime factors: the set of primes that divide a number.

The answer is a set: the statement leaves the order free, so the scorer accepts every order of it.
"""

TAGS = ("number-theory", "factorisation")
ORACLE = "equality"

PRIMES = tuple(p for p in range(2, 110) if all(p % q for q in range(2, p)))


def generate(rng, difficulty):
    """A product of small primes, some of them squared."""
    chosen = rng.sample(PRIMES[difficulty : difficulty + 16], 3 + difficulty)
    number = 1
    for prime in chosen:
        number *= prime ** rng.choice([1, 1, 2])
    return {"number": number}


def prompt(state):
    return (
        f"Which primes divide {state['number']}? List each of them exactly once, "
        "separated by commas, in any order."
    )


def reference(state):
    number, found, p = state["number"], [], 2
    while number > 1:
        if number % p == 0:
            found.append(p)
            while number % p == 0:
                number //= p
        p += 1
    return ", ".join(str(p) for p in found)


def score(state, answer):
    try:
        given = sorted(int(part) for part in answer.split(","))
    except ValueError:
        return 0.0
    return 1.0 if given == sorted(int(part) for part in reference(state).split(",")) else 0.0
