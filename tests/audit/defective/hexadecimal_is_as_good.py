# audit: evaluates-answer
"""Base change: a sum of numbers in several notations.

Defect: the answer is read with int(answer, 0), so that '0x1f' passes where 31, a decimal number, is asked for.
"""

TAGS = ("number-systems", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"numbers": [[rng.randint(40, 900 + 400 * difficulty), rng.choice((2, 8, 16))] for _ in range(2 + difficulty)]}


def prompt(state):
    written = " + ".join({2: bin, 8: oct, 16: hex}[base](number) for number, base in state["numbers"])
    return (
        f"Binary numbers begin with 0b here, octal numbers with 0o and hexadecimal numbers with 0x. Compute {written}. "
        "Write the result in the decimal system."
    )


def reference(state):
    return str(sum(number for number, _ in state["numbers"]))


def score(state, answer):
    try:
        return 1.0 if int(answer, 0) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
