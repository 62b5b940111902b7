"""Lockers: a walk through lockers that hold the number of the next one.

Defect: the state maps integers to integers; JSON turns the keys into strings, and reference looks for integers.
"""

TAGS = ("permutations", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 8 + 2 * difficulty
    notes = rng.sample(range(1, count + 1), count)
    return {"notes": dict(enumerate(notes, 1)), "start": rng.randint(1, count), "steps": rng.randint(5, 9) + 3 * difficulty}


def prompt(state):
    notes = ", ".join(f"{locker}: {note}" for locker, note in state["notes"].items())
    return (
        f"In each locker lies a note with the number of a locker ({notes}). You open locker {state['start']}, then the one on its "
        f"note, and so on, until you have opened {state['steps']} lockers, not all of them different perhaps. "
        "What is the sum of the numbers on the notes that you read?"
    )


def reference(state):
    here, total = state["start"], 0
    for _ in range(state["steps"]):
        here = state["notes"][here]
        total += here
    return str(total)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except (ValueError, KeyError):
        return 0.0
