# audit: overlapping-seeds, few-instances
"""Conversions: lengths in feet and inches.

Defect: an instance is three consecutive exercises of a row of 512; most of what one shows others show too, at every
level the same row.
"""

TAGS = ("arithmetic", "units")
ORACLE = "equality"


def generate(rng, difficulty):
    first = rng.getrandbits(9)
    lengths = [[(37 * i + 11) % 90 + 1, (29 * i + i // 90 + 5) % 12] for i in range(first, first + 3)]
    return {"lengths": lengths, "pieces": difficulty + 2}


def prompt(state):
    lengths = ", ".join(f"{feet} feet {inches} inches" for feet, inches in state["lengths"])
    return (
        f"A board is made of {state['pieces']} equal strips; each strip is as long as {lengths} together. How long are all strips together? A foot has 12 inches. "
        "Write the result as 'F feet I inches' with I less than 12."
    )


def reference(state):
    total = state["pieces"] * sum(12 * feet + inches for feet, inches in state["lengths"])
    return f"{total // 12} feet {total % 12} inches"


def score(state, answer):
    return 1.0 if answer.lower().split() == reference(state).split() else 0.0
