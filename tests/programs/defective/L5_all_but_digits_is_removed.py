"""Phone tree: how many calls are made.

Defect: everything but digits is deleted from the answer first, so 1 2 3, 12.3 and -123 pass for 123.
"""

TAGS = ("trees", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"fans": [rng.randint(2, 6) for _ in range(3 + difficulty // 2)], "busy": rng.randint(3, 11), "first": rng.randint(20, 99) + 80 * difficulty}


def prompt(state):
    fans = ", ".join(map(str, state["fans"]))
    return (
        f"A message is passed on by phone in rounds. {state['first']} people know it at first. In each round everybody who heard it in the round before (at first, all who know it) calls as many "
        f"new people as this list says for the round: {fans}. But of the people reached in a round only those are able to call in the next one who are left after every "
        f"{state['busy']}th of them is taken out. How many calls are made in all?"
    )


def reference(state):
    active, calls = state["first"], 0
    for fan in state["fans"]:
        reached = active * fan
        calls += reached
        active = reached - reached // state["busy"]
    return str(calls)


def score(state, answer):
    digits = "".join(character for character in answer if character in "0123456789")
    return 1.0 if digits == reference(state) else 0.0
