"""Odd bases: a sum of two numbers written in a base above ten, with letters as digits.

Uses a local cache inside one call, a literal getattr and a computed constant, none of which the rules forbid.
"""

import functools
import operator

TAGS = ("arithmetic", "numerals")
ORACLE = "equality"

DIGITS = "".join(map(str, range(10))) + "".join(chr(ord("A") + i) for i in range(26))
add = getattr(operator, "add")


def _write(value, base):
    digits = ""
    while value:
        value, digit = divmod(value, base)
        digits = DIGITS[digit] + digits
    return digits or "0"


def generate(rng, difficulty):
    base = rng.randint(11, 12 + 2 * difficulty)
    low, high = base ** (2 + difficulty // 2), base ** (3 + difficulty // 2)
    count = 2 + difficulty
    return {"base": base, "numbers": [_write(rng.randrange(low, high), base) for _ in range(count)]}


def prompt(state):
    base = state["base"]
    return (
        f"In base {base}, with the digits 0 to 9 and then the letters A to {DIGITS[base - 1]} for ten and above, add "
        f"{' + '.join(state['numbers'])}. Write the sum in the same base, without a prefix."
    )


def reference(state):
    @functools.cache
    def value(text):
        return DIGITS.index(text[-1]) + (state["base"] * value(text[:-1]) if len(text) > 1 else 0)

    return _write(functools.reduce(add, map(value, state["numbers"])), state["base"])


def score(state, answer):
    return 1.0 if answer.strip().upper().lstrip("0") == reference(state) else 0.0
