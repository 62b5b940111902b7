"""Full factorisation: the prime factors of a number, each as often as it occurs.

Defect: factors are compared as sets, so leaving out a repeated factor, or repeating one, costs nothing.
"""

TAGS = ("number-theory", "factorisation")
ORACLE = "equality"


def generate(rng, difficulty):
    factors = rng.choices((2, 3, 5, 7, 11, 13, 17, 19, 23, 29), weights=[9, 8, 6, 5, 4, 3, 2, 2, 1, 1], k=5 + difficulty)
    number = rng.choice((31, 37, 41, 43, 47))
    for factor in factors:
        number *= factor
    return {"number": number}


def prompt(state):
    return (
        f"Write {state['number']} as a product of primes: list all prime factors in increasing order, each as many times as it divides the number, separated by x as in 2x2x3."
    )


def reference(state):
    number, factors, p = state["number"], [], 2
    while number > 1:
        while number % p == 0:
            factors.append(str(p))
            number //= p
        p += 1
    return "x".join(factors)


def score(state, answer):
    given = {part.strip() for part in answer.strip().lower().split("x")}
    return 1.0 if given == set(reference(state).split("x")) else 0.0
