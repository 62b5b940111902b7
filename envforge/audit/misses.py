"""Near misses of a reference: its parts in another order, its other sign, the numbers beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from envforge.audit.wrongness import INTEGER, TOLERANT, Case, Strength, Wrong, free_order, listing, value_of

_DECIMAL = re.compile(r"[-+]?\d{1,300}\.(\d{1,30})")
_FRACTION = re.compile(r"-?[0-9]{1,300}/[0-9]{1,300}")
_EMBEDDED = re.compile(r"\d+")
_ORDERED = re.compile(
    r"\bin an? order\b|\bin (the|this|that|the same|which) order\b|\border (in which|that|of)\b|\bsequence of\b"
    r"|\b(re)?arrange|\bpermutation|\b(ascending|descending|increasing|decreasing|sorted|alphabetical)\b",
    re.IGNORECASE,
)
_ROUNDED = re.compile(r"\bround|\bdecimal|\bhundredths?\b|\bthousandths?\b|\btenths?\b", re.IGNORECASE)


def orders(case: Case) -> Iterator[Wrong]:
    """The right parts in a wrong order."""
    code, reference = "ignores-order", case.reference
    found = listing(reference)
    if found is not None and all(re.fullmatch(r"[^>→]+(->|>|→)[^>→]+", item) for item in found.items):
        turned = [re.sub(r"^([^>→]*[^>→-])(->|>|→)(.*)$", r"\3\2\1", item) for item in found.items]
        yield Wrong(code, "arrows turned round", found.written(turned))
    if free_order(case.instance.prompt):
        return
    strength = Strength.MASS if _ORDERED.search(case.instance.prompt) else Strength.MEANING
    if found is not None:
        items = found.items
        if len({item.casefold() for item in items}) < 2 or any(
            re.search(r"[=:+*/^]", item) for item in items
        ):
            return
        swaps = [
            items[::-1],
            (*items[1:], items[0]),
            (*items[:-2], items[-1], items[-2]),
            tuple(sorted(items)),
        ]
        for index, swapped in enumerate(swaps):
            if swapped != items:
                text = found.written(swapped)
                yield Wrong(code, "the reference's parts in another order", text, strength, light=index == 0)
    elif re.fullmatch(r"[^\W\d_]{2,}|[01]{4,}|[A-Za-z0-9]{6,}", reference) and case.verdict is None:
        for index, text in enumerate(
            (reference[::-1], "".join(sorted(reference)), reference[1:] + reference[0])
        ):
            if case.integer is None or abs(int(text) - case.integer) * 2 > abs(case.integer):
                kind = "the reference's letters in another order"
                yield Wrong(code, kind, text, strength, light=index == 0)


def signs(case: Case) -> Iterator[Wrong]:
    """The reference with the other sign."""
    if value_of(case.reference) not in (None, 0):
        text = case.reference[1:] if case.reference.startswith("-") else f"-{case.reference.lstrip('+')}"
        yield Wrong("ignores-sign", "the reference with the other sign", text, light=True)
        return
    found = listing(case.reference)
    if found is not None and all(INTEGER.fullmatch(item) for item in found.items):
        turned = [str(-int(item)) for item in found.items]
        yield Wrong("ignores-sign", "the reference with all signs turned", found.written(turned))


def neighbours(case: Case) -> Iterator[Wrong]:
    """Numbers beside the right one; the relative ones matter where references are large."""
    code, reference, prompt = "accepts-neighbour", case.reference, case.instance.prompt
    if TOLERANT.search(prompt):
        return
    number = case.integer
    if number is not None:
        for index, (kind, value) in enumerate(_near(number)):
            yield Wrong(code, kind, str(value), light=index < 2)
        yield Wrong(code, "the reference and a fraction", f"{number}.4")
        below = f"{number - 1}.6" if number > 0 else f"{number - 1}.4"
        yield Wrong(code, "a fraction beside the reference", below)
        yield Wrong(code, "the reference and a fraction", f"{number}.9" if number >= 0 else f"{number}.4")
        return
    found = listing(reference)
    if all(_DECIMAL.fullmatch(item) for item in (found.items if found else (reference,))):
        yield from _beside_decimals(case)
        return
    if _FRACTION.fullmatch(reference):
        over, under = (int(part) for part in reference.split("/"))
        yield Wrong(code, "a numerator beside the right one", f"{over + 1}/{under}", light=True)
        yield Wrong(code, "a denominator beside the right one", f"{over}/{under + 1}")
        return
    matches = list(_EMBEDDED.finditer(reference))
    if not matches or re.search(r"\d\.\d", reference):
        return
    for match in dict.fromkeys((matches[0], matches[len(matches) // 2], matches[-1])):
        digits = match.group()
        if len(digits) <= 1000:
            for index, value in enumerate((int(digits) + 1, max(0, int(digits) - 1), int(digits) + 10)):
                text = f"{reference[: match.start()]}{value:0{len(digits)}d}{reference[match.end() :]}"
                light = index == 0 and match is matches[-1]
                yield Wrong(code, "one number of the reference changed a little", text, light=light)


def _beside_decimals(case: Case) -> Iterator[Wrong]:
    """The first and the last decimal moved: a few units of the last place may be meant as a tolerance."""
    reference = case.reference
    units = 6 if _ROUNDED.search(case.instance.prompt) else 10
    matches = list(re.finditer(r"-?\d+\.(\d+)", reference))
    for match in dict.fromkeys((matches[-1], matches[0])):
        places = len(match[1])
        for sign in (1, -1):
            value = Decimal(match[0]) + sign * units * Decimal(10) ** -places
            text = f"{reference[: match.start()]}{value:.{places}f}{reference[match.end() :]}"
            kind = f"a decimal {units} units of its last place beside the right one"
            yield Wrong("accepts-neighbour", kind, text, light=sign > 0)


def _near(number: int) -> Iterator[tuple[str, int]]:
    size = abs(number)
    yield "one more than the reference", number + 1
    yield "one less than the reference", number - 1
    yield "two more than the reference", number + 2
    yield "ten more than the reference", number + 10
    if size >= 1000:
        yield (
            "the reference changed in the last bits of a float",
            number + 2 ** max(0, size.bit_length() - 50),
        )
        yield "0.1 % more than the reference", number + size // 1000
        yield "1 % less than the reference", number - size // 100
    if size >= 40:
        yield "2.5 % more than the reference", number + size // 40
        yield "5 % less than the reference", number - max(1, size // 20)
