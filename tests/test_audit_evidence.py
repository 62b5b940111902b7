"""What a registry knows against an environment: each code on real registries, and what must not be accused."""

from __future__ import annotations

import dataclasses
import random
import shlex
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from visuals import sums

from envforge.audit.auditor import Audit, audit
from envforge.audit.desk import Desk
from envforge.audit.evidence import FLOORED, drifted_rate, floor_sample, raised_floor, read_library
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.gates import STREAMS, enlarged, gates_probe
from envforge.audit.probe import Probe
from envforge.audit.subject import Subject
from envforge.audit.target import Target
from envforge.config import AuditConfig, PoolConfig, ValidationConfig
from envforge.contract import Program, Proposal, derive_seed
from envforge.pool import Pool
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Failure, Sandbox
from envforge.validation import Validator
from envforge.validation.profiling import profile_of
from envforge.validation.sampling import sample_seed
from envforge.verdict import Calibration, Examination, LevelRate, Stage, Verdict

QUICK = ValidationConfig(
    fresh_seeds=5, sample_per_level=16, slow_sample_per_level=16, hash_seeds=1, borderline_sample=48,
    attacked_per_level=1, drawn_answers=2, pictures_per_level=2,
)  # fmt: skip
GREEDY = sums(
    ("return 1.0 if answer.strip() == reference(state) else 0.0", "return 1.0"),
    title="Greedy: pays for anything.",
)
PRODUCTS = sums(
    ("What do {' and '.join(map(str, state['parts']))} add up to?",
     "Multiply these numbers and give the last six digits as one integer: {', '.join(map(str, state['parts']))}."),
    ("return str(sum(state[\"parts\"]))",
     "product = 1\n    for part in state[\"parts\"]:\n        product = product * part % 1000000\n"
     "        if product == 0:\n            product = 1\n    return str(product)"),
    title="Products: the last digits.",
)  # fmt: skip
DIFFER = sums(title="Totals: the same program under another name.")


def examined(evaluator: Evaluator, source: str, floors: float = 0.0) -> Examination:
    """An examination of a real program that passed, whatever it is like."""
    program = evaluator.inspect(source)
    assert isinstance(program, Program), program
    keys = [(seed, level) for level in program.difficulties for seed in range(4)]
    made = [one for one in evaluator.instances(program, keys) if not isinstance(one, Failure)]
    levels = [made[start : start + 4] for start in range(0, len(made), 4)]
    profile = profile_of(levels, [floors] * len(levels))
    passed = {
        Stage.L2: {"instances": 48 * len(levels)},
        Stage.L4: {"guess_floor": [floors] * len(levels)},
    }
    verdicts = tuple(Verdict(stage, True, evidence=passed.get(stage, {})) for stage in list(Stage)[1:7])
    return Examination(source, program.id, verdicts, program, profile)


def stored(
    where: Path,
    evaluator: Evaluator,
    *sources: str,
    parents: Sequence[tuple[int, int]] = (),
    floors: float = 0.0,
) -> list[str]:
    """A registry in which these programs are admitted, the pairs (child, parent) being places; their ids."""
    ids: list[str] = []
    with Registry.open(where, create=True) as registry:
        run = registry.start_run(proposer="compose", seed=0, config={}, version="0", isolation="1")
        for place, source in enumerate(sources):
            found = examined(evaluator, source, floors)
            above = [ids[parent] for child, parent in parents if child == place]
            with registry.transaction() as transaction:
                if above:
                    proposal = Proposal(place, "compose", f"{place}", source, tuple(above))
                    transaction.record(run, proposal, found, "admitted", origin="compose", depth=1)
                else:
                    transaction.add_seed(found, f"{place}.py")
            ids.append(found.id)
    return ids


def audited(
    where: Path, sandbox: Sandbox, ids: Sequence[str], *only: str, probes: tuple[Probe, ...] = ()
) -> list[Audited]:
    """The audit of environments of a registry."""
    with Registry.open(where, read_only=True) as registry:
        library = read_library(registry, ids)
    subjects = [Subject(id, library.environments[id].source, id, ("--db", str(where)), id) for id in ids]
    how = Audit(AuditConfig(instances=2), sandbox, frozenset(only), QUICK, library=library, probes=probes)
    return list(audit(subjects, how))


def found(audits: Sequence[Audited]) -> list[tuple[str, str]]:
    return [(one.target, finding.code) for one in audits for finding in one.findings]


# The gates again


def test_admission_draws_what_it_always_drew_and_other_streams_draw_something_else(
    evaluator: Evaluator,
) -> None:
    program = evaluator.inspect(sums())
    assert isinstance(program, Program)
    assert sample_seed(program, 3, 5) == derive_seed("validation", program.id, 3, 5)
    seeds = [sample_seed(program, 3, index, stream) for stream in range(4) for index in range(50)]
    assert len(set(seeds)) == 200


def test_more_is_looked_at_but_not_where_a_larger_sample_is_the_harder_judge() -> None:
    small, large = ValidationConfig(), enlarged(ValidationConfig())
    assert (large.sample_per_level, large.slow_sample_per_level) == (48, 16)
    assert large.attacked_per_level > small.attacked_per_level and large.drawn_answers > small.drawn_answers
    assert (
        enlarged(ValidationConfig(attacked_per_level=100)).attacked_per_level == 100
    )  # the option's own limit


def test_a_good_environment_passes_its_gates_again(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    ids = stored(tmp_path / "a.db", evaluator, sums())
    [one] = audited(tmp_path / "a.db", sandbox, ids, "gate-failed", "floor-raised")
    assert one.findings == () and one.codes == ("gate-failed", "floor-raised", "slow")


def test_a_gate_that_fails_is_told_with_what_shows_it(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    ids = stored(tmp_path / "a.db", evaluator, GREEDY)
    [one] = audited(tmp_path / "a.db", sandbox, ids, "gate-failed")
    [finding] = one.findings
    assert finding.severity is Severity.ERROR
    assert finding.evidence["stage"] in ("L4", "L5") and finding.summary.startswith("fails L")
    assert shlex.split(finding.command) == [
        "envforge", "audit", "--db", str(tmp_path / "a.db"), ids[0], "--only", "gate-failed", "--instances", "2",
    ]  # fmt: skip


def test_a_share_at_its_limit_must_fail_on_every_stream(
    sandbox: Sandbox, evaluator: Evaluator, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sums()
    program = evaluator.inspect(source)
    assert isinstance(program, Program)
    streams: list[int] = []
    failing: set[int] = set()

    def examine(self: Validator, text: str) -> Examination:
        streams.append(self.stream)
        bad = self.stream in failing
        return Examination(
            text, program.id, (Verdict(Stage.L4, not bad, "79% are distinct" if bad else ""),), program
        )

    monkeypatch.setattr(Validator, "examine", examine)
    desk = Desk(Target("a", program, ("a",)), evaluator, AuditConfig(seed=2))
    probe = gates_probe(QUICK)
    first = 1 + 2 * STREAMS
    failing = {first, first + 1}
    assert list(probe.run(desk)) == [] and streams == [first, first + 1, first + 2]
    failing = {first, first + 1, first + 2}
    assert [finding.code for finding in probe.run(desk)] == ["gate-failed"]


# Guess floors

HALF = sums(
    ("return str(sum(state[\"parts\"]))", "return 'even' if sum(state[\"parts\"]) % 2 == 0 else 'odd'"),
    ("What do", "Is the sum odd or even, of"), ("add up to?", "? Answer with odd or even."),
    title="Parity: odd or even.",
)  # fmt: skip


def test_a_floor_that_was_recorded_too_low_is_told_and_a_right_one_is_not(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    ids = stored(tmp_path / "low.db", evaluator, HALF, floors=0.05)
    [one] = audited(tmp_path / "low.db", sandbox, ids, "floor-raised")
    [finding] = one.findings
    assert finding.code == "floor-raised" and finding.severity is Severity.WARNING
    assert finding.evidence["after"] > 0.4 > finding.evidence["before"]
    stored(tmp_path / "right.db", evaluator, HALF, floors=0.5)
    [one] = audited(tmp_path / "right.db", sandbox, ids, "floor-raised")
    assert one.findings == ()


def test_floors_of_the_same_chance_are_hardly_ever_called_raised(
    tmp_path: Path, evaluator: Evaluator
) -> None:
    ids = stored(tmp_path / "a.db", evaluator, sums())
    with Registry.open(tmp_path / "a.db") as registry:
        recorded = read_library(registry, ids).environments[ids[0]]
    assert recorded.sample == 24
    program = evaluator.inspect(sums())
    assert isinstance(program, Program)
    desk = Desk(Target("a", program, ("a",)), evaluator, AuditConfig())
    chance, accused = random.Random(5), 0
    for _ in range(300):
        rate = chance.random() * 0.6

        def floors(of: int, rate: float = rate) -> tuple[float, ...]:
            return tuple(sum(chance.random() < rate for _ in range(of)) / of for _ in range(10))

        before = dataclasses.replace(recorded, floors=floors(24))
        accused += bool(list(raised_floor(desk, before, floors(FLOORED))))
    assert accused <= 9  # three in a hundred


def test_the_sample_behind_a_floor_is_read_from_the_verdicts() -> None:
    assert floor_sample([]) == 8
    second, fourth = Verdict(Stage.L2, True, evidence={"instances": 480}), Verdict(Stage.L4, True)
    assert floor_sample([second, fourth]) == 8  # no floors
    assert floor_sample([second, Verdict(Stage.L4, True, evidence={"guess_floor": [0.0] * 10})]) == 24


# The source


def test_a_source_that_was_changed_in_the_database_is_told(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    where = tmp_path / "a.db"
    ids = stored(where, evaluator, sums(), PRODUCTS)
    assert found(audited(where, sandbox, ids, "source-changed")) == []
    with sqlite3.connect(where) as connection:
        connection.execute(
            "UPDATE environments SET source = replace(source, 'randint(1, 99)', 'randint(1, 98)') WHERE id = ?",
            (ids[0],),
        )
    connection.close()
    audits = audited(where, sandbox, ids, "source-changed")
    assert found(audits) == [(ids[0], "source-changed")]
    [finding] = audits[0].findings
    assert finding.evidence["expected"] == ids[0] != finding.evidence["now"]


# Rates


def drawn(where: Path, scores: Sequence[float], groups: int, level: int | None = None) -> None:
    """Groups of the pool that all have these scores; only tickets of `level` are reported where one is given."""
    with Registry.open(where) as registry:
        pool = Pool(registry, PoolConfig(patience=4, controller="fixed", fixed_level=level or 0))
        for ticket in pool.draw(groups):
            pool.report(ticket, scores)
        pool.save()


@pytest.mark.parametrize(
    ("scores", "kind"),
    [((0.0, 0.0), "dead"), ((0.5, 0.5), "flat"), ((1.0, 1.0), "saturated"), ((1.0, 0.0), None)],
)
def test_what_the_pool_has_parked_is_told(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator, scores: tuple[float, ...], kind: str | None
) -> None:
    where = tmp_path / "a.db"
    ids = stored(where, evaluator, sums())
    drawn(where, scores, 8, 9 if kind == "saturated" else 0)
    [one] = audited(where, sandbox, ids, "rate-drifted")
    assert [finding.evidence["kind"] for finding in one.findings] == ([kind] if kind else [])


def calibrated(where: Path, id: str, passes: int, of: int, passed: bool = True, reason: str = "") -> None:
    responses = tuple(
        {"seed": index, "answer": "1", "score": float(index < passes), "tokens": 3} for index in range(of)
    )
    level = LevelRate(3, passes / of, passes / of, 0.0, 1.0, 0.0, 0, responses)
    found = Calibration(id, "m", (level,), passes / of, 0.0, 1.0, None, passed, reason, 9)
    with Registry.open(where) as registry, registry.transaction() as transaction:
        transaction.add_calibration(found, "1")


def test_a_rate_far_from_its_calibration_is_told_and_a_near_one_is_not(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    where = tmp_path / "a.db"
    ids = stored(where, evaluator, sums())
    calibrated(where, ids[0], 1, 8)
    drawn(where, (1.0, 0.0), 20, 3)  # 0.50 each: live, and not so far from 1 of 8
    assert found(audited(where, sandbox, ids, "rate-drifted")) == []
    calibrated(where, ids[0], 1, 64)
    [one] = audited(where, sandbox, ids, "rate-drifted")
    [finding] = one.findings
    assert finding.evidence["kind"] == "drifted" and finding.evidence["difficulty"] == 3
    assert finding.evidence["interval"][0] > finding.evidence["calibrated_interval"][1]


def test_a_newest_calibration_that_did_not_pass_is_told(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    where = tmp_path / "a.db"
    ids = stored(where, evaluator, sums())
    calibrated(where, ids[0], 8, 8, False, "solved every one of 8 instances")
    [one] = audited(where, sandbox, ids, "rate-drifted")
    assert "solved every one" in one.findings[0].summary
    calibrated(where, ids[0], 4, 8)
    assert found(audited(where, sandbox, ids, "rate-drifted")) == []


def test_equal_rates_are_hardly_ever_told_apart(tmp_path: Path, evaluator: Evaluator) -> None:
    from envforge.registry import PoolGroupRecord

    where = tmp_path / "a.db"
    ids = stored(where, evaluator, sums())
    calibrated(where, ids[0], 4, 8)
    with Registry.open(where) as registry:
        recorded = read_library(registry, ids).environments[ids[0]]
    assert recorded.calibration is not None
    subject = Subject("a", recorded.source, "a", (), ids[0])
    chance, accused = random.Random(7), 0
    for _ in range(400):
        rate = chance.random()
        scores = [float(chance.random() < rate) for _ in range(8)]
        level = dataclasses.replace(
            recorded.calibration.levels[0],
            responses=tuple({"score": score} for score in scores),
            rate=sum(scores) / 8,
        )
        groups = tuple(
            PoolGroupRecord(
                number, ids[0], 3, number, 8, sum(chance.random() < rate for _ in range(8)) / 8, True, "p"
            )
            for number in range(1, 40)
        )
        calibration = dataclasses.replace(recorded.calibration, levels=(level,))
        one = dataclasses.replace(recorded, calibration=calibration, groups=groups)
        accused += bool(list(drifted_rate(subject, AuditConfig(), one)))
    assert accused <= 12  # three in a hundred


# Neighbours


def test_the_same_program_under_another_name_is_told_for_both(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    where = tmp_path / "a.db"
    ids = stored(where, evaluator, sums(), DIFFER, PRODUCTS)
    audits = audited(where, sandbox, ids, "near-duplicate")
    assert found(audits) == [(ids[0], "near-duplicate"), (ids[1], "near-duplicate")]
    # One alone is held against what the registry has accepted, so its command needs no other name.
    [one] = audited(where, sandbox, ids[:1], "near-duplicate")
    assert one.findings == audits[0].findings[:1] or one.findings[0].evidence["neighbour"] == ids[1]
    assert one.findings[0].command.count(ids[1]) == 0
    with Registry.open(where) as registry:
        registry.set_status(ids[1], "retired", "enough")
    assert found(audited(where, sandbox, ids[:1], "near-duplicate")) == []


def test_programs_in_files_are_compared_too(sandbox: Sandbox) -> None:
    sources = {"a.py": sums(), "b.py": DIFFER, "c.py": PRODUCTS, "d.py": sums()}
    subjects = [Subject(name, source, name) for name, source in sources.items()]
    how = Audit(AuditConfig(), sandbox, frozenset({"near-duplicate"}), QUICK, probes=())
    audits = list(audit(subjects, how))
    assert found(audits) == [(name, "near-duplicate") for name in ("a.py", "b.py", "d.py")]
    assert "same source as d.py" in audits[0].findings[0].summary
    words = shlex.split(audits[1].findings[0].command)
    again = [subject for subject in subjects if subject.name in words]
    assert found(list(audit(again, how)))[0:1] and ("b.py", "near-duplicate") in found(
        list(audit(again, how))
    )


# Ancestors


def bad(desk: Desk) -> list[Finding]:
    """A probe that has something against one program."""
    return [desk.finding("accepts-anything", "pays")] if "Greedy" in desk.target.program.title else []


PROBE = Probe("titles", ("accepts-anything",), bad)


def test_descendants_of_what_has_an_error_are_told(
    tmp_path: Path, sandbox: Sandbox, evaluator: Evaluator
) -> None:
    where = tmp_path / "a.db"
    child, grandchild = sums(title="Child."), sums(title="Grandchild.")
    ids = stored(where, evaluator, GREEDY, child, grandchild, PRODUCTS, parents=[(1, 0), (2, 1)])
    only = ("accepts-anything", "defective-ancestor")
    audits = audited(where, sandbox, ids, *only, probes=(PROBE,))
    assert found(audits) == [
        (ids[0], "accepts-anything"), (ids[1], "defective-ancestor"), (ids[2], "defective-ancestor"),
    ]  # fmt: skip
    finding = audits[2].findings[0]
    assert finding.severity is Severity.WARNING and finding.evidence["ancestors"] == [ids[0]]
    words = shlex.split(finding.command)
    named = [id for id in ids if id in words]
    codes = [words[place + 1] for place, word in enumerate(words) if word == "--only"]
    assert named == [ids[0], ids[2]] and set(codes) == set(only)
    assert finding.summary in [
        one.summary for row in audited(where, sandbox, named, *codes, probes=(PROBE,)) for one in row.findings
    ]
    # Without an audit of the ancestor nothing is known against it, until it is quarantined.
    assert found(audited(where, sandbox, ids[2:3], *only, probes=(PROBE,))) == []
    with Registry.open(where) as registry:
        registry.set_status(ids[0], "quarantined", "audit")
    assert found(audited(where, sandbox, ids[2:3], "defective-ancestor")) == [(ids[2], "defective-ancestor")]
