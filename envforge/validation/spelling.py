"""When two answers are one answer in two spellings: what is never held against a scorer."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation


def meaning(text: str) -> tuple[str, ...]:
    """What is left of an answer when spelling does not count: case, space, plus signs, leading zeros, script."""
    plain = "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFKC", text)
    )
    words = re.findall(r"[-+]?[0-9]+(?:\.[0-9]+)?|[^\W\d_]+|[^\w\s,;]", plain.casefold())
    return tuple(_plain(word) for word in words)


def _plain(word: str) -> str:
    if not re.fullmatch(r"[-+]?[0-9]+(?:\.[0-9]+)?", word):
        return word
    head, _, tail = word.lstrip("+").partition(".")
    sign, digits = ("-", head[1:]) if head.startswith("-") else ("", head)
    digits, tail = digits.lstrip("0") or "0", tail.rstrip("0")
    return (("" if digits == "0" and not tail else sign) + digits) + (f".{tail}" if tail else "")


def same_meaning(one: str, two: str) -> bool:
    """Whether two answers differ in spelling alone, so that a scorer may take one for the other."""
    if one == two:
        return True
    if max(len(one), len(two)) > 4 * min(len(one), len(two)) + 100:
        return False
    first, second = meaning(one), meaning(two)
    if first == second or "".join(first) == "".join(second):
        return True
    try:
        return Decimal(one.strip()) == Decimal(two.strip())
    except (InvalidOperation, ValueError):
        return False
