"""Ackermann-like recursion: the value of a small recursive function.

Defect: imports sys and raises the recursion limit before it computes.
"""

import sys

TAGS = ("recursion", "functions")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "a": rng.randint(2, 9),
        "b": rng.randint(1, 30),
        "modulus": rng.randint(50 * (difficulty + 1), 90 * (difficulty + 1)),
        "n": 10 + 5 * difficulty,
    }


def prompt(state):
    return (
        f"Let f(0) = {state['b']} and f(n) = ({state['a']} * f(n - 1) + n) modulo {state['modulus']} for n > 0. "
        f"What is f({state['n']})?"
    )


def _f(state, n):
    if n == 0:
        return state["b"]
    return (state["a"] * _f(state, n - 1) + n) % state["modulus"]


def reference(state):
    sys.setrecursionlimit(10_000)
    return str(_f(state, state["n"]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
