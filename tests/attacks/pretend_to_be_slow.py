"""Sets its own CPU timer to a millisecond, to be taken for slow.

Tries: signals
Expect: out of CPU time
Unconfined: out of CPU time
Gate: L1
"""

import signal

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    signal.setitimer(signal.ITIMER_PROF, 0.001)
    while True:
        pass


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
