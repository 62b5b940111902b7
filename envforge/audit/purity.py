"""Whether the same call gives the same result: in another process, order, hash seed, at another time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from envforge.audit.desk import Desk
from envforge.audit.finding import Finding, Severity
from envforge.audit.hostile import misplaced
from envforge.contract import Instance
from envforge.sandbox import Failure, Status
from envforge.validation.answers import MALFORMED
from envforge.validation.finding import at, brief

REPEATED, FOREIGN_REPEATED = 240, 12  # instances that are made again
PICTURED = 24  # of them, of a visual program
SCORED, FOREIGN_SCORED = 12, 6  # instances whose answers are scored again
HASH_SEEDS = (1, 2, 3)
LONELY = 24  # instances made, and answers scored, each in a process of its own
ALONE = "whether others are scored before it"
DOUBTS = (Status.CPU, Status.WALL)  # a slow machine's doing, perhaps
_FORBIDDEN_ERRORS = ("PermissionError", "BlockingIOError")
# Modules that are of no use but to reach the machine: the sandbox does not have them.
_MACHINE = re.compile(
    r"No module named '(socket|ssl|subprocess|multiprocessing|threading|_thread|asyncio|tempfile|shutil|urllib|http"
    r"|requests|httpx|ftplib|smtplib|sqlite3|dbm|shelve|mmap|ctypes|signal|concurrent)\b"
)
_CLOCK = re.compile(r"\btime\s*\.\s*\w|\bdatetime\b|\b(perf_counter|monotonic|process_time|time_ns)\b")
_RANDOM = re.compile(r"(?<![\w.])random\b(?! *=)|\b(uuid|secrets|numpy|np)\b")
_CHANGED = re.compile(r"^(?:\w+: )?(score|prompt or reference|render) changed the state")


def breaks_purity(failure: Failure, ours: bool) -> bool:
    """Whether a failed call belongs to this probe: it reached for the machine, or changed its state."""
    return _reaches(failure, ours) or bool(_CHANGED.search(failure.message))


def _reaches(failure: Failure, ours: bool) -> bool:
    return (
        failure.status is Status.FORBIDDEN
        or failure.error in _FORBIDDEN_ERRORS
        or (ours and failure.error == "ModuleNotFoundError" and bool(_MACHINE.search(failure.message)))
    )


def purity(desk: Desk) -> Iterator[Finding]:
    """prompt-varies, global-random, score-varies, changes-state, writes-files."""
    ours = desk.target.ours
    size = PICTURED if desk.target.program.kind == "visual" else REPEATED
    instances = desk.instances[: size if ours else FOREIGN_REPEATED]
    broken = [(seed, level, "", failure) for seed, level, failure in desk.failures]
    if instances:
        yield from _generation(desk, instances)
    questions = _questions(desk, desk.instances[: SCORED if ours else FOREIGN_SCORED])
    scores = desk.scores(questions, strict=True)
    broken += [
        (one.seed, one.difficulty, answer, score)
        for (one, answer), score in zip(questions, scores)
        if isinstance(score, Failure)
    ]
    tried = len(desk.keys(desk.config.instances)) + len(questions)
    changing = [case for case in broken if _CHANGED.search(case[3].message)]
    if changing:
        severity = None if ours else Severity.WARNING
        yield _of_failure(desk, "changes-state", changing, tried, severity)
    reaching = [case for case in broken if _reaches(case[3], ours)]
    if reaching:
        yield _of_failure(desk, "writes-files", reaching, tried, None)
    if questions:
        yield from _scoring(desk, questions)


def _of_failure(
    desk: Desk,
    code: str,
    cases: Sequence[tuple[int, int, str, Failure]],
    tried: int,
    severity: Severity | None,
) -> Finding:
    seed, level, answer, failure = cases[0]
    evidence: dict[str, Any] = {"answer": brief(answer)} if failure.function == "score" or answer else {}
    return desk.finding(
        code,
        str(failure),
        severity,
        seed=seed,
        difficulty=level,
        status=failure.status.value,
        message=failure.message,
        line=failure.line,
        function=failure.function,
        **evidence,
        tried=tried,
        found=len(cases),
    )


def _generation(desk: Desk, instances: Sequence[Instance]) -> Iterator[Finding]:
    """Each instance again. One circumstance changes at a time: the same calls in the same order in another process,
    at another time, under other hash seeds; then alone, and in the reverse order."""
    first = _again(desk, instances)
    repeated = _different(desk, instances, first, _again(desk, instances))
    if repeated:
        yield _varies(desk, "prompt-varies", "the process", repeated, len(instances))
        return
    timed = _different(desk, instances, first, _again(desk, instances, salt=1))
    if timed:
        source = desk.target.program.source
        clock = bool(_CLOCK.search(source)) and not _RANDOM.search(source)
        code = "prompt-varies" if clock else "global-random"
        blame = "the clock" if clock else "the global random state or the clock"
        yield _varies(desk, code, blame, timed, len(instances))
    for hash_seed in HASH_SEEDS:
        hashed = _different(desk, instances, first, _again(desk, instances, hash_seed=hash_seed))
        if hashed and not (timed and code == "prompt-varies"):
            yield _varies(desk, "prompt-varies", "the hash seed", hashed, len(instances))
            return
    if timed:
        return  # a global generator gives other numbers after other calls
    moved = _different(desk, instances, first, _again(desk, instances[::-1])[::-1])
    moved = moved or _different(desk, instances, first, _again(desk, instances[:LONELY], fresh=True))
    moved = moved or _different(desk, instances, first, list(instances))
    if moved:
        yield _varies(desk, "prompt-varies", "the calls before it", moved, len(instances))


def _again(
    desk: Desk, instances: Sequence[Instance], *, fresh: bool = False, hash_seed: int = 0, salt: int = 0
) -> list[Instance | Failure]:
    desk.hurry()
    keys = [(one.seed, one.difficulty) for one in instances]
    return desk.evaluator.instances(
        desk.target.program, keys, fresh=fresh, hash_seed=hash_seed, salt=salt, pictures=True
    )


_Difference = tuple[Instance, str, str, str]  # the instance, which part, its one and its other form


def _different(
    desk: Desk,
    instances: Sequence[Instance],
    before: Sequence[Instance | Failure],
    after: Sequence[Instance | Failure],
) -> list[_Difference]:
    """Where two rounds of the same instances differ. A failure over a limit proves nothing."""
    parts = ("prompt", "reference", "picture", "state") if desk.target.ours else ("prompt", "reference")
    found: list[_Difference] = []
    for one, first, second in zip(instances, before, after):
        if isinstance(first, Failure) or isinstance(second, Failure):
            failed = [value for value in (first, second) if isinstance(value, Failure)]
            if len(failed) == 1 and failed[0].status not in DOUBTS:
                found.append((one, "success", _word(first), _word(second)))
            continue
        if desk.target.program.kind == "visual" and None in (first.picture, second.picture):
            continue
        for part in parts:
            if getattr(first, part) != getattr(second, part):
                found.append((one, part, str(getattr(first, part)), str(getattr(second, part))))
                break
    return found


def _word(value: Instance | Failure) -> str:
    return str(value) if isinstance(value, Failure) else "an instance"


def _varies(desk: Desk, code: str, blame: str, cases: Sequence[_Difference], tried: int) -> Finding:
    one, part, first, second = cases[0]
    return desk.finding(
        code,
        f"the {part} of {len(cases)} of {tried} instances depends on {blame}",
        **at(one),
        circumstance=blame,
        part=part,
        first=_around(first, second),
        second=_around(second, first),
        tried=tried,
        found=len(cases),
    )


def _around(text: str, other: str) -> str:
    """`text` from shortly before it parts from `other`."""
    same = next(
        (i for i, (one, two) in enumerate(zip(text, other)) if one != two), min(len(text), len(other))
    )
    start = max(0, same - 60)
    return ("..." if start else "") + brief(text[start:])


def _questions(desk: Desk, instances: Sequence[Instance]) -> list[tuple[Instance, str]]:
    """Right answers, another instance's, and a few that are malformed; each question stands there twice."""
    found = []
    for index, one in enumerate(instances):
        other = instances[(index + 1) % len(instances)]
        found += [(one, one.reference), (one, other.reference), (one, MALFORMED[index % 4].text)]
        if index % 3 == 0:
            found += [(one, one.reference + "1"), (one, "the answer")]
        found += [(one, wrong.text) for wrong in misplaced(one.reference)[: 7 if desk.target.ours else 2]]
    return found + found[:: 2 if desk.target.ours else 3]


def _scoring(desk: Desk, questions: Sequence[tuple[Instance, str]]) -> Iterator[Finding]:
    """score-varies: every question again, alone and in other company."""
    step = 1 if desk.target.ours else max(1, len(questions) // 10)
    chosen = list(questions[::step])
    before = desk.scores(chosen)
    # One circumstance changes at a time. What a random scorer does in other company says nothing new, so that the
    # company changes last.
    for blame, hash_seed, salt in (
        ("the process", 0, 0),
        ("the clock or the global random state", 0, 1),
        ("the hash seed", 1, 0),
        ("the hash seed", 2, 0),
        ("the calls before it", 0, 0),
        (ALONE, 0, 0),
    ):
        if blame == ALONE:
            again = desk.scores(chosen[:LONELY], fresh=True)
        elif blame == "the calls before it":
            again = desk.scores(chosen[::-1])[::-1]
        else:
            again = desk.scores(chosen, hash_seed=hash_seed, salt=salt)
        cases = [
            (question, first, second)
            for question, first, second in zip(chosen, before, again)
            if _other_score(first, second)
        ]
        if cases:
            (one, answer), first, second = cases[0]
            yield desk.finding(
                "score-varies",
                f"the score of {len(cases)} of {len(again)} answers depends on {blame}",
                **at(one),
                answer=brief(answer),
                reference=brief(one.reference),
                score=first if isinstance(first, float) else str(first),
                second=second if isinstance(second, float) else str(second),
                circumstance=blame,
                tried=len(again),
                found=len(cases),
            )
            return


def _other_score(first: float | Failure, second: float | Failure) -> bool:
    """Whether two scores of one answer differ; of failures only the kind counts, and none over a limit."""
    if isinstance(first, Failure) and isinstance(second, Failure):
        return False
    for one in (first, second):
        if isinstance(one, Failure) and one.status in DOUBTS:
            return False
    return first != second
