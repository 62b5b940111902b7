"""Has f-strings nested in f-strings parsed.

Tries: parser
Expect: raised, crashed, out of memory, out of CPU time, out of wall time
Limit: 0.15
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    text = "1"
    for _ in range(200):
        text = "f" + repr("{" + text + "}")
    return not eval(text)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
