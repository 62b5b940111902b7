"""Answers that must not pass: a fixed table, edits of the reference, and edits drawn by hypothesis.

For an equality oracle every answer here means something else than the reference. For a feasibility oracle many
answers may be right, so only those are kept that any scorer must refuse for their form; drawn texts must be
survived, whatever they score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import MAX_ANSWER_CHARACTERS, Instance, Oracle
from envforge.validation.spelling import same_meaning

_TOKEN = re.compile(r"[^\s,;]+")
_NUMBER = re.compile(r"-?\d+")
_DECIMAL = re.compile(r"-?\d+\.(\d+)")
_ANY_ORDER = re.compile(
    r"\b(any|whatever|either|arbitrary|no particular) (order|sequence)|order (does not|doesn't|is not|need not)"
    r"|(regardless|irrespective) of (the )?order|in which(ever)? order",
    re.IGNORECASE,
)
# The same promise, made of the answer itself.
_ANSWER_IN_ANY_ORDER = re.compile(
    r"\b(write|give|list|name|answer|state)\b[^.?!]{0,160}\bin any order\b|\bin any order\b[^.?!]{0,60}\bseparated\b",
    re.IGNORECASE,
)
# A promise that no part of the answer stands there twice.
_NO_REPEATS = re.compile(
    r"\b(different|distinct) (numbers|indices|positions|places|items|cards|values|words|letters|elements|integers"
    r"|cells|squares|pieces|towers|people|names|ones)\b|\b(none of them|no \w+) twice\b|\bat most once\b"
    r"|\bwithout (any )?repetition",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """An answer and why it is wrong, in words for the verdict."""

    text: str
    why: str
    certain: bool = True  # False: it may be right by chance, and only has to be survived


MALFORMED: tuple[WrongAnswer, ...] = (
    WrongAnswer("", "empty"),
    WrongAnswer(" \t\n ", "white space only"),
    WrongAnswer("nan", "not a number"),
    WrongAnswer("-nan", "not a number"),
    WrongAnswer("inf", "infinite"),
    WrongAnswer("-Infinity", "infinite"),
    WrongAnswer("1e999", "infinite"),
    WrongAnswer("None", "None"),
    WrongAnswer("null", "null"),
    WrongAnswer("²", "a superscript digit"),
    WrongAnswer("①", "a circled digit"),
    WrongAnswer("½", "a vulgar fraction"),
    WrongAnswer("٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩", "a large number in Arabic digits"),
    WrongAnswer("\ufeff\u200b\u2060", "invisible characters"),
    WrongAnswer("\x00", "a NUL character"),
    WrongAnswer("9" * MAX_ANSWER_CHARACTERS, "10,000 digits"),
    WrongAnswer("1 " * (MAX_ANSWER_CHARACTERS // 2), "5,000 tokens"),
    WrongAnswer("x" * MAX_ANSWER_CHARACTERS, "10,000 letters"),
    WrongAnswer("[" * 5_000, "5,000 open brackets"),
    WrongAnswer("[" * 4_900 + "]" * 4_900, "nested brackets"),
    WrongAnswer("(" * 4_900 + "1" + ")" * 4_900, "nested parentheses"),
    WrongAnswer('{"a":' * 1_500 + "1" + "}" * 1_500, "nested objects"),
    WrongAnswer("-" * 9_999 + "1", "9,999 minus signs"),
    WrongAnswer("%9999999999s", "a printf placeholder that fills the memory"),
    WrongAnswer("{0:9999999999}", "a format placeholder that fills the memory"),
    WrongAnswer("1" + "+1" * 4_000, "a sum of 4,001 ones"),
    WrongAnswer("1.7976931348623157e+309", "a float beyond the largest"),
    WrongAnswer("1e99999999", "an exponent that takes for ever to write out"),
    WrongAnswer("7e-99999999", "an exponent that takes for ever to write out"),
    WrongAnswer("1/0", "a division by zero"),
    WrongAnswer("0/0", "a division by zero"),
    WrongAnswer("9**9**9", "a power that takes for ever"),
    WrongAnswer("[0]*10**9", "a list that fills the memory"),
    WrongAnswer("__import__('os')._exit(0)", "code with a side effect"),
    WrongAnswer("exit()", "code with a side effect"),
    WrongAnswer("(_ for _ in ()).throw(SystemExit)", "code with a side effect"),
    WrongAnswer("reference(state)", "a call of the program's own reference"),
    WrongAnswer("state['answer']", "a look into the state"),
    WrongAnswer("{reference}", "a format placeholder"),
    WrongAnswer("%s%s%s%n", "printf placeholders"),
    WrongAnswer(".*", "a pattern that matches everything"),
    WrongAnswer("(a+)+$" + "a" * 40 + "!", "a pattern that backtracks"),
    WrongAnswer("True", "True"),
    WrongAnswer("the answer", "words without content"),
    WrongAnswer("I don't know", "a refusal"),
)


def wrong_answers(
    instance: Instance, other: Instance, oracle: Oracle, edits: Sequence[Edit]
) -> list[WrongAnswer]:
    """The whole family for one instance, without duplicates; `other` is another instance of the same level."""
    found: dict[str, WrongAnswer] = {}
    for wrong in _candidates(instance, other, oracle, edits):
        text = wrong.text[:MAX_ANSWER_CHARACTERS]
        if not same_meaning(text, instance.reference):
            found.setdefault(text, WrongAnswer(text, wrong.why, wrong.certain))
    return list(found.values())


def light_answers(instance: Instance, other: Instance, oracle: Oracle) -> list[WrongAnswer]:
    """The few that every sampled instance meets."""
    few = [MALFORMED[0], WrongAnswer("zzz", "a word without content")]
    few += list(_near_misses(instance.reference))[:2] if oracle is Oracle.EQUALITY else []
    few += _hedges(instance, other, oracle)[:1]
    if oracle is Oracle.EQUALITY:
        few.append(WrongAnswer(other.reference, "another instance's reference"))
    return [wrong for wrong in few if not same_meaning(wrong.text, instance.reference)]


def reordered(instance: Instance) -> str | None:
    """The reference with its parts reversed, where the prompt says that the answer's order is free.

    None for an answer of several lines or sections: the promise may be about one of them.
    """
    tokens = re.split(r"[ ,]+", instance.reference)
    if (
        len(set(tokens)) < 2
        or re.search(r"[^\w ,.+-]", instance.reference)
        or not _ANSWER_IN_ANY_ORDER.search(instance.prompt)
    ):
        return None
    gap = re.search(r"[ ,]+", instance.reference)
    assert gap is not None
    return gap.group().join(tokens[::-1])


def _candidates(
    instance: Instance, other: Instance, oracle: Oracle, edits: Sequence[Edit]
) -> Iterator[WrongAnswer]:
    reference = instance.reference
    yield from MALFORMED
    yield WrongAnswer(instance.prompt, "the prompt's own text")
    yield WrongAnswer(f"{instance.prompt}\n{reference}", "the prompt's text followed by the reference")
    yield from _hedges(instance, other, oracle)
    yield from _expressions(reference)
    if oracle is Oracle.EQUALITY:
        yield WrongAnswer(other.reference, "another instance's reference")
        yield from _near_misses(reference)
        yield from _token_edits(reference, free_order=bool(_ANY_ORDER.search(instance.prompt)))
        for edit in edits:
            yield from edit.apply(reference)
    else:
        repeated = _one_part_repeated(instance)
        if repeated is not None:
            yield WrongAnswer(
                repeated, "one part of the answer again and again, where no part may stand twice"
            )
        for edit in edits:
            if edit.kind == "text":
                yield WrongAnswer(edit.text, "a drawn text", certain=False)


def _one_part_repeated(instance: Instance) -> str | None:
    tokens = re.split(r"[ ,]+", instance.reference)
    if len(tokens) < 2 or len(set(tokens)) < len(tokens) or not _NO_REPEATS.search(instance.prompt):
        return None
    gap = re.search(r"[ ,]+", instance.reference)
    assert gap is not None
    return gap.group().join(tokens[:1] * len(tokens))


def _hedges(instance: Instance, other: Instance, oracle: Oracle) -> list[WrongAnswer]:
    """Two different answers in one. Where many answers are right only a text with a word between is surely wrong."""
    one, two = instance.reference, other.reference
    if same_meaning(one, two):
        near = next(_near_misses(one), None)
        if near is None:
            return []
        two = near.text
    hedges = [f"{one} or {two}", f"{two} or {one}", f"either {one} or {two}", f"{one}\nor\n{two}"]
    if oracle is Oracle.EQUALITY:
        hedges += [
            f"{one} {two}",
            f"{two} {one}",
            f"{one}, {two}",
            f"{one}\n{two}",
            f"{two}\n{one}",
            f"{one}{two}",
        ]
    return [WrongAnswer(text, "two answers at once") for text in hedges]


def _expressions(reference: str) -> Iterator[WrongAnswer]:
    """Python that would evaluate to the reference, were it evaluated."""
    if re.fullmatch(r"-?\d{1,300}", reference):
        number = int(reference)
        for text in (
            f"{number - 1}+1",
            f"{number + 2}-2",
            f"{number}*1",
            f"int('{number}')",
            f"sum([{number}])",
        ):
            yield WrongAnswer(text, "an expression with the reference's value")
        yield WrongAnswer(f"(lambda: {number})()", "code with the reference's value")
        yield WrongAnswer(f"{number} if True else 0", "code with the reference's value")
    elif len(reference) <= 500:
        yield WrongAnswer(f"str({reference!r})", "code with the reference's value")
        yield WrongAnswer(f"{reference[:1]!r}+{reference[1:]!r}", "code with the reference's value")
        yield WrongAnswer(f"''.join([{reference!r}])", "code with the reference's value")


def _near_misses(reference: str) -> Iterator[WrongAnswer]:
    """One number in the reference a little off: by one, in sign, by a digit, by a fraction."""
    matches = list(_NUMBER.finditer(reference))
    if _has_decimals(reference) and not _DECIMAL.fullmatch(reference):
        # Of several decimals, which may each have a tolerance, one is moved far.
        number = int(matches[0].group()) + 10
        yield WrongAnswer(
            f"{reference[: matches[0].start()]}{number}{reference[matches[0].end() :]}", "off by ten"
        )
        return
    decimal = _DECIMAL.fullmatch(reference)
    if decimal:
        # Within a few units of the last place a tolerance may be meant; ten units are a miss.
        step = 10 ** (1 - len(decimal.group(1)))
        for sign in (1, -1):
            yield WrongAnswer(
                f"{float(reference) + sign * step:.{len(decimal.group(1))}f}", "off by ten last places"
            )
        yield WrongAnswer(f"{float(reference) * 1.05 + step:.{len(decimal.group(1))}f}", "off by 5 %")
        return
    for match in [*matches[:3], *matches[-1:]]:
        digits = match.group()
        if len(digits) > 4000:
            continue
        number = int(digits)
        variants = {
            number + 1: "off by one",
            number - 1: "off by one",
            -number: "with the other sign",
            number + 10: "off by ten",
            number * 10: "with a zero appended",
            number + (abs(number) // 40): "off by 2.5 %",
            number + (abs(number) // 1000): "off by 0.1 %",
            number + 2 ** max(0, number.bit_length() - 50): "off in the last bits of a float",
        }
        for value, why in variants.items():
            if value != number:
                yield WrongAnswer(f"{reference[: match.start()]}{value}{reference[match.end() :]}", why)
    if re.fullmatch(r"-?\d{1,4000}", reference):
        yield WrongAnswer(f"{reference}.4", "a fraction more")
        yield WrongAnswer(f"{reference}.9", "a fraction more")
        yield WrongAnswer(
            f"{int(reference) - 1}.6" if int(reference) > 0 else f"{int(reference) - 1}.4", "a fraction less"
        )
        wide = {ord(digit): 0xFF10 + int(digit) for digit in "0123456789"}
        yield WrongAnswer(str(int(reference) + 1).translate(wide), "off by one, in full-width digits")


def _has_decimals(reference: str) -> bool:
    return re.search(r"\d\.\d", reference) is not None


def _token_edits(reference: str, free_order: bool) -> Iterator[WrongAnswer]:
    """Tokens swapped, dropped, doubled, appended; letters changed where there are no numbers."""
    matches = list(_TOKEN.finditer(reference))
    tokens = [match.group() for match in matches]

    def rebuilt(order: Sequence[int]) -> str:
        gap = reference[matches[0].end() : matches[1].start()] if len(matches) > 1 else " "
        return gap.join(tokens[i] for i in order)

    indices = list(range(len(tokens)))
    digits = any(character.isdigit() for character in reference)
    if len(tokens) > 1:
        if not free_order:
            for i in (0, len(tokens) // 2 - 1, len(tokens) - 2):
                swapped = indices.copy()
                swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
                yield WrongAnswer(rebuilt(swapped), "two tokens swapped")
            yield WrongAnswer(rebuilt(indices[::-1]), "tokens in reverse order")
        for i in (0, len(tokens) - 1):
            if not digits or any(c.isdigit() for c in tokens[i]):
                yield WrongAnswer(rebuilt(indices[:i] + indices[i + 1 :]), "a token dropped")
    informative = next((i for i in indices if not digits or any(c.isdigit() for c in tokens[i])), 0)
    if tokens:
        yield WrongAnswer(rebuilt([*indices, informative]), "a token doubled")
        yield WrongAnswer(rebuilt([informative, *indices]), "a token doubled")
        yield WrongAnswer(rebuilt(indices) + " 0", "a token appended")
        yield WrongAnswer("1" + rebuilt(indices), "a digit put before")
    if len(reference) > 1 and not _has_decimals(reference):
        yield WrongAnswer(reference + "1", "a digit appended")
        yield WrongAnswer(reference[:-1], "the last character dropped")
        yield WrongAnswer(reference[1:], "the first character dropped")
        if len(tokens) == 1 and not digits:
            if not free_order:
                yield WrongAnswer(reference[::-1], "the letters reversed")
            yield WrongAnswer(reference + reference[-1], "the last letter doubled")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to any reference, drawn by hypothesis: an answer only once it meets a reference."""

    kind: str  # "number", "token", "insert" or "text"
    at: int
    amount: int
    text: str

    def apply(self, reference: str) -> Iterator[WrongAnswer]:
        """The edited reference, where the edit applies to it."""
        if self.kind == "text":
            yield WrongAnswer(self.text, "a drawn text")
        elif self.kind == "insert":
            # Signs alone may be another spelling, and further decimals lie within a tolerance.
            if not any(character.isalnum() for character in self.text) or _has_decimals(reference):
                return
            place = self.at % (len(reference) + 1)
            yield WrongAnswer(f"{reference[:place]}{self.text}{reference[place:]}", "a drawn insertion")
        elif self.kind == "number":
            matches = list(_NUMBER.finditer(reference))
            if matches and "." not in reference and "/" not in reference:
                match = matches[self.at % len(matches)]
                if len(match.group()) <= 4000:
                    value = int(match.group()) + self.amount
                    text = f"{reference[: match.start()]}{value}{reference[match.end() :]}"
                    yield WrongAnswer(text, "a number changed by a drawn amount")


def draw_edits(seed: int, count: int) -> list[Edit]:
    """`count` edits from hypothesis strategies, the same for the same seed."""
    if count == 0:
        return []
    import hypothesis
    from hypothesis import strategies as st

    numbers = st.one_of(st.integers(-3, 3), st.integers(-1000, 1000), st.integers(-(2**70), 2**70)).filter(
        bool
    )
    characters = st.characters(codec="utf-8", exclude_categories=["Cs"])
    texts = st.one_of(
        st.text(characters, max_size=12),
        st.text("0123456789+-.,/*eE() ", min_size=1, max_size=12),
        st.integers().map(str),
        st.floats().map(str),
        st.lists(st.integers(-99, 99), max_size=6).map(str),
        st.sampled_from(
            ["0x1F", "1_000", "१२", "１２", "Ⅷ", "yes", "false", "'", '"', "\\", "\r\n", "\u2028"]
        ),
    )
    edits = st.builds(
        Edit,
        kind=st.sampled_from(["number", "number", "insert", "text"]),
        at=st.integers(0, 40),
        amount=numbers,
        text=texts,
    )
    drawn: list[Edit] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(edits)
    def collect(edit: Any) -> None:
        drawn.append(edit)

    run: Callable[[], None] = collect
    run()
    return list(dict.fromkeys(drawn))
