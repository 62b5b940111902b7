"""Does the prompt give the answer away? A search for rules that read it off, corrected for chance.

A rule is "the text right after these two words", "the k-th number" or "the k-th number from the end". It counts
as a leak when, over all prompts where it applies, it gives the reference almost always and far more often than
the answers' own frequencies explain. Naming the candidates among which the answer lies is no leak: no fixed
place tells which of them it is.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import Instance
from envforge.validation.finding import brief

MIN_PRECISION = 0.9
MAX_CHANCE = 1e-7  # of so many hits, were the rule no better than guessing
MIN_HITS = 6
PLACES = 12  # numbers counted from either end
_NUMBER = re.compile(r"-?\d+(?:[./]\d+)?")
_GAP = re.compile(r"[\s:,'\"(\[{=*`]{0,3}")
_CONTEXT = re.compile(r"[^\W\d_]+|[=:<>]")


@dataclass(frozen=True, slots=True)
class Leak:
    """A rule that reads the answer off the prompt, with an instance that shows it."""

    rule: str
    hits: int
    applies: int
    example: Instance

    def evidence(self) -> dict[str, Any]:
        return {
            "seed": self.example.seed,
            "difficulty": self.example.difficulty,
            "answer": brief(self.example.reference),
            "prompt": brief(self.example.prompt, 600),
            "hits": self.hits,
            "prompts": self.applies,
        }


def find_leak(levels: Sequence[Sequence[Instance]]) -> Leak | None:
    """The strongest leak over all levels together or at one level alone, or None."""
    read = [[_Reading(instance) for instance in level] for level in levels]
    for group in ([reading for level in read for reading in level], *read):
        leak = _in_group(group)
        if leak is not None:
            return leak
    return None


def _in_group(group: Sequence[_Reading]) -> Leak | None:
    hits = Counter(rule for reading in group for rule in reading.hits)
    references = Counter(reading.instance.reference for reading in group)
    chance = max(0.02, references.most_common(1)[0][1] / len(group))
    found = []
    for rule, count in hits.items():
        if count < MIN_HITS:
            continue
        applies = sum(reading.allows(rule) for reading in group)
        right = [reading.instance for reading in group if rule in reading.hits]
        if (
            count / applies >= MIN_PRECISION
            and _tail(count, applies, chance) < MAX_CHANCE
            and len({instance.reference for instance in right}) > 1
        ):
            found.append(Leak(str(rule), count, applies, right[0]))
    return max(found, key=lambda leak: (leak.hits, leak.rule)) if found else None


@dataclass(frozen=True, slots=True)
class _Rule:
    """Read what stands after the first or last `context`, or (without one) number `place` of the prompt."""

    context: str | None
    place: int  # 0 for the first, -1 for the last, and so on
    form: str = ""

    def __str__(self) -> str:
        if self.context is not None:
            return f"it stands{self.form} after the {'last' if self.place else 'first'} '{self.context}'"
        if self.place < 0:
            return f"it is number {-self.place} from the prompt's end"
        return f"it is number {self.place + 1} of the prompt"


class _Reading:
    """One prompt, read once: its contexts, its numbers, and the rules that give the reference here.

    Of several places after the same words only the first and the last make a rule: a list of candidates, one
    of which is the answer, gives nothing away.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        prompt = instance.prompt
        self.contexts = _contexts(prompt)
        self.numbers = _NUMBER.findall(prompt)
        self.hits: set[_Rule] = set()
        for form, text in _forms(instance.reference):
            if text in prompt:
                for context, places in self.contexts.items():
                    for place in (0, -1):
                        if _stands_at(prompt, text, places[place]):
                            self.hits.add(_Rule(context, place, form))
        for place in range(min(PLACES, len(self.numbers))):
            for signed in (place, -1 - place):
                if self.numbers[signed] == instance.reference:
                    self.hits.add(_Rule(None, signed))

    def allows(self, rule: _Rule) -> bool:
        """Whether the rule reads anything from this prompt."""
        if rule.context is not None:
            return rule.context in self.contexts
        return len(self.numbers) >= (rule.place + 1 if rule.place >= 0 else -rule.place)


def _forms(reference: str) -> Iterator[tuple[str, str]]:
    """The reference as it may be written in a prompt: plain, or in a code that anybody can undo."""
    yield "", reference
    if len(reference) >= 3:
        yield " reversed", reference[::-1]
    if re.fullmatch(r"[0-9]{2,18}", reference):
        yield " in hexadecimal", f"{int(reference):x}"
        yield " in binary", f"{int(reference):b}"
    if len(reference) >= 2:
        yield " in base64", base64.b64encode(reference.encode("utf-8", "replace")).decode()


def _contexts(prompt: str) -> dict[str, list[int]]:
    """Where a text may stand, by the two words before it: positions in order of appearance."""
    places: dict[str, list[int]] = {}
    words = list(_CONTEXT.finditer(prompt))
    for one, two in zip(words, words[1:]):
        if two.start() - one.end() <= 3:
            gap = _GAP.match(prompt, two.end())
            assert gap is not None
            places.setdefault(f"{one.group()} {two.group()}".lower(), []).append(gap.end())
    return places


def _stands_at(prompt: str, text: str, position: int) -> bool:
    end = position + len(text)
    return prompt.startswith(text, position) and not (text[-1:].isalnum() and prompt[end : end + 1].isalnum())


def _tail(hits: int, applies: int, chance: float) -> float:
    """Probability of at least `hits` in `applies` tries at `chance` each."""
    if chance >= 1.0:
        return 1.0
    logs = [
        math.lgamma(applies + 1) - math.lgamma(k + 1) - math.lgamma(applies - k + 1)
        + k * math.log(chance) + (applies - k) * math.log1p(-chance)
        for k in range(hits, applies + 1)
    ]  # fmt: skip
    top = max(logs)
    return math.exp(top) * sum(math.exp(value - top) for value in logs)
