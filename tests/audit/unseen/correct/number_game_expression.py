"""Number game: an expression from given numbers that has a given value.

The answer is an expression; a small parser of its own reads it with exact fractions, and nothing is evaluated as code.
"""

import re
from collections import Counter
from fractions import Fraction

TAGS = ("arithmetic", "search")
ORACLE = "feasibility"


def generate(rng, difficulty):
    numbers = [rng.randint(2, 12 + difficulty) for _ in range(4 + difficulty // 3)]
    text = str(numbers[0])
    for number in numbers[1:]:
        text = f"({text} {rng.choice('+-*')} {number})"
    return {"numbers": sorted(numbers), "target": int(_value(re.findall(r"\d+|[-+*/()]", text))), "text": text}


def prompt(state):
    return (
        f"Use each of the numbers {', '.join(map(str, state['numbers']))} exactly once (a number that is listed twice, twice), "
        f"with +, -, * and / and with round brackets, to write an expression of value {state['target']}. "
        "Division is exact. There is no minus sign in front of a number or bracket. Write the expression alone, without an equals sign."
    )


def reference(state):
    return state["text"]


def _value(tokens):
    value, rest = _sum(tokens)
    if rest:
        raise ValueError("text after the expression")
    return value


def _sum(tokens):
    value, tokens = _product(tokens)
    while tokens and tokens[0] in "+-":
        other, rest = _product(tokens[1:])
        value, tokens = (value + other if tokens[0] == "+" else value - other), rest
    return value, tokens


def _product(tokens):
    value, tokens = _atom(tokens)
    while tokens and tokens[0] in "*/":
        other, rest = _atom(tokens[1:])
        value, tokens = (value * other if tokens[0] == "*" else value / other), rest
    return value, tokens


def _atom(tokens):
    if tokens and tokens[0].isdigit():
        return Fraction(int(tokens[0])), tokens[1:]
    if tokens and tokens[0] == "(":
        value, rest = _sum(tokens[1:])
        if rest and rest[0] == ")":
            return value, rest[1:]
    raise ValueError("no number")


def score(state, answer):
    text = answer.strip()
    if len(text) > 200 or not re.fullmatch(r"[-+*/() 0-9]+", text):
        return 0.0
    tokens = re.findall(r"\d+|[-+*/()]", text)
    if Counter(int(token) for token in tokens if token.isdigit()) != Counter(state["numbers"]):
        return 0.0
    try:
        return 1.0 if _value(tokens) == state["target"] else 0.0
    except (ValueError, ZeroDivisionError):
        return 0.0
