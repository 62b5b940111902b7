"""Staircase with broken steps: in how many ways it can be climbed.

Defect: the memo is a mutable default argument keyed by the step alone, so results of one staircase leak into the next one.
"""

TAGS = ("dynamic-programming", "combinatorics")
ORACLE = "equality"


def generate(rng, difficulty):
    height = 14 + 3 * difficulty
    return {"height": height, "broken": sorted(rng.sample(range(2, height - 1, 2), 3)), "start": rng.randint(100, 999)}


def prompt(state):
    return (
        f"A staircase has {state['height']} steps, of which those numbered {', '.join(map(str, state['broken']))} are broken and must not be "
        "stepped on. One climbs one, two or three steps at a time. In how many ways can one get from the floor to the top "
        f"step? Add {state['start']} to the number."
    )


def _ways(step, broken, memo={}):
    if step < 0 or step in broken:
        return 0
    if step == 0:
        return 1
    if step not in memo:
        memo[step] = sum(_ways(step - k, broken) for k in (1, 2, 3))
    return memo[step]


def reference(state):
    return str(_ways(state["height"], state["broken"]) + state["start"])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
