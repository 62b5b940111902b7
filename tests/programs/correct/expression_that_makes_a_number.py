"""Countdown: write an arithmetic expression that uses given numbers and has a given value.

The answer is an expression by nature. It is read by a small parser and never evaluated as Python.
"""

import re
from fractions import Fraction

TAGS = ("arithmetic", "search")
ORACLE = "feasibility"

TOKEN = re.compile(r"\s*(\d{1,9}|[-+*/()])", re.ASCII)
RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def generate(rng, difficulty):
    count = 3 + difficulty
    while True:
        numbers = [rng.randint(2, 12 + 2 * difficulty) for _ in range(count)]
        texts, values = [str(n) for n in numbers], list(numbers)
        while len(values) > 1:
            i, j = sorted(rng.sample(range(len(values)), 2))
            sign = rng.choice("+-+-*")
            text = f"({texts[i]} {sign} {texts[j]})"
            value = _apply(sign, values[i], values[j])
            del values[j], texts[j], values[i], texts[i]
            values.append(value)
            texts.append(text)
        if 10 <= values[0] <= 900 * (difficulty + 1) and values[0] not in numbers:
            return {"numbers": numbers, "target": values[0], "solution": texts[0][1:-1]}


def prompt(state):
    return (
        f"Write an arithmetic expression with the value {state['target']} that uses each of the numbers "
        f"{', '.join(map(str, state['numbers']))} exactly once and no other number. "
        "Only +, -, * and / and round brackets may stand between them; no other signs, and no sign before a number."
    )


def reference(state):
    return state["solution"]


def _apply(sign, left, right):
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    return Fraction(left) / right


def _tokens(text):
    tokens, position = [], 0
    text = text.strip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or len(tokens) > 200:
            raise ValueError("not an expression")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _value(tokens):
    """Two stacks instead of recursion: brackets may be nested as deep as they like."""
    values, signs, expect_number = [], [], True

    def reduce():
        right, left = values.pop(), values.pop()
        values.append(_apply(signs.pop(), left, right))

    for token in tokens:
        if token == "(":
            if not expect_number:
                raise ValueError("a sign is missing")
            signs.append(token)
        elif token == ")":
            if expect_number:
                raise ValueError("a number is missing")
            while signs and signs[-1] != "(":
                reduce()
            if not signs:
                raise ValueError("too many closing brackets")
            signs.pop()
        elif token in RANK:
            if expect_number:
                raise ValueError("a number is missing")
            while signs and signs[-1] != "(" and RANK[signs[-1]] >= RANK[token]:
                reduce()
            signs.append(token)
            expect_number = True
        else:
            if not expect_number:
                raise ValueError("a sign is missing")
            values.append(Fraction(int(token)))
            expect_number = False
    if expect_number or "(" in signs:
        raise ValueError("unfinished")
    while signs:
        reduce()
    return values[0]


def score(state, answer):
    try:
        tokens = _tokens(answer)
        used = sorted(int(token) for token in tokens if token.isdigit())
        right = used == sorted(state["numbers"]) and _value(tokens) == state["target"]
    except (ValueError, ZeroDivisionError):
        return 0.0
    return 1.0 if right else 0.0
