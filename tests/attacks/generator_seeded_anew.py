"""Seeds the generator that it was given from the system, which no seed repeats.

A value: it starts from the request's salt, which L3 changes.

Tries: chance
Expect: value
Gate: L3
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    rng.seed()
    return {"loot": str(rng.random())}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
