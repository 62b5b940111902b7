"""Roman sum: Roman numerals added, the result as a Roman numeral too.

Capital and small letters count the same, which the prompt says; otherwise the numeral has to be the standard one.
"""

TAGS = ("arithmetic", "numerals")
ORACLE = "equality"
VALUES = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"),
          (5, "V"), (4, "IV"), (1, "I"))


def _roman(value):
    text = ""
    for size, letters in VALUES:
        text += letters * (value // size)
        value %= size
    return text


def generate(rng, difficulty):
    count = 2 + difficulty
    return {"numbers": [rng.randint(20, 3999 // count) for _ in range(count)]}


def prompt(state):
    return (
        f"Add these Roman numerals: {' + '.join(map(_roman, state['numbers']))}. Write the sum as a Roman numeral in the usual "
        "form (with IV, IX, XL, XC, CD and CM); capital and small letters count the same."
    )


def reference(state):
    return _roman(sum(state["numbers"]))


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0
