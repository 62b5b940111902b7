"""Makes the scorer a coroutine function.

Tries: callbacks
Expect in generate: value
Expect in score: raised, forbidden system call
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


async def score(state, answer):
    return 1.0
