"""Drives a coroutine by hand whose await never ends.

Tries: time
Expect: out of CPU time, out of wall time
Limit: 0.15
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Endless:
    def __await__(self):
        while True:
            yield self


async def wait():
    await Endless()


def attack(port):
    coroutine = wait()
    while coroutine.send(None):
        pass
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
