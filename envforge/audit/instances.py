"""What is wrong with a target's instances: they fail, say their answer, are few, or repeat each other."""

from __future__ import annotations

import re
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from envforge.audit.desk import FULL, Desk
from envforge.audit.finding import Finding, Severity
from envforge.audit.marks import find_mark, tail
from envforge.audit.purity import breaks_purity
from envforge.audit.redrawing import twins
from envforge.audit.sizes import SAMPLE, few
from envforge.contract import Instance, derive_seed
from envforge.sandbox import Failure, Status
from envforge.sandbox.calls import state_text
from envforge.validation.finding import at, brief
from envforge.validation.leaks import find_leak
from envforge.validation.spelling import same_meaning

PURPOSE = "audit-size"  # of the seeds of the larger sample
SLOW_SAMPLE = 24  # where an instance takes longer than TAKES_LONG
TAKES_LONG = 0.1  # CPU seconds
TOO_LONG = 0.5  # CPU seconds of the median instance
TIMED = 5  # instances of a level that are timed alone
EASY_SAMPLE = 512  # of the easiest level: there questions meet each other soonest
TWINNED = 3  # instances of each of the two easiest levels whose twins are drawn
DECISIVE = 40  # pairs of instances with one question that are scored
NEIGHBOURS = 40  # pairs of consecutive seeds
REPEATED = 0.2  # share of them that ask the same
CHANCE = 1e-6
STREAM, STREAMS = 8, 3  # items of a stream; pairs of streams with consecutive seeds
SAID = 0.9  # share of the prompts that say their answer
_SAYS = re.compile(
    r"\b(?:answer|solution|result|output|reference)\b(?:\s+\w+){0,2}?\s*(?:\bis|\bequals|:|=)\s*[\"'`*(\[]*",
    re.IGNORECASE,
)
# What only the contract's limits find wrong: no fault of a task that never promised them.
_LIMITS = re.compile(
    r"the (prompt|reference) has [1-9]\d* characters|the state (takes|does not survive|is nested)"
    r"|the reference .* has white space"
    r"|the reference contains|a result larger than|returned \d+ bytes"
)
_MISSING = re.compile(
    r"the reference has 0 characters|reference returned NoneType|the reference '\s*' has white"
)
# Where this is the question, the prompt shows the answer in another notation, and must.
_CONVERTS = re.compile(
    r"hexadecimal|binary|octal|\bbase\b|notation|revers|backward|convert|decimal system|right to left",
    re.IGNORECASE,
)
_NO_REFERENCE = ("", "none", "null", "nan")
MEANT = 8  # empty references that are scored


def instances(desk: Desk) -> Iterator[Finding]:
    """All codes about instances, from those of the desk and from a larger sample of fresh ones."""
    yield from _made(desk)
    yield from _slow(desk)
    desk.hurry()
    sample = _sample(desk)
    if not any(_MISSING.search(failure.message) for _, _, failure in desk.failures):
        yield from _without_reference(desk, sample)
    yield from _said(desk, sample)
    yield from _ambiguous(desk, sample)
    yield from few(desk, sample)
    yield from _overlapping(desk, sample)


def _made(desk: Desk) -> Iterator[Finding]:
    """generation-fails, and answer-missing where that is why."""
    tried = len(desk.keys(desk.config.instances))
    made = sum(map(len, desk.levels))
    failures = [case for case in desk.failures if not breaks_purity(case[2], desk.target.ours)]
    missing = [case for case in failures if desk.target.ours and _MISSING.search(case[2].message)]
    failures = [case for case in failures if case not in missing]
    if not desk.target.ours:
        failures = [case for case in failures if not _LIMITS.search(case[2].message)]
    for code, cases in (("answer-missing", missing), ("generation-fails", failures)):
        if cases:
            seed, level, failure = min(cases, key=lambda case: case[1])
            lost = "every instance" if not made else f"{len(cases)} of {tried} instances"
            yield desk.finding(
                code,
                f"{lost} cannot be made: {failure}"
                if code == "generation-fails"
                else f"{lost}: there is no reference",
                None if desk.target.ours or failure.status is not Status.CPU else Severity.WARNING,
                seed=seed,
                difficulty=level,
                status=failure.status.value,
                message=failure.message,
                line=failure.line,
                function=failure.function,
                tried=tried,
                found=len(cases),
            )


def _slow(desk: Desk) -> Iterator[Finding]:
    """level-generation-slow: the level whose median instance takes longest, each timed in a process of its own."""
    slowest = (0.0, 0)
    for level, found in enumerate(desk.levels):
        if not found:
            continue
        first = _cpu(desk, [(found[0].seed, level)])
        if first > TOO_LONG / 2:
            rest = [_cpu(desk, [(one.seed, level)]) for one in found[1:TIMED]]
            slowest = max(slowest, (statistics.median([first, *rest]), level))
            if slowest[0] > TOO_LONG:
                break
    if slowest[0] > TOO_LONG:
        yield desk.finding(
            "level-generation-slow",
            f"the median instance of level {slowest[1]} takes {slowest[0]:.1f} s of CPU time",
            difficulty=slowest[1],
            seed=desk.levels[slowest[1]][0].seed,
            seconds=round(slowest[0], 2),
            tried=min(TIMED, len(desk.levels[slowest[1]])),
            found=min(TIMED, len(desk.levels[slowest[1]])),
        )


def _cpu(desk: Desk, keys: Sequence[tuple[int, int]]) -> float:
    """CPU seconds of one instance among `keys`, made in a process of their own."""
    desk.hurry()
    before = desk.evaluator.cpu_seconds
    desk.evaluator.instances(desk.target.program, keys, fresh=True)
    return (desk.evaluator.cpu_seconds - before) / len(keys)


def _sample(desk: Desk) -> list[list[Instance]]:
    """Fresh instances by level; more of the easiest level where they cost little. Failures are left out."""
    program, evaluator = desk.target.program, desk.evaluator
    keys = desk.keys(1, PURPOSE)
    cost = _cpu(desk, keys[:: max(1, len(keys) - 1)])
    visual = program.kind == "visual"
    size = SLOW_SAMPLE if visual or cost > TAKES_LONG else SAMPLE
    by_level: dict[int, list[Instance]] = {level: [] for level in program.difficulties}
    keys = desk.keys(size, PURPOSE)
    if not visual and cost < TAKES_LONG / 10:
        easiest = program.difficulties[0]
        keys += [(desk.seed(easiest, index, PURPOSE), easiest) for index in range(size, EASY_SAMPLE)]
    # Slow ones in small pieces, so that the time is kept.
    piece = (
        len(keys) if cost < TAKES_LONG / 10 else max(len(program.difficulties), 2 * evaluator.sandbox.workers)
    )
    order = (
        sorted(range(len(keys)), key=lambda index: index % size) if piece < len(keys) else range(len(keys))
    )
    keys = [keys[index] for index in order]
    for start in range(0, len(keys), piece):
        desk.hurry()
        part = keys[start : start + piece]
        for (_, level), one in zip(part, evaluator.instances(program, part, pictures=True)):
            if isinstance(one, Instance):
                by_level[level].append(one)
    return list(by_level.values())


def _without_reference(desk: Desk, sample: Sequence[Sequence[Instance]]) -> Iterator[Finding]:
    """answer-missing of a gym's task: an empty reference, or one like None. A task that never has one judges by
    constraints, perhaps, and one that pays the empty answer means it: that is worth knowing, and no fault."""
    found = [one for level in sample for one in level]
    missing = [one for one in found if _lacks_reference(one)]
    if missing:
        meant = all(score == FULL for score in desk.scores([(one, one.reference) for one in missing[:MEANT]]))
        yield desk.finding(
            "answer-missing",
            f"{len(missing)} of {len(found)} instances have the reference {missing[0].reference!r}",
            Severity.INFO if (meant or len(missing) == len(found)) and not desk.target.ours else None,
            **at(missing[0]),
            reference=missing[0].reference,
            prompt=brief(missing[0].prompt, 600),
            tried=len(found),
            found=len(missing),
        )


def _lacks_reference(one: Instance) -> bool:
    """Whether the reference is a word for nothing that the prompt does not offer as an answer."""
    word = one.reference.strip().casefold()
    return word in _NO_REFERENCE and (word or "empty") not in one.prompt.casefold()


def _said(desk: Desk, sample: Sequence[Sequence[Instance]]) -> Iterator[Finding]:
    """answer-in-prompt."""
    if desk.target.ours:
        levels = [level[:SAMPLE] for level in sample if level]
        leak = find_leak(levels) or find_mark(levels)
        coded = leak is not None and re.search(r" (reversed|in hexadecimal|in binary) ", leak.rule)
        if leak is not None and not (coded and _CONVERTS.search(leak.example.prompt)):
            evidence = leak.evidence()
            yield desk.finding(
                "answer-in-prompt",
                f"the answer can be read off the prompt: {leak.rule}",
                seed=evidence["seed"],
                difficulty=evidence["difficulty"],
                reference=evidence["answer"],
                prompt=evidence["prompt"],
                tried=leak.applies,
                found=leak.hits,
            )
        return
    for level in sample:
        telling = [one for one in level if _tells(one)]
        references = [one.reference for one in level]
        if (
            len(level) >= 8
            and len(telling) >= SAID * len(level)
            and max(references.count(text) for text in set(references)) < len(level) / 2
        ):
            yield desk.finding(
                "answer-in-prompt",
                "the prompt says that the answer is what the reference is",
                **at(telling[0]),
                reference=brief(telling[0].reference),
                prompt=brief(telling[0].prompt, 600),
                tried=len(level),
                found=len(telling),
            )
            return


def _tells(one: Instance) -> bool:
    """Whether the prompt says 'the answer is' or the like, and then the reference."""
    for match in _SAYS.finditer(one.prompt):
        end = match.end() + len(one.reference)
        if one.prompt.startswith(one.reference, match.end()) and not one.prompt[end : end + 1].isalnum():
            return True
    return False


def _ambiguous(desk: Desk, sample: Sequence[Sequence[Instance]]) -> Iterator[Finding]:
    """ambiguous-prompt: two instances that ask the same, each of which refuses the other's reference.

    Among fresh ones they meet by chance; where none do, among twins that differ in one draw.
    """
    fresh = [*desk.instances, *(one for level in sample for one in level)]
    finding = _refusing(desk, fresh, "that occur twice")
    if finding is None and desk.target.ours and desk.target.program.kind == "text":
        easiest = [(one.seed, level) for level in range(2) for one in desk.levels[level][:TWINNED]]
        if easiest and _cpu(desk, easiest[:1]) < TAKES_LONG / 5:
            made = [one for _, one in twins(desk.evaluator, desk.target.program, easiest)]
            finding = _refusing(desk, made, "drawn alike save for one draw")
    if finding is not None:
        yield finding


def _refusing(desk: Desk, found: Sequence[Instance], which: str) -> Finding | None:
    groups: dict[tuple[str, str | None], list[Instance]] = defaultdict(list)
    for one in found:
        groups[one.prompt, one.picture].append(one)
    repeated = [group for group in groups.values() if len(group) > 1]
    pairs = []
    for group in repeated:
        other = next((two for two in group[1:] if not same_meaning(two.reference, group[0].reference)), None)
        if other is not None:
            pairs.append((group[0], other))
    pairs = pairs[:DECISIVE]
    if not pairs:
        return None
    scores = desk.scores(
        [case for one, two in pairs for case in ((one, two.reference), (two, one.reference))]
    )
    refusing = []
    for index, pair in enumerate(pairs):
        there, back = scores[2 * index], scores[2 * index + 1]
        if not isinstance(there, Failure) and not isinstance(back, Failure) and max(there, back) < FULL:
            refusing.append((pair, there))
    if not refusing:
        return None
    (one, two), score = refusing[0]
    return desk.finding(
        "ambiguous-prompt",
        f"{len(refusing)} of {len(repeated)} prompts {which} have two references that refuse each other",
        **at(one),
        reference=brief(one.reference),
        answer=brief(two.reference),
        score=score,
        other_seed=two.seed,
        other_difficulty=two.difficulty,
        prompt=brief(one.prompt, 600),
        tried=len(repeated),
        found=len(refusing),
    )


def _overlapping(desk: Desk, sample: Sequence[Sequence[Instance]]) -> Iterator[Finding]:
    """overlapping-seeds: of instances with consecutive seeds, and of whole streams where the target has them."""
    level = max(
        (level for level, found in enumerate(sample) if len(found) > 1),
        key=lambda level: len({_question(desk, one) for one in sample[level]}) / len(sample[level]),
        default=None,
    )
    if level is not None:
        yield from _neighbours(desk, level, sample[level])
    if not desk.target.ours and hasattr(desk.evaluator, "streams"):
        yield from _streams(desk, desk.evaluator.streams)


def _question(desk: Desk, one: Instance) -> tuple[str, str]:
    """What is asked. A picture is told by the state, which is cheaper."""
    return one.prompt, state_text(one.state) if desk.target.program.kind == "visual" else ""


def _neighbours(desk: Desk, level: int, independent: Sequence[Instance]) -> Iterator[Finding]:
    desk.hurry()
    start = derive_seed(PURPOSE, desk.target.program.id, desk.config.seed, "neighbours") >> 40
    made = desk.evaluator.instances(
        desk.target.program, [(start + index, level) for index in range(NEIGHBOURS + 1)]
    )
    pairs = [
        (one, two)
        for one, two in zip(made, made[1:])
        if isinstance(one, Instance) and isinstance(two, Instance)
    ]
    equal = [(one, two) for one, two in pairs if _question(desk, one) == _question(desk, two)]
    chance = max(_equal_share([_question(desk, one) for one in independent]), 0.5 / len(independent))
    if len(equal) >= REPEATED * NEIGHBOURS and tail(len(equal), len(pairs), chance) < CHANCE:
        one, two = equal[0]
        yield desk.finding(
            "overlapping-seeds",
            f"of {len(pairs)} pairs of consecutive seeds {len(equal)} give the same instance",
            **at(one),
            other_seed=two.seed,
            prompt=brief(one.prompt, 600),
            tried=len(pairs),
            found=len(equal),
        )


def _streams(desk: Desk, streams: Any) -> Iterator[Finding]:
    """Items of one seed from the second on that are those of the next seed."""
    starts = [
        derive_seed(PURPOSE, desk.target.program.id, desk.config.seed, index) >> 40
        for index in range(STREAMS)
    ]
    asked = [(start + step, STREAM) for start in starts for step in (0, 1, 1_000_003)]
    desk.hurry()
    made = streams(desk.target.program, asked)
    tried, found, example = 0, 0, None
    for start, (one, two, apart) in zip(starts, zip(made[::3], made[1::3], made[2::3])):
        if any(not isinstance(stream, list) or len(stream) < 3 for stream in (one, two, apart)):
            continue
        tried += len(one) - 1
        recurring = [text for text in one[1:] if text in two]
        by_chance = [text for text in one[1:] if text in apart]
        found += len(recurring) - len(by_chance)
        if recurring and example is None:
            example = start, recurring[0]
    if example is not None and 2 * found > tried:
        yield desk.finding(
            "overlapping-seeds",
            f"of {tried} items after the first, {found} come again under the next seed",
            seed=example[0],
            other_seed=example[0] + 1,
            prompt=brief(example[1], 600),
            tried=tried,
            found=found,
        )


def _equal_share(questions: Sequence[object]) -> float:
    """The share of pairs that are equal."""
    counts: dict[object, int] = defaultdict(int)
    for question in questions:
        counts[question] += 1
    pairs = len(questions) * (len(questions) - 1) / 2
    return sum(count * (count - 1) / 2 for count in counts.values()) / pairs if pairs else 0.0
