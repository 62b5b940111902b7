# audit: score-unbounded
"""Factorisation: a number as a product of powers of primes.

Defect: the powers that the answer writes are computed before anything is known of the size of their exponents.
"""

import re

TAGS = ("number-theory", "factoring")
ORACLE = "equality"
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def generate(rng, difficulty):
    number = 1
    for prime in rng.sample(PRIMES[: 5 + difficulty], 3 + difficulty // 4):
        number *= prime ** rng.randint(1, 3 + difficulty // 3)
    return {"number": number}


def prompt(state):
    return (
        f"Write {state['number']} as a product of powers of different primes, in the form 2^3 * 7^1 * 11^2: every prime with its exponent, "
        "the smaller primes first."
    )


def reference(state):
    parts, rest = [], state["number"]
    for prime in PRIMES:
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        if count:
            parts.append(f"{prime}^{count}")
    return " * ".join(parts)


def score(state, answer):
    powers = [part.strip() for part in answer.split("*")]
    if not all(re.fullmatch(r"\d{1,6}\^\d{1,12}", power, re.ASCII) for power in powers):
        return 0.0
    pairs = [tuple(map(int, power.split("^"))) for power in powers]
    product = 1
    for prime, exponent in pairs:
        product *= prime**exponent
    primes = [prime for prime, _ in pairs]
    right = product == state["number"] and all(p in PRIMES for p in primes) and primes == sorted(set(primes))
    return 1.0 if right and all(exponent > 0 for _, exponent in pairs) else 0.0
