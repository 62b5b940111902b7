"""Modular recurrence: the n-th term of a second-order recurrence with remainders.

Levels ask for later terms and larger moduli. From level 4 the index itself enters each term, and from level 7
an odd term brings a bonus, which rules out any closed form.
"""

TAGS = ("number-theory", "recurrences", "arithmetic")
ORACLE = "equality"

PRIMES = (11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59)


def generate(rng, difficulty):
    """A prime modulus larger than the factors keeps the sequence from collapsing to zero."""
    n = rng.randint(4 + 2 * difficulty, 6 + 2 * difficulty)
    modulus = rng.choice(PRIMES[difficulty : difficulty + 4])
    state = {
        "n": n,
        "modulus": modulus,
        "first": rng.randint(1, modulus - 1),
        "second": rng.randint(1, modulus - 1),
        "near": rng.randint(2, 9),
        "far": rng.randint(2, 9),
    }
    if difficulty >= 4:
        state["drift"] = rng.randint(2, 9)
    if difficulty >= 7:
        state["bonus"] = rng.randint(1, 9)
    return state


def prompt(state):
    """Writes the rule as a formula and the remainder in words, which leaves no notation to guess."""
    terms = f"{state['near']}*x(k-1) + {state['far']}*x(k-2)"
    if "drift" in state:
        terms += f" + {state['drift']}*k"
    bonus = ""
    if "bonus" in state:
        bonus = f"Whenever x(k-1) is odd, {state['bonus']} is added before the remainder is taken. "
    return (
        f"A sequence of integers begins with x(1) = {state['first']} and x(2) = {state['second']}. "
        f"For every k from 3 on, x(k) is the remainder that {terms} leaves on division by "
        f"{state['modulus']}. {bonus}What is x({state['n']})? Answer with one integer."
    )


def reference(state):
    """Term by term, because each remainder feeds the next two terms."""
    before, last = state["first"], state["second"]
    for k in range(2, state["n"] + 1):
        total = state["near"] * last + state["far"] * before + state.get("drift", 0) * k
        if last % 2 == 1:
            total += state.get("bonus", 0)
        before, last = last, total % state["modulus"]
    return str(last)


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
