"""The fuzzer: that mutants are what they should be, that every check can fail, and a campaign of 10,000 programs."""

from __future__ import annotations

import ast
import json
import math
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fuzz import findings, fuzzing, hostile, texts, trees
from fuzz.mutation import GRAMMAR_SHARE, Mutant, Supply, Workshop, corpus
from fuzz.places import Draft
from fuzz.rationing import Ration, RationedSandbox, Spent
from fuzz.settings import LIGHT, SMALL, Settings
from fuzz.summary import harmless

from envforge.config import SandboxConfig
from envforge.contract import content_id
from envforge.errors import SandboxError
from envforge.sandbox import Evaluator, Failure
from envforge.sandbox.client import Counters
from envforge.validation import Validator
from envforge.verdict import Examination, Stage, Verdict

FUZZING = Path(fuzzing.__file__)
PROGRAMS = 10_000

TREE_MUTATORS = sorted(
    {m for _, mutators in trees.FAMILIES.values() for m in mutators}, key=lambda m: m.__name__
)
TEXT_MUTATORS = sorted(
    {m for _, mutators in texts.FAMILIES.values() for m in mutators}, key=lambda m: m.__name__
)


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return Workshop(11)


@pytest.fixture(scope="module")
def mutants(workshop: Workshop) -> list[Mutant]:
    return [workshop.mutant(number) for number in range(600)]


# Mutants


def test_corpus_is_the_programs_of_the_repository() -> None:
    programs = corpus()
    assert len(programs) >= 50
    assert {"coin_change", "shortest_path", "game_of_life_grid"} <= set(programs)


def test_a_mutant_is_the_same_whenever_it_is_made(workshop: Workshop, mutants: list[Mutant]) -> None:
    again = Workshop(11)
    for number in (599, 3, 250, 3):
        assert again.mutant(number) == mutants[number]
    assert Workshop(12).mutant(3).data != mutants[3].data


def test_a_workshop_in_a_process_of_its_own_makes_the_same(mutants: list[Mutant]) -> None:
    supply = Supply(11)
    try:
        assert [supply.mutant(number) for number in (0, 77)] == [mutants[0], mutants[77]]
    finally:
        supply.close()


def test_mutants_differ_from_their_programs_and_from_each_other(mutants: list[Mutant]) -> None:
    programs = corpus()
    assert all(mutant.data != programs[mutant.base] for mutant in mutants)
    assert len({mutant.data for mutant in mutants}) > 0.95 * len(mutants)
    assert {mutant.number for mutant in mutants} == set(range(600))


def test_every_family_occurs(mutants: list[Mutant]) -> None:
    counts = Counter(mutant.family for mutant in mutants)
    rare = {"endless", "decorators"}
    assert set(counts) | rare == set(trees.FAMILIES) | set(texts.FAMILIES)
    grammar = sum(count for family, count in counts.items() if family in trees.FAMILIES)
    assert 0.4 < grammar / len(mutants) < 0.7


def test_endless_loops_are_rationed(mutants: list[Mutant]) -> None:
    """By the weights of the families; further mutations of a mutant insert none."""
    share = (
        GRAMMAR_SHARE * trees.FAMILIES["endless"][0] / sum(weight for weight, _ in trees.FAMILIES.values())
    )
    assert 0 < share < 0.05
    assert all("insert_endless" not in mutant.steps[1:] for mutant in mutants)


@pytest.mark.parametrize("mutator", TREE_MUTATORS, ids=lambda mutator: mutator.__name__)
def test_mutator_of_trees_changes_programs(mutator: trees.Mutator) -> None:
    source, other = corpus()["shortest_path"], corpus()["lectures_into_rooms"]
    plain = ast.unparse(ast.parse(source))
    changed = set()
    for seed in range(30):
        draft = Draft(ast.parse(source), ast.parse(other), random.Random(seed))
        mutator(draft)
        changed.add(ast.unparse(draft.tree))
    assert len(changed - {plain}) >= 3


@pytest.mark.parametrize("mutator", TEXT_MUTATORS, ids=lambda mutator: mutator.__name__)
def test_mutator_of_bytes_changes_programs(mutator: texts.Mutator) -> None:
    source, other = corpus()["shortest_path"], corpus()["lectures_into_rooms"]
    changed = {mutator(source, other, random.Random(seed)) for seed in range(30)}
    assert len(changed - {source}) >= 3
    for data in (b"", b"x", b"1"):
        assert isinstance(mutator(data, other, random.Random(0)), bytes)


def test_mutation_leaves_the_programs_alone(workshop: Workshop, mutants: list[Mutant]) -> None:
    assert workshop.programs == corpus()


@pytest.mark.parametrize("text", [*hostile.ENDLESS, *hostile.STATEMENTS])
def test_hostile_statement_is_python(text: str) -> None:
    assert ast.parse(text).body


def test_hostile_expressions_are_python() -> None:
    wrappers = [wrapper for kind in hostile.WRAPPERS.values() for wrapper in kind]
    for text in [*hostile.RETURNS, *hostile.DECORATORS, *wrappers]:
        ast.parse(text, mode="eval")
    assert all("VALUE" in wrapper for wrapper in wrappers)
    assert set(hostile.WRAPPERS) == {"generate", "prompt", "reference", "score"}


def test_mutants_go_deep_enough_to_be_of_use(evaluator: Evaluator, mutants: list[Mutant]) -> None:
    """A fair share must survive the reader, or the later gates see nothing; most must not."""
    chosen = mutants[:120]
    read = [evaluator.inspect(mutant.data.decode("utf-8", "surrogateescape")) for mutant in chosen]
    passed = sum(1 for found in read if not isinstance(found, list | Failure))
    assert 0.2 < passed / len(chosen) < 0.8


# The ration


@pytest.fixture(scope="module")
def rationed() -> Iterator[RationedSandbox]:
    sandbox = RationedSandbox(SandboxConfig(workers=2, wall_factor=100.0))
    with sandbox:
        yield sandbox


SEED = corpus()["coin_change"].decode()
ENDLESS = SEED.replace("    amount = rng", "    while True:\n        pass\n    amount = rng")


def test_an_endless_program_is_stopped_by_its_ration(rationed: RationedSandbox) -> None:
    assert ENDLESS != SEED
    rationed.begin(Ration(call=0.1, examination=0.15))
    before = rationed.counters.cpu_seconds
    with pytest.raises(Spent):
        Validator(rationed, SMALL).examine(ENDLESS)
    assert rationed.counters.cpu_seconds - before < 2.0  # of the 20 that its ten levels would take
    rationed.begin(Ration(call=0.05, examination=60.0))
    failure = Validator(rationed, SMALL).examine(ENDLESS).failure
    assert failure is not None and failure.stage is Stage.L2 and "out of CPU time" in failure.reason


def test_a_light_ration_reads_and_begins(rationed: RationedSandbox) -> None:
    rationed.begin(LIGHT)
    before = rationed.counters.calls
    with pytest.raises(Spent):
        Validator(rationed, SMALL).examine(SEED)
    assert rationed.counters.calls - before == 1 + rationed.workers
    rationed.begin(LIGHT)
    failure = Validator(rationed, SMALL).examine("def broken(:").failure
    assert failure is not None and failure.stage is Stage.L1


def test_correct_programs_pass_with_the_small_samples(rationed: RationedSandbox) -> None:
    for name in ("coin_change", "graph_colouring"):
        rationed.begin(Settings(0, range(1)).most)
        examination = Validator(rationed, SMALL).examine(corpus()[name].decode())
        assert examination.passed, examination.failure
        assert not list(findings.flaws(examination))


# That every check can fail


def verdicts(*changes: dict[str, Any]) -> Examination:
    """An examination that ended at L1, with the last verdict changed."""
    verdict = Verdict(Stage.L1, False, "line 1: broken", {"violations": []}, 0.01, "2")
    for change in changes:
        verdict = replace(verdict, **change)
    return Examination("source", content_id("source"), (verdict,))


def test_nothing_is_wrong_with_an_ordinary_examination() -> None:
    assert list(findings.flaws(verdicts())) == []


@pytest.mark.parametrize(
    ("kind", "examination"),
    [
        ("evidence", verdicts({"evidence": {"score": math.nan}})),
        ("evidence", verdicts({"evidence": {"answer": "half a character \ud800"}})),
        ("evidence", verdicts({"evidence": {"answer": {1, 2}}})),
        ("evidence", verdicts({"evidence": {"answer": "x" * 300_000}})),
        ("evidence", verdicts({"reason": "\udc80"})),
        ("evidence", verdicts({"reason": "x" * 30_000})),
        ("verdicts", verdicts({"reason": ""})),
        ("verdicts", verdicts({"passed": True})),
        ("verdicts", verdicts({"seconds": math.nan})),
        ("verdicts", verdicts({"isolation": ""})),
        ("verdicts", verdicts({"stage": Stage.L2})),
        ("verdicts", verdicts({"passed": True, "reason": ""})),
        ("verdicts", replace(verdicts(), id="0" * 16)),
        ("verdicts", replace(verdicts(), verdicts=())),
        (
            "reader",
            verdicts(
                {
                    "reason": "the parser could not cope with the source (crashed)",
                    "evidence": {"message": "ended with exit status 71"},
                }
            ),
        ),
        ("hostile", verdicts({"evidence": {"status": "hostile"}})),
    ],
)
def test_flaw_is_found(kind: str, examination: Examination) -> None:
    assert kind in {flaw.kind for flaw in findings.flaws(examination)}


def test_leaks_are_found() -> None:
    before = findings.Belongings.now()
    with open("/proc/self/status") as kept:
        release = threading.Event()
        thread = threading.Thread(target=release.wait, name="left behind")
        thread.start()
        child = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
        try:
            found = [leak.text for leak in before.leaks(2, seconds=0.2)]
        finally:
            child.kill()
            child.wait()
            release.set()
            thread.join()
        assert any(f"descriptor {kept.fileno()}" in text for text in found)
        assert "thread left behind" in found
        assert any("sleep 600" in text for text in found)
    assert [
        leak for leak in before.leaks(2, seconds=0.2) if "sleep" in leak.text or "thread" in leak.text
    ] == []


def campaign_of(folder: Path, count: int = 4, keep: Path | None = None) -> fuzzing.Campaign:
    """A campaign of a few mutants that has not begun."""
    job = fuzzing.Campaign(Settings(11, range(count), keep=keep), Workshop(11).mutant, folder)
    job.summary.deadline = 30.0
    return job


class Quiet:
    """Stands in for a sandbox where none is needed."""

    def __init__(self) -> None:
        self.counters = Counters()


def run_worker(job: fuzzing.Campaign, examine: fuzzing.Examine, sandbox: Any) -> None:
    """Examine everything in this thread."""
    job._worker(examine, sandbox)
    book = findings.Book(job.folder, 11, "2")
    while not job._outcomes.empty():
        job._take(book)
    book.close()
    job.summary.findings += book.findings


def test_an_exception_that_leaves_an_examination_is_found(tmp_path: Path) -> None:
    def examine(source: str, ration: Ration) -> Examination:
        raise SandboxError("the sandbox failed")

    job = campaign_of(tmp_path, keep=tmp_path / "kept")
    run_worker(job, examine, Quiet())
    assert [(f.kind, f.number) for f in job.summary.findings] == [("exception", n) for n in range(4)]
    assert "SandboxError: the sandbox failed" in job.summary.findings[0].text
    assert (tmp_path / "kept" / "exception-11-2.py").read_bytes() == Workshop(11).mutant(2).data
    assert job.summary.ends == Counter({findings.BROKEN: 4})


def test_a_restart_is_found_with_its_mutant(tmp_path: Path) -> None:
    sandbox = Quiet()

    def examine(source: str, ration: Ration) -> Examination:
        if source == Workshop(11).mutant(2).data.decode("utf-8", "surrogateescape"):
            sandbox.counters.restarts += 1
        return replace(verdicts(), source=source, id=content_id(source))

    job = campaign_of(tmp_path)
    run_worker(job, examine, sandbox)
    assert [(f.kind, f.number) for f in job.summary.findings] == [("restart", 2)]
    assert job.summary.ends == Counter({"L1": 4})


def test_what_the_registry_does_not_take_is_found(tmp_path: Path) -> None:
    def examine(source: str, ration: Ration) -> Examination:
        found = replace(verdicts(), source=source, id=content_id(source))
        if source == Workshop(11).mutant(1).data.decode("utf-8", "surrogateescape"):
            return replace(found, verdicts=(replace(found.verdicts[0], evidence={"odd": object()}),))
        return found

    job = campaign_of(tmp_path)
    run_worker(job, examine, Quiet())
    assert {(f.kind, f.number) for f in job.summary.findings} == {("evidence", 1), ("registry", 1)}


def test_a_late_examination_is_found(tmp_path: Path) -> None:
    def examine(source: str, ration: Ration) -> Examination:
        job.summary.deadline = -1.0
        assert job._overdue()
        return replace(verdicts(), source=source, id=content_id(source))

    job = campaign_of(tmp_path, count=1)
    run_worker(job, examine, Quiet())
    assert [f.kind for f in job.summary.findings] == ["deadline", "deadline"]
    assert "still under way" in job.summary.findings[0].text and "examine" in job.summary.findings[0].text


def test_a_program_that_does_not_pass_again_is_found(tmp_path: Path) -> None:
    job = campaign_of(tmp_path)
    broken = Mutant(0, "coin_change", "bits", ("flip_bits",), ENDLESS.encode())
    whole = replace(broken, number=1, data=SEED.encode())
    for mutant in (broken, whole):
        job.passed.append(findings.Outcome(mutant, mutant.data.decode(), None, findings.PASSED, 0.0))
    job._examine_again()
    assert [(f.kind, f.number) for f in job.summary.findings] == [("again", 0)]
    assert job.summary.again == 2


def test_a_campaign_that_breaks_itself_says_so(tmp_path: Path) -> None:
    def make(number: int) -> Mutant:
        raise ValueError("no mutant")

    job = fuzzing.Campaign(Settings(11, range(4)), make, tmp_path)
    run_worker(job, lambda source, ration: verdicts(), Quiet())
    assert [f.kind for f in job.summary.findings] == ["campaign"]


def test_terminals_are_told_nothing_by_mutants() -> None:
    assert harmless("a\x1b[2J\u202eb\n\ud800") == "a\\x1b[2J\\u202eb\n\\ud800"


# Campaigns


def fuzz(*options: str) -> tuple[int, dict[str, Any]]:
    """Run the command; its exit status and summary."""
    run = subprocess.run(
        [sys.executable, str(FUZZING), "--json", *options],
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert run.returncode in (0, 1) and run.stdout, f"exit status {run.returncode}"
    return run.returncode, json.loads(run.stdout)


def test_a_small_campaign() -> None:
    code, summary = fuzz("--programs", "30", "--seed", "3")
    assert summary["findings"] == [] and code == 0
    assert summary["programs"] == 30 == sum(summary["ends"].values())
    assert summary["restarts"] == 0
    assert summary["ends"]["L1"] > 5 and summary["ends"]["begun"] > 5


def test_one_mutant_again() -> None:
    code, summary = fuzz("--seed", "3", "--only", "5")
    assert code == 0 and summary["programs"] == 1
    assert findings.BEGUN not in summary["ends"]  # alone it goes through every gate


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_programs_find_nothing() -> None:
    code, summary = fuzz("--programs", str(PROGRAMS), "--seed", "1")
    assert summary["findings"] == [], json.dumps(summary["findings"], indent=1)[:8000]
    assert code == 0 and summary["ended"] == "all programs were examined"
    assert summary["programs"] == PROGRAMS == sum(summary["ends"].values())
    assert summary["restarts"] == summary["retries"] == 0
    ends = summary["ends"]
    assert ends["L1"] > 3000 and ends["begun"] > 2000  # read and refused; read, loaded and run
    assert ends["L2"] > 100 and ends["L4"] > 5 and ends["L5"] > 30 and ends["passed"] > 50
    assert summary["slowest"]["seconds"] < summary["deadline"]
    assert summary["examined_again"] == fuzzing.AGAIN
