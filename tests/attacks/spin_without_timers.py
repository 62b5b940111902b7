"""Switches both timers off, blocks every signal and spins.

What is left are the limit on CPU time and the zygote's clock.

Tries: time
Expect: out of wall time, out of CPU time, crashed
Limit: 0.15
Gate: L1
"""

import signal

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
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
