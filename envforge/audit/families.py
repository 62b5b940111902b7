"""Families of wrong answers by code: junk, blanks, what stands beside the reference, parts of it and more than it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from envforge.audit.misses import neighbours, orders, signs
from envforge.audit.wrongness import (
    INTEGER,
    TOLERANT,
    Case,
    Listing,
    Strength,
    Wrong,
    bound,
    equivalent,
    listing,
    value_of,
    vocabulary,
)
from envforge.contract import MAX_ANSWER_CHARACTERS

_LOREM = (
    "lorem ipsum dolor sit amet consectetur the quick brown fox jumps over a lazy dog while grey zebras vex my jolly "
    "queen"
).split()
PROSE = " ".join(_LOREM * 3)  # 60 words
SIDE_BY_SIDE = "two answers side by side"
ALWAYS_TRUE = (
    "True", "1 == 1", "x = x", "0 < 1", "not False", "1=1", "0 = 0", "true", "x == x", "1 < 2", "a = a",
)  # fmt: skip
ALPHABET_WORD = "qwxvzjkq"
_LOGICAL = re.compile(r"[=<>&|~^∧∨¬→↔⊕]|\b(and|or|not|true|false|xor|implies)\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Family = Callable[[Case], Iterator[Wrong]]


def junk(case: Case) -> Iterator[Wrong]:
    """Texts that have nothing to do with the question, of many lengths and shapes, and are no part of its answer."""
    for wrong in _junk(case):
        if wrong.text.casefold() not in case.reference.casefold():
            yield wrong


def _junk(case: Case) -> Iterator[Wrong]:
    code = "accepts-anything"
    yield Wrong(code, "a word without content", "zzz", Strength.FORM, light=True)
    yield Wrong(code, "words without content", "lorem ipsum dolor sit", Strength.FORM, light=True)
    yield Wrong(code, "a refusal", "I don't know", Strength.FORM)
    yield Wrong(code, "punctuation", "?!", Strength.FORM)
    yield Wrong(code, "a long text without content", PROSE, Strength.FORM)
    reference = case.reference
    count = len(reference.split())
    words = " ".join((_LOREM * (count // len(_LOREM) + 1))[:count])
    yield Wrong(code, "as many words without content as the reference has", words, Strength.MASS)
    yield Wrong(
        code, "as many letters as the reference has", (ALPHABET_WORD * 300)[: len(reference)], Strength.MASS
    )
    shape = re.sub(r"[^\W\d_]", "q", re.sub(r"\d", "7", reference))
    yield Wrong(code, "a text of the reference's shape", shape)
    number = case.integer
    if number is not None:
        yield Wrong(code, "an unrelated number", str(abs(number) * 7 + 1_000_003), light=True)
        yield Wrong(code, "an unrelated number", str(-(abs(number) * 3 + 50_021)))
    for other in [other for other in case.others if far(other, reference)][:2]:
        yield Wrong(code, "another instance's reference", other)
    if case.verdict is None:
        for other in case.others[3:6]:
            yield Wrong(code, "references of other instances", other, Strength.MANY)


def far(one: str, two: str) -> bool:
    """Whether two references are so different that no near miss leads from one to the other."""
    if (
        equivalent(one, two)
        or one in two
        or two in one
        or sorted(one) == sorted(two)
        or len(one) == len(two) == 1
    ):
        return False
    first, second = set(re.findall(r"\w+", one.casefold())), set(re.findall(r"\w+", two.casefold()))
    if first & second:
        return False
    if INTEGER.fullmatch(one) and INTEGER.fullmatch(two):
        low, high = sorted((abs(int(one)), abs(int(two))))
        return high - low > 10 and low * 2 < high and one[-1] != two[-1] and one[0] != two[0]
    return True


def blanks(case: Case) -> Iterator[Wrong]:
    """Nothing, and white space."""
    yield Wrong("accepts-empty", "the empty answer", "", Strength.FORM, light=True)
    yield Wrong("accepts-empty", "white space alone", " \n", Strength.FORM)
    yield Wrong("accepts-empty", "an empty list", "[]", Strength.MASS)


def nonfinite(case: Case) -> Iterator[Wrong]:
    """What float() reads without being a number."""
    if re.search(r"\b(inf|infinity|infinite|nan|none|∞)\b", case.reference, re.IGNORECASE):
        return
    for text in ("nan", "inf", "-inf", "1e999", "NaN", "Infinity"):
        yield Wrong("accepts-nonfinite", "no finite number", text, Strength.FORM, light=text == "nan")
    if case.integer is None and len(_NUMBER.findall(case.reference)) in range(1, 200):
        for text in (
            _NUMBER.sub("nan", case.reference),
            _NUMBER.sub("nan", case.reference, count=1),
            _NUMBER.sub("inf", case.reference),
            _NUMBER.sub("-inf", case.reference, count=1),
        ):
            yield Wrong(
                "accepts-nonfinite", "the reference with numbers that are not finite", text, Strength.FORM
            )


def tautologies(case: Case) -> Iterator[Wrong]:
    """Statements that are true whatever was asked."""
    code, kind = "accepts-tautology", "a statement that is always true"
    if case.verdict is not None:
        return
    if "=" in case.reference:
        # The form of the reference is kept, but nothing of what the question gives is used.
        right = case.reference.rpartition("=")[2].strip()
        yield Wrong(code, "an equation of the right side with itself", f"{right} = {right}", Strength.MASS)
        for text in ("0 = 0", "x = x", "x % 1 = 0", "0 * x = 0"):
            yield Wrong(code, f"an equation that is always true: {text}", text, Strength.MASS)
    if _LOGICAL.search(case.reference):
        return
    for text in ALWAYS_TRUE:
        yield Wrong(code, kind, text, Strength.FORM)


def affixes(case: Case) -> Iterator[Wrong]:
    """The reference with other content glued to it or beside it."""
    code, reference = "accepts-affix", case.reference
    yield Wrong(
        code, "the prompt before the reference", f"{case.instance.prompt}\n{reference}", Strength.FORM
    )
    if value_of(reference) is not None:
        yield Wrong(code, "the reference with a digit before it", f"1{reference.lstrip('-+')}", light=True)
        if "." not in reference:
            yield Wrong(code, "the reference with a digit after it", f"{reference}1", light=True)
        beside = "0" if not equivalent(reference, "0") else "3"
        yield Wrong(code, "the reference with a number after it", f"{reference} {beside}")
        yield Wrong(code, "the reference with a number before it", f"{beside} {reference}")
    else:
        yield Wrong(code, "the reference with letters after it", f"{reference}qx", light=True)
        yield Wrong(code, "the reference with letters before it", f"qx{reference}", light=True)
        if case.verdict is None and listing(reference) is None:
            yield Wrong(code, "the reference denied", f"not {reference}")
            yield Wrong(code, "the reference with a word after it", f"{reference} zzz qx")
            yield Wrong(code, "the reference with a word before it", f"zzz qx {reference}")
    rival = case.rival
    if rival is None or equivalent(rival, reference) or (listing(reference) and "\n" not in reference):
        return
    for kind, text in (
        ("the reference after another answer", f"{rival}\n{reference}"),
        ("the reference before another answer", f"{reference}\n{rival}"),
        ("the reference after another answer and a colon", f"not {rival}: {reference}"),
        ("the reference before another answer in brackets", f"{reference} ({rival})"),
        ("the reference after another answer in brackets", f"({rival}) {reference}"),
        ("the reference after another answer and an equals sign", f"{rival} = {reference}"),
        ("the reference before another answer in a comment", f"{reference} # {rival}"),
        ("the reference after another answer and a space", f"{rival} {reference}"),
        ("the reference before another answer and a space", f"{reference} {rival}"),
    ):
        yield Wrong(code, kind, text)


def parts(case: Case) -> Iterator[Wrong]:
    """A mere part of the reference."""
    code, reference = "accepts-part", case.reference
    found = listing(reference)
    if found is not None:
        items = found.items
        drafts = [("the first part alone", items[:1]), ("the last part alone", items[-1:])]
        drafts += [
            ("the reference without its last part", items[:-1]),
            ("the reference without its first", items[1:]),
        ]
        if len(items) > 3:
            drafts.append(("a half of the reference", items[: len(items) // 2]))
        for kind, kept in drafts:
            yield Wrong(code, kind, found.written(kept), Strength.MASS, light=kind == "the last part alone")
        return
    if case.verdict is not None or len(reference.lstrip("-+")) < 2 or "." in reference:
        return
    sign = reference[: len(reference) - len(reference.lstrip("-+"))]
    yield Wrong(code, "the reference without its last character", reference[:-1], Strength.MASS, light=True)
    rest = reference[len(sign) + 1 :]
    yield Wrong(code, "the reference without its first character", f"{sign}{rest}", Strength.MASS)
    if len(reference) >= 6:
        cut = len(reference) // 5
        yield Wrong(
            code, "the middle of the reference", reference[cut:-cut].strip(), Strength.MASS, light=True
        )
        yield Wrong(code, "the first half of the reference", reference[: len(reference) // 2], Strength.MASS)
    if not reference.isalpha() or reference.isupper():
        yield Wrong(code, "the first character of the reference", reference[:1], Strength.MASS)


def supersets(case: Case) -> Iterator[Wrong]:
    """More items than are right."""
    code, reference = "accepts-superset", case.reference
    found = listing(reference)
    strength = Strength.FORM
    count = len(found.items) if found else 1
    if not bound(case.instance.prompt, count):
        strength = Strength.MEANING
    known = {item.casefold() for item in (found.items if found else (reference,))}
    like = [
        word
        for word in vocabulary(case.instance.state)
        if _alike(word, known) and word.casefold() not in known
    ]
    if found is None:
        if (
            case.verdict is not None
            or not like
            or " " in reference
            or not _named(reference, case.instance.state)
        ):
            return
        found = Listing((reference,), ", " if "comma" in case.instance.prompt else " ")
    extras = [like[:1], like[-1:], like[:2], like]
    if all(INTEGER.fullmatch(item) for item in found.items):
        numbers = [int(item) for item in found.items]
        free = [str(n) for n in range(1, min(max(numbers) + 2, 400)) if n not in numbers]
        extras += [free[:1], free[-2:-1], ["0"] if 0 not in numbers else []]
    for extra in extras:
        if extra:
            more = [*found.items, *extra]
            yield Wrong(
                code, "the reference with items added", found.written(more), strength, extra is extras[0]
            )
            if all(INTEGER.fullmatch(item) for item in more):
                ordered = sorted(more, key=int)
                yield Wrong(code, "the reference with items added", found.written(ordered), strength)
    if len(found.items) > 1 and not any(re.search("[=:]", item) for item in found.items):
        text = found.written([*found.items, found.items[0]])
        yield Wrong(code, "the reference with an item twice", text)


def _alike(word: str, known: set[str]) -> bool:
    """Whether a word of the state could stand in the list: a number among numbers, a name among names."""
    if all(INTEGER.fullmatch(item) for item in known):
        return INTEGER.fullmatch(word) is not None
    if any(INTEGER.fullmatch(item) for item in known) or not re.fullmatch(r"[\w'-]+", word):
        return False
    lengths = [len(item) for item in known]
    return not word.isdigit() and (max(lengths) > 1 or len(word) == 1)


def _named(reference: str, state: Any) -> bool:
    """Whether the reference is a name that the state lists."""
    return any(word.casefold() == reference.casefold() for word in vocabulary(state))


def hedges(case: Case) -> Iterator[Wrong]:
    """Two different answers at once."""
    code, one, two = "accepts-hedge", case.reference, case.rival
    if two is None or equivalent(one, two):
        return
    drafts = [f"{one} or {two}", f"{two} or {one}", f"either {one} or {two}", f"{one} (or {two})"]
    drafts += [f"{two} or else: {one}", f"{two}, no: {one}", f"maybe {two}, maybe {one}"]
    for index, text in enumerate(drafts):
        yield Wrong(code, "two answers with 'or' between them", text, Strength.FORM, light=index == 0)
    yield from _intervals(case)
    found = listing(one)
    if found is not None:
        for text in _hedged_items(found):
            yield Wrong(code, "two values for every item", text, Strength.FORM)
    else:
        for text in (f"{one}, {two}", f"{two}, {one}", f"{one} and {two}", f"{one}/{two}", f"{two}/{one}"):
            yield Wrong(code, SIDE_BY_SIDE, text)
        some = [other for other in dict.fromkeys((two, *case.others)) if len(other) <= 40][:5]
        for gap in (" ", ", ", " or "):
            yield Wrong(code, "all candidates at once", gap.join([*some[:1], one, *some[1:]]))


def _intervals(case: Case) -> Iterator[Wrong]:
    """All numbers around the right one at once."""
    number = case.integer
    if number is None or TOLERANT.search(case.instance.prompt):
        return
    low, high = number - min(5, abs(number)), number + 5
    for text in (f"{low}-{high}", f"{low} to {high}", f"between {low} and {high}", f"[{low}, {high}]"):
        yield Wrong("accepts-hedge", "an interval that holds the reference", text)


def _hedged_items(found: Listing) -> Iterator[str]:
    """Items of the form "name: value" with two values each."""
    halves = [re.fullmatch(r"(.*?\s*[:=]\s*)(\S.*)", item, re.DOTALL) for item in found.items]
    parts = [(half[1], half[2]) for half in halves if half]
    values = list(dict.fromkeys(value for _, value in parts))
    if len(parts) < len(halves) or len(values) < 2:
        return
    for gap in (" or ", " ", "/"):
        texts = []
        for name, value in parts:
            other = next(one for one in values if one != value)
            texts.append(f"{name}{value}{gap}{other}")
        yield found.written(texts)


FAMILIES: tuple[Family, ...] = (
    junk, blanks, nonfinite, tautologies, affixes, parts, supersets, hedges, orders, signs, neighbours,
)  # fmt: skip


def wrongs(case: Case, light: bool) -> list[Wrong]:
    """All wrong answers to one instance, or those few that every instance meets, each text once."""
    found: dict[str, Wrong] = {}
    for family in FAMILIES:
        for wrong in family(case):
            if light and not wrong.light:
                continue
            if len(wrong.text) <= MAX_ANSWER_CHARACTERS and not equivalent(wrong.text, case.reference):
                found.setdefault(wrong.text, wrong)
    return list(found.values())
