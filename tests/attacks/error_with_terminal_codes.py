"""Raises an exception whose message would take over the terminal that it is shown on.

Tries: output
Expect: raised
Unconfined: raised
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    raise ValueError("\x1b]0;title\x07\x1b[2J\x1b[31m[bold]harmless[/bold]\r\n\u202eesrever")


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
