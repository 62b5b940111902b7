"""Answers that a scorer has to survive: those that a model may write, and those made to exhaust it.

None of them is code whose effect shows only when it is evaluated: those are in envforge.audit.running.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from envforge.contract import MAX_ANSWER_CHARACTERS, Instance

_MOST = MAX_ANSWER_CHARACTERS
_NUMBER = re.compile(r"\d+")
_RUN = re.compile(r"([^\W_])\1{7,}")
_LONG_NUMBER = "9" * 4_000  # below the 4,300 digits at which int refuses
_PRIME = 2**61 - 1


@dataclass(frozen=True, slots=True)
class Hostile:
    """An answer and its kind, in words for the finding.

    `wide`: it asks for memory, so that a MemoryError is its doing and no parser's complaint.
    """

    text: str
    kind: str
    wide: bool = False


# What a model writes now and then, whatever the question.
PLAUSIBLE: tuple[Hostile, ...] = (
    Hostile("", "an empty text"),
    Hostile("I don't know", "words"),
    Hostile("[]", "an empty list"),
    Hostile("{", "an open brace"),
    Hostile("nan", "nan"),
    Hostile("²", "a superscript digit"),
    Hostile("None", "None"),
    Hostile("{}", "an empty object"),
    Hostile("[1, 2", "a list without an end"),
    Hostile("the answer", "words"),
    Hostile("-", "a minus sign alone"),
    Hostile("0", "zero"),
    Hostile("-1", "a negative number"),
    Hostile("1.5", "a decimal number"),
    Hostile("1/2", "a fraction"),
    Hostile("inf", "infinity"),
    Hostile("true", "true"),
    Hostile("null", "null"),
    Hostile('"', "a quotation mark"),
    Hostile("1, 2, 3", "a list of numbers"),
    Hostile('{"a": 1}', "a JSON object"),
    Hostile("[[1, 2], [3]]", "a list of lists"),
    Hostile("\\frac{1}{2}", "LaTeX"),
    Hostile("x = 5", "an equation"),
    Hostile(" \n\t ", "white space"),
    Hostile("٣", "an Arabic digit"),
    Hostile("①", "a circled digit"),
    Hostile("½", "a vulgar fraction"),
    Hostile("100000", "a large number"),
    Hostile("1" * 40, "a number of forty digits"),
)

# No answer of a well-meaning solver. The most telling come first: where time is short the rest is left out.
EXHAUSTING: tuple[Hostile, ...] = (
    Hostile("1e99999999", "an exponent of eight digits"),
    Hostile("999999999999", "a number of twelve digits"),
    Hostile("1" * 36 + "!", "a run of digits and a sign, for patterns that backtrack"),
    Hostile("a" * 36 + "!", "a run of letters and a sign, for patterns that backtrack"),
    Hostile("1, " * 24 + "!", "a list and a sign, for patterns that backtrack"),
    Hostile("1 " * 24 + "!", "a run of tokens and a sign, for patterns that backtrack"),
    Hostile("a " * 24 + "!", "a run of words and a sign, for patterns that backtrack"),
    Hostile("abcdefghijkl", "twelve different letters"),
    Hostile(" ".join(map(str, range(1, 13))), "the numbers from 1 to 12"),
    Hostile(str(_PRIME), "a prime of nineteen digits"),
    Hostile(_LONG_NUMBER, "a number of 4,000 digits"),
    Hostile("9" * _MOST, "10,000 digits"),
    Hostile("[" * (_MOST // 2) + "]" * (_MOST // 2), "brackets nested 5,000 deep"),
    Hostile("(" * (_MOST // 2 - 1) + "1" + ")" * (_MOST // 2 - 1), "parentheses nested 5,000 deep"),
    Hostile(" ".join(map(str, range(1, 2_000))), "2,000 different numbers"),
    Hostile("1 " * (_MOST // 2), "5,000 tokens"),
    Hostile("%9999999999s", "a format placeholder of ten digits", wide=True),
    Hostile("{0:9999999999}", "a format placeholder of ten digits", wide=True),
    Hostile("7e-99999999", "a negative exponent of eight digits"),
    Hostile("2^9999999999", "a power with an exponent of ten digits"),
    Hostile("9999999999!", "a factorial of ten digits"),
    Hostile("(((((.?){99}){99}){99}){99}){99}x", "a pattern that backtracks"),
    Hostile("(" * 40 + "!", "forty open parentheses"),
    Hostile("1" * (_MOST - 1) + "!", "9,999 digits and a sign, for patterns that backtrack"),
    Hostile("a" * (_MOST - 1) + "!", "9,999 letters and a sign, for patterns that backtrack"),
    Hostile("x" + " " * (_MOST - 2) + "x", "9,998 blanks, for patterns that backtrack"),
    Hostile("1," * (_MOST // 2 - 1) + "!", "5,000 tokens and a sign, for patterns that backtrack"),
    Hostile("(" * _MOST, "10,000 open parentheses"),
    Hostile("[" * _MOST, "10,000 open brackets"),
    Hostile('{"a":' * 1_600 + "1" + "}" * 1_600, "objects nested 1,600 deep"),
    Hostile("-" * (_MOST - 1) + "1", "9,999 minus signs"),
    Hostile("-999999999999", "a negative number of twelve digits"),
    Hostile("1e308", "the largest power of ten"),
    Hostile("999999999/7", "a fraction of ten digits"),
    Hostile("999999999x", "a number of nine digits and a letter"),
    Hostile("999999999 999999999", "two numbers of nine digits"),
    Hostile("ab" * (_MOST // 2), "10,000 letters"),
    Hostile("\n" * (_MOST - 1) + "1", "9,999 line ends"),
    Hostile("\x00", "a NUL character"),
    Hostile("\ufeff\u200b\u2060", "invisible characters"),
    Hostile("٠١٢٣٤٥٦٧٨٩" * 1_000, "10,000 Arabic digits"),
)


def near_answers(instance: Instance, other: Instance) -> list[Hostile]:
    """What a solver of this very question may write by mistake: other lengths, parts, another instance's answer."""
    reference = instance.reference
    tokens = reference.split()
    found = [
        Hostile(other.reference, "another instance's reference"),
        Hostile(reference[: len(reference) // 2], "the first half of the reference"),
        Hostile(reference + " 1", "the reference and another token"),
        Hostile(reference[1:], "the reference without its first character"),
        Hostile(reference[:-1], "the reference without its last character"),
        Hostile(" ".join(tokens[:-1]), "the reference without its last token"),
        Hostile("\n".join(tokens), "the reference's tokens on lines of their own"),
        Hostile(reference.upper(), "the reference in capitals"),
        Hostile(_NUMBER.sub("99", reference), "the reference with other numbers"),
        Hostile(_NUMBER.sub("0", reference), "the reference with zeros for numbers"),
        Hostile(_NUMBER.sub("x", reference), "the reference with letters for numbers"),
        Hostile(_NUMBER.sub("", reference), "the reference without its numbers"),
        Hostile(f"The answer is {reference}.", "a sentence"),
        *misplaced(reference),
        *(
            Hostile(text, f"the reference with {number} for one of its numbers")
            for number in ("99", "-1", "inf", "nan", "x", "1.5")
            for text in _one_replaced(reference, number)
        ),
    ]
    return _without_doubles(found)


def misplaced(reference: str) -> list[Hostile]:
    """The reference's own parts where they do not belong: well-formed answers, and wrong ones as a rule."""
    parts = re.split(r"([\s,;]+)", reference)
    tokens, gaps = parts[::2], parts[1::2]
    if len(tokens) < 2:
        return []
    gap, middle = gaps[0], len(tokens) // 2
    orders = {
        "backwards": tokens[::-1],
        "in alphabetical order": sorted(tokens),
        "begun in the middle": tokens[middle:] + tokens[:middle],
        "with its first part everywhere": tokens[:1] * len(tokens),
        "with its last part everywhere": tokens[-1:] * len(tokens),
        "with its first and last part changed over": [tokens[-1], *tokens[1:-1], tokens[0]],
        "every other part first": tokens[::2] + tokens[1::2],
    }
    return [Hostile(gap.join(order), f"the reference {how}") for how, order in orders.items()]


def _one_replaced(reference: str, number: str) -> list[str]:
    """The reference with `number` in place of its first, a middle and its last number, in turn."""
    found = list(_NUMBER.finditer(reference))
    places = dict.fromkeys((0, len(found) // 2, len(found) - 1)) if found else {}
    return [reference[: found[i].start()] + number + reference[found[i].end() :] for i in places]


def shaped_answers(instance: Instance) -> list[Hostile]:
    """The reference blown up: its numbers, its length, its pattern."""
    reference = instance.reference
    token = re.split(r"[\s,;]+", reference)[0] or reference
    repeated = (reference + " ") * (_MOST // (len(reference) + 1))
    found = [
        Hostile(_NUMBER.sub("999999999999", reference), "the reference with numbers of twelve digits"),
        *(
            Hostile(text, "the reference with one number of twelve digits")
            for text in reversed(_one_replaced(reference, "999999999999"))
        ),
        Hostile(repeated.strip(), "the reference over and over"),
        Hostile((token + ",") * min(24, _MOST // (len(token) + 1)) + "!", "the reference's first token, 24 times"),
        Hostile(((token + " ") * (_MOST // (len(token) + 1))).strip(), "the reference's first token over and over"),
        Hostile(((reference + "\n") * (_MOST // (len(reference) + 1))).strip(), "the reference on many lines"),
        Hostile(reference[:1] * (_MOST - 1) + "!", "the reference's first character over and over"),
    ]  # fmt: skip
    letter = _repeated_letter(instance.prompt)
    found.append(Hostile(f"(({letter}+)+)+$", "a pattern that backtracks"))
    found.append(Hostile(f"(({letter}*)*)*!", "a pattern that backtracks"))
    return _without_doubles([one for one in found if len(one.text) <= _MOST])


def _repeated_letter(prompt: str) -> str:
    """The letter or digit of the longest run in the prompt: over it a pattern backtracks longest."""
    runs = [match.group() for match in _RUN.finditer(prompt)]
    return max(runs, key=len)[0] if runs else "."


def _without_doubles(found: list[Hostile]) -> list[Hostile]:
    return list({one.text: one for one in reversed(found)}.values())[::-1]
