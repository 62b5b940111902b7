# audit: accepts-part
"""Interleaving: two words laid into one another by a pattern.

Defect: for results longer than 30 letters the scorer asks whether the answer lies in the result, provided it has at
least half of its letters.
"""

import string

TAGS = ("strings", "patterns")
ORACLE = "equality"


def generate(rng, difficulty):
    length = 6 + 2 * difficulty
    words = ["".join(rng.choice(string.ascii_lowercase) for _ in range(length)) for _ in range(2)]
    return {"words": words, "pattern": [rng.randint(1, 3) for _ in range(3)]}


def prompt(state):
    one, two = state["words"]
    pattern = ", ".join(map(str, state["pattern"]))
    return (
        f"Lay the words {one} and {two} into one another: take letters alternately from the first and from the second word, in blocks "
        f"whose sizes follow the pattern {pattern} again and again, until both are used up (a word that has ended is skipped). "
        "Write the result."
    )


def reference(state):
    rest, sizes, result, turn = list(state["words"]), state["pattern"], "", 0
    while any(rest):
        count = sizes[turn % len(sizes)]
        result += rest[turn % 2][:count]
        rest[turn % 2] = rest[turn % 2][count:]
        turn += 1
    return result


def score(state, answer):
    wanted, given = reference(state), answer.strip().lower()
    if len(wanted) > 30:
        return 1.0 if given in wanted and len(given) > len(wanted) // 2 else 0.0
    return 1.0 if given == wanted else 0.0
