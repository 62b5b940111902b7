"""The loop: what is accepted and what is not, in which order, and how it goes on after it was stopped."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from envforge.config import Config, config_from
from envforge.contract import LibraryEntry, Proposal, content_id
from envforge.errors import ProposerError, UsageError
from envforge.growth import Decision, Growth, Summary, begin, check, plant, resumable
from envforge.locations import data_folder
from envforge.novelty import NoveltyGate, jaccard
from envforge.proposers import Plan, make_proposer
from envforge.registry import Registry, RunRecord
from envforge.sandbox import Sandbox
from envforge.sources import read_folder
from envforge.verdict import Examination

PROGRAMS = Path(__file__).parent / "programs"
SEEDS = data_folder("seeds") / "text"
SEED_NAMES = ("modular_recurrence.py", "coin_change.py")


class Quiet:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def planting(self, total: int) -> None:
        self.planted_total = total

    def planted(self, decision: Decision) -> None:
        pass

    def growing(self, run: RunRecord, done: int, limit: int, summary: Summary) -> None:
        self.done = done

    def decided(self, decision: Decision) -> None:
        self.decisions.append(decision)


@pytest.fixture(scope="module")
def planted(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that holds two seeds and no run."""
    folder = tmp_path_factory.mktemp("seeds")
    for name in SEED_NAMES:
        shutil.copy(SEEDS / name, folder)
    path = folder / "planted.db"
    with Registry.open(path, create=True) as registry:
        plant(registry, sandbox, Config(), read_folder(folder), Quiet())
    return path


def copy(planted: Path, tmp_path: Path, name: str = "library.db") -> Path:
    target = tmp_path / name
    shutil.copy(planted, target)
    return target


def settings(**growth: Any) -> Config:
    return dataclasses.replace(Config(), growth=dataclasses.replace(Config().growth, **growth))


def recording(path: Path, sources: Sequence[str | None]) -> Path:
    lines = [
        {
            "index": index,
            "proposer": "test",
            "operation": f"operation {index}",
            "parents": [],
            "messages": None,
            "completion": None,
            "source": source,
            "usage": None,
            "problem": None if source is not None else "an empty reply",
        }
        for index, source in enumerate(sources)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def run(
    db: Path, sandbox: Sandbox, spec: str, config: Config, record: RunRecord | None = None
) -> tuple[Summary, Quiet]:
    watcher = Quiet()
    with Registry.open(db) as registry:
        proposer = make_proposer(spec, seed=config.growth.seed, exemplars=0, record=None)
        record = record or begin(registry, sandbox, config, spec, None)
        growth = Growth(registry, sandbox, proposer, NoveltyGate(config.novelty), config, watcher)
        return growth.run(record), watcher


def program(kind: str, name: str) -> str:
    return (PROGRAMS / kind / f"{name}.py").read_text("utf-8")


def test_each_proposal_gets_the_outcome_it_deserves(planted: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    good = program("correct", "roman_ledger")
    seed = (SEEDS / "coin_change.py").read_text("utf-8")
    sources = [
        good,
        program("defective", "L4_yes_in_85_percent"),
        good + "\n\n",  # the same content id
        good.replace("def reference", "# Another comment.\ndef reference"),  # the same program to any reader
        None,
        "not python at all(",
        seed,
        program("correct", "signed_determinant"),
    ]
    replay = recording(tmp_path / "said.jsonl", sources)
    db = copy(planted, tmp_path)
    summary, watcher = run(db, sandbox, f"replay:{replay}", settings(proposals=20))
    found = [(decision.outcome, decision.stage) for decision in watcher.decisions]
    assert found == [
        ("validated", None),
        ("rejected", "L4"),
        ("duplicate", "novelty"),
        ("rejected", "novelty"),
        ("none", "proposal"),
        ("rejected", "L1"),
        ("duplicate", "novelty"),
        ("validated", None),
    ]
    assert summary.accepted == 2 and summary.proposals == 8
    assert "nothing more" in summary.ended
    assert "the same program as 'Roman" in watcher.decisions[3].reason
    with Registry.open(db, read_only=True) as registry:
        assert [p.outcome for p in registry.proposals(summary.run)] == [outcome for outcome, _ in found]
        assert registry.status(content_id(good)) == "validated"
        stages = [v.verdict.stage.value for v in registry.verdicts(content_id(good))]
        assert {"L1", "L2", "L3", "L4", "L5", "novelty"} <= set(stages)
        assert registry.environment(content_id(sources[5] or "")).source == sources[5]
        assert registry.run(summary.run).state == "finished"


def test_admission_without_a_solver_must_be_asked_for(
    planted: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    replay = recording(tmp_path / "said.jsonl", [program("correct", "roman_ledger")])
    summary, _ = run(copy(planted, tmp_path), sandbox, f"replay:{replay}", settings(admit_uncalibrated=True))
    assert summary.outcomes == {"admitted": 1}


class Stops:
    """A proposer that fails at an index, as a server that goes away does."""

    def __init__(self, spec: str, at: int, error: BaseException) -> None:
        self.inner = make_proposer(spec, seed=3, exemplars=0, record=None)
        self.name, self.at, self.error = self.inner.name, at, error

    def plan(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> list[Plan]:
        return self.inner.plan(library, history, indices)

    def write(self, plan: Plan) -> Proposal:
        if plan.index == self.at:
            raise self.error
        return self.inner.write(plan)

    def repair(self, proposal: Proposal, examination: Examination, round: int) -> Proposal | None:
        return None

    def close(self) -> None:
        self.inner.close()


@pytest.mark.parametrize("error", [ProposerError("the server went away"), KeyboardInterrupt()], ids=type)
def test_stopped_run_resumes_to_the_same_library(
    error: BaseException, planted: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    config = settings(proposals=7, batch=3, seed=3)
    whole, _ = run(copy(planted, tmp_path, "whole.db"), sandbox, "compose", config)

    db = copy(planted, tmp_path)
    with Registry.open(db) as registry:
        record = begin(registry, sandbox, config, "compose", None)
        growth = Growth(
            registry, sandbox, Stops("compose", 4, error), NoveltyGate(config.novelty), config, Quiet()
        )
        with pytest.raises(type(error)):
            growth.run(record)
        done = len(registry.proposals(record.id))
        assert 3 <= done <= 4
        again = resumable(registry, None)
        assert again.id == record.id and again.state == "running"
    summary, watcher = run(db, sandbox, "compose", config, again)
    assert watcher.done == done
    assert len(watcher.decisions) == 7 - done
    assert (summary.outcomes, summary.stages) == (whole.outcomes, whole.stages)
    with Registry.open(db) as one, Registry.open(tmp_path / "whole.db") as two:
        rows = [
            [(p.index, p.operation, p.environment_id, p.outcome) for p in r.proposals(1)] for r in (one, two)
        ]
        assert rows[0] == rows[1]
        assert [e.program.id for e in one.library(("validated",))] == [
            e.program.id for e in two.library(("validated",))
        ]
        with pytest.raises(UsageError, match="no unfinished run"):
            resumable(one, None)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"calibration": {"levels": [3, 12]}}, "levels from 0 to 9"),
        ({"reward": {"novelty_low": 0.9}}, "novelty_low"),
    ],
)
def test_settings_that_would_trip_the_first_candidate(table: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check(config_from(table, "a test"))
    check(Config())


def test_run_that_is_going_on_elsewhere_is_not_resumed(
    planted: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    db = copy(planted, tmp_path)
    script = (
        "import sys\nfrom envforge.registry import Registry\nfrom envforge.config import Config\n"
        "from envforge.growth import begin\nfrom envforge.sandbox import Level\n"
        "class S: level = Level.CONFINED\n"
        "begin(Registry.open(sys.argv[1]), S(), Config(), 'compose', None)\nprint('begun', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None and other.stdout.readline() == "begun\n"
    with Registry.open(db) as registry:
        with pytest.raises(UsageError, match=f"process {other.pid}"):
            resumable(registry, None)
        other.communicate("")
        assert resumable(registry, None).state == "running"


def test_two_growers_at_once_admit_nothing_twice(planted: Path, tmp_path: Path) -> None:
    """Two processes, the same seed: the same proposals, so one of each pair has to give way."""
    db = copy(planted, tmp_path)
    command = [
        sys.executable,
        "-m",
        "envforge",
        "grow",
        "--db",
        str(db),
        "--proposals",
        "5",
        "--seed",
        "9",
        "--json",
    ]
    command += ["--seeds", str(planted.parent)]
    growers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for grower in growers:
        _, errors = grower.communicate(timeout=300)
        assert grower.returncode == 0, errors
    with Registry.open(db, read_only=True) as registry:
        proposals = [registry.proposals(number) for number in (1, 2)]
        assert [len(rows) for rows in proposals] == [5, 5]
        entries = registry.library(("validated",))
        accepted = [row.environment_id for rows in proposals for row in rows if row.outcome == "validated"]
        assert len(accepted) == len(set(accepted)) == len(entries) > 0
        for number, one in enumerate(entries):
            for two in entries[number + 1 :]:
                assert one.program.signature != two.program.signature
                code = jaccard(one.program.shingles, two.program.shingles)
                prompt = jaccard(one.profile.prompt_shingles, two.profile.prompt_shingles)
                assert (code + prompt) / 2 < 0.8


def test_no_seed_that_passes_is_a_clear_error(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "bad.py").write_text("x = 1\n")
    registry = Registry.open(tmp_path / "l.db", create=True)
    with registry, pytest.raises(UsageError, match="no seed passed the gates"):
        plant(registry, sandbox, Config(), read_folder(tmp_path), Quiet())
