"""Matchstick sum: take away, add or move sticks so that a wrong equation becomes right.

Levels add differences, larger numbers, sticks to add or to move, and a sign that changes. Every right repair counts.
"""

import re
from itertools import product

from canvas import STICKS, Canvas, look, matches

BUCKET = "mathematical"
LEVELS = (
    "a sum, take one stick away",
    "a sum or difference, take one away",
    "a number of two digits, take one away",
    "lay one stick down",
    "a number of two digits, lay one down",
    "a number of two digits, lay two down",
    "move one stick",
    "two numbers of two digits, move one",
    "move one, the sign has to change",
    "move two, the sign changes in the planted repair",
)
TAGS = ("search", "arithmetic", "visual-puzzle")
ORACLE = "feasibility"
# Per level: digits of the first two numbers, sticks that go away, sticks that are new.
RULES = ("1110", "1110", "2110", "1101", "2101", "2102", "1111", "2211", "2111", "2122")
TASKS = {"10": "take one away", "01": "add one", "02": "add two", "11": "move one", "22": "move two"}
WORDINGS = ("To make this equation of matchsticks true, {}.", "Make the matchsticks a true equation: {}.")
FORM = "Digits look as in the row below and keep their places, no number begins with a needless 0."


def generate(rng, difficulty):
    one, two, *need = map(int, RULES[difficulty])
    while True:
        a, b = (rng.randint(10 ** (n - 1), 10**n - 1) for n in (one, two))
        planted = f"{a}+{b}={a + b}" if difficulty == 0 or rng.random() < 0.5 else f"{a}-{b}={a - b}"
        spoilt, digits = list(planted), [i for i, sign in enumerate(planted) if sign.isdigit()]
        for i in rng.sample(digits, rng.randint(1, 2)):
            spoilt[i] = rng.choice("0123456789")
        spoilt[one] = "+-"["+" in planted] if difficulty > 7 else spoilt[one]
        state = {"sticks": [STICKS[sign] for sign in spoilt], "need": need}
        good = right(planted) and right("".join(spoilt)) is False and changes(state, planted) == need
        if good and (difficulty != 8 or all(repair[one] != spoilt[one] for repair in repairs(state))):
            return {**state, "look": look(rng), "wording": rng.randrange(2)}


def right(text):
    parts = re.fullmatch(r"(0|[1-9][0-9]?)([+-])(0|[1-9][0-9]?)=(0|[1-9][0-9]?)", text)
    return parts and int(parts[1]) + int(parts[2] + parts[3]) == int(parts[4])


def changes(state, other):
    pairs = [(set(sticks), set(STICKS[sign])) for sticks, sign in zip(state["sticks"], other)]
    return [sum(len(a - b) for a, b in pairs), sum(len(b - a) for a, b in pairs)]


def repairs(state):
    two = state["sticks"].index(STICKS["="])
    one = next(i for i in range(two) if state["sticks"][i] in ("g", "gv"))
    for a, b in product(range(10**one), range(10 ** (two - one - 1))):
        for other in (f"{a}+{b}={a + b}", f"{a}-{b}={a - b}"):
            if len(other) == len(state["sticks"]) and right(other) and changes(state, other) == state["need"]:
                yield other


def prompt(state):
    task = WORDINGS[state["wording"]].format(TASKS["".join(map(str, state["need"]))])
    return f"{task} {FORM} Any right repair will do. Answer with the equation, like 100+23=123."


def reference(state):
    return next(repairs(state))


def score(state, answer):
    other = answer.replace(" ", "").strip()
    fits = len(other) == len(state["sticks"]) and right(other) and changes(state, other) == state["need"]
    return 1.0 if fits else 0.0


def render(state):
    c, n = Canvas(832, 448, state["look"]), len(state["sticks"])
    step = min(140, 784 / n)
    for i, sticks in enumerate(state["sticks"]):
        matches(c, (416 + step * (i - n / 2 + 0.2), 150 - step * 0.6), step * 0.6, sticks)
    c.line((48, 322), (784, 322), stroke="faint")
    for i in range(10):
        matches(c, (66 + 72.5 * i, 350), 30, STICKS[str(i)], width=5)
    return c.svg()
