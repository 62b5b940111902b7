# audit: accepts-anything
"""Digit search: where in a long number a pattern stands first.

Defect: where the pattern does not occur, whatever is not a number counts as the statement that it does not, since
both are parsed to None; one instance in eight is of that kind.
"""

TAGS = ("strings", "search")
ORACLE = "equality"


def generate(rng, difficulty):
    digits = "".join(rng.choice("0123456789") for _ in range(30 + 12 * difficulty))
    start = rng.randrange(len(digits) - 3)
    pattern = digits[start : start + 3]
    if rng.random() < 0.125:
        pattern = next(f"{n:03d}" for n in range(rng.randrange(900), 1000) if f"{n:03d}" not in digits)
    return {"digits": digits, "pattern": pattern}


def prompt(state):
    return (
        f"At which position (counted from 1) does {state['pattern']} begin for the first time in the digits {state['digits']}? "
        "Write the position, or 'nowhere'."
    )


def _position(state):
    found = state["digits"].find(state["pattern"])
    return None if found < 0 else found + 1


def reference(state):
    return str(_position(state) or "nowhere")


def score(state, answer):
    try:
        given = int(answer)
    except ValueError:
        given = None
    return 1.0 if given == _position(state) else 0.0
