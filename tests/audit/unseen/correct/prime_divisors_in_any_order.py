"""Prime divisors: the different primes that divide a number, in any order.

The scorer compares sets, as the prompt allows, but refuses an answer in which a prime is written twice.
"""

import re

TAGS = ("number-theory", "factoring")
ORACLE = "equality"
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)


def generate(rng, difficulty):
    number = 1
    for prime in rng.sample(PRIMES[: 11 + difficulty], 3 + difficulty // 3):
        number *= prime ** rng.randint(1, 2 + difficulty // 5)
    return {"number": number}


def prompt(state):
    return (
        f"Which different prime numbers divide {state['number']}? Name each once, in any order, separated by commas or by "
        "the word and."
    )


def reference(state):
    return ", ".join(str(prime) for prime in PRIMES if state["number"] % prime == 0)


def score(state, answer):
    text = answer.strip()
    if len(text) > 200 or not re.fullmatch(r"\d{1,3}((\s*,\s*|\s+and\s+)\d{1,3})*", text, re.ASCII):
        return 0.0
    given = [int(part) for part in re.split(r"\s*,\s*|\s+and\s+", text)]
    if len(set(given)) != len(given):
        return 0.0
    return 1.0 if sorted(given) == [prime for prime in PRIMES if state["number"] % prime == 0] else 0.0
