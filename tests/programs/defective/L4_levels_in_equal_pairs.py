"""Lamp switches: how many lamps shine after several people have passed.

Defect: only difficulty // 2 is used, so levels 0 and 1, 2 and 3, and so on are the same.
"""

TAGS = ("number-theory", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    tier = difficulty // 2
    return {"lamps": rng.randint(20 + 15 * tier, 40 + 15 * tier), "steps": sorted(rng.sample(range(2, 15 + tier), 3 + tier))}


def prompt(state):
    return (
        f"{state['lamps']} lamps in a row, numbered from 1, are off. For each of the numbers {', '.join(map(str, state['steps']))} somebody "
        "comes and flips the switch of every lamp whose number is divisible by it. "
        "What is the sum of the numbers of all lamps that shine in the end?"
    )


def reference(state):
    lit = [n for n in range(1, state["lamps"] + 1) if sum(n % step == 0 for step in state["steps"]) % 2]
    return str(sum(lit))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
