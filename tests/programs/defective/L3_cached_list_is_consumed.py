"""Prime ladder: the sum of the primes at every second place below a bound.

Defect: a list returned by an lru_cache function is emptied by its caller, so that a second call with the same bound differs.
"""

import functools

TAGS = ("number-theory", "primes")
ORACLE = "equality"


@functools.lru_cache(maxsize=None)
def _primes(bound):
    return [n for n in range(2, bound) if all(n % d for d in range(2, int(n**0.5) + 1))]


def generate(rng, difficulty):
    return {"bound": 60 + 20 * difficulty, "skip": rng.randint(2, 5), "offset": rng.randint(100, 9999)}


def prompt(state):
    return (
        f"Write down all primes below {state['bound']} in increasing order and cross out the first one, then the one {state['skip']} places "
        f"further on, and so on, always {state['skip']} places further, to the end. What is the sum of the primes that were "
        f"crossed out, plus {state['offset']}?"
    )


def reference(state):
    primes, total = _primes(state["bound"]), 0
    while primes:
        total += primes[0]
        del primes[: state["skip"]]
    return str(total + state["offset"])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
