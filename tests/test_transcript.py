"""Growth from the hand-written transcript: the expected end of every candidate, and the same library every time."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from transcripts import build

from envforge.registry import Registry

KINDS = (
    "good",
    "subtle",
    "malformed",
    "hedged",
    "repeated",
    "simplified",
    "semantic",
)  # that the folder must hold
FEW = 11  # candidates of the quick test: good, hidden parameter, L2 and L5 repaired, no program, too easy
TIMES = ("created_at", "updated_at", "started_at", "finished_at", "seconds", "config", "command")
# What a gate measures of the machine, not of the program.
MEASURED = ("cpu_milliseconds_fresh", "cpu_milliseconds", "seconds", "slowest")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The transcript as a recording."""
    path = tmp_path_factory.mktemp("transcript") / "handwritten.jsonl"
    assert build.build(path) > 300
    return path


def command(db: Path, *more: object) -> list[str]:
    return [sys.executable, "-m", "envforge", "grow", "--db", str(db), "--json", *map(str, more)]


def grow(db: Path, recording: Path, proposals: int) -> dict[str, Any]:
    arguments = command(db, "--policy", f"replay:{recording}", "--proposals", proposals)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def contents(db: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, without times and what depends on the machine."""
    with sqlite3.connect(db) as connection:
        connection.row_factory = sqlite3.Row
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [row["name"] for row in names if not row["name"].startswith("sqlite_")]
        return {
            table: [_timeless(dict(row)) for row in connection.execute(f"SELECT * FROM {table}")]
            for table in tables
        }


def _timeless(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in TIMES}
    if isinstance(kept.get("evidence"), str):
        evidence = json.loads(kept["evidence"])
        kept["evidence"] = {name: value for name, value in evidence.items() if name not in MEASURED}
    return kept


def ends(db: Path, run: int = 1) -> list[tuple[int, int, str, str]]:
    """(index, repairs, outcome, stage) as the registry has them."""
    last: dict[int, tuple[int, int, str, str]] = {}
    with Registry.open(db, read_only=True) as registry:
        for row in registry.proposals(run):
            last[row.index] = (row.index, row.round, row.outcome, row.stage or "")
    return [last[index] for index in sorted(last)]


def expected(proposals: int) -> list[tuple[int, int, str, str]]:
    return build.expected()[:proposals]


def test_the_transcript_holds_what_it_should() -> None:
    candidates = build.read()
    assert len(candidates) >= 60
    kinds = Counter(candidate.kind for candidate in candidates)
    assert all(kinds[kind] for kind in KINDS), kinds
    assert kinds["good"] >= 25 and kinds["semantic"] >= 8
    stages = Counter(candidate.stage for candidate in candidates)
    assert all(stages[stage] for stage in ("proposal", "L4", "novelty", "review", "calibration")), stages
    assert sum(candidate.rounds > 0 for candidate in candidates) >= 6
    text = (build.FOLDER / "README.md").read_text("utf-8")
    assert "written by hand" in text.lower() or "hand-written" in text.lower()


def test_the_same_transcript_gives_the_same_recording(recording: Path, tmp_path: Path) -> None:
    build.build(tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == recording.read_bytes()


@pytest.fixture(scope="module")
def grown(recording: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A library grown from the first candidates."""
    db = tmp_path_factory.mktemp("grown") / "library.db"
    return db, grow(db, recording, FEW)


def test_each_candidate_ends_as_expected(grown: tuple[Path, dict[str, Any]]) -> None:
    db, summary = grown
    assert ends(db) == expected(FEW)
    wanted = Counter(outcome for _, _, outcome, _ in expected(FEW))
    assert summary["outcomes"] == dict(wanted) and wanted["admitted"] > 3
    assert summary["policy"] == build.POLICY
    assert summary["repairs"] == {"rounds": sum(rounds for _, rounds, _, _ in expected(FEW)), "mended": 2}
    met = [summary["stages"][stage]["met"] for stage in summary["stages"]]
    assert met[0] == FEW and met == sorted(met, reverse=True)
    assert summary["stages"]["calibration"]["passed"] == wanted["admitted"]
    assert sum(summary["tokens"].values()) > 10_000 and set(summary["tokens"]) == set(build.ROLES)
    assert summary["tokens_per_admitted"] == pytest.approx(
        sum(summary["tokens"].values()) / wanted["admitted"], abs=0.1
    )


def test_what_is_kept_of_an_admitted_candidate(grown: tuple[Path, dict[str, Any]]) -> None:
    db, summary = grown
    with Registry.open(db, read_only=True) as registry:
        for row in summary["accepted"]:
            stages = [given.verdict.stage.value for given in registry.verdicts(row["id"])]
            assert stages == ["L1", "L2", "L3", "L4", "L5", "novelty", "review", "calibration"]
            judged = [given for given in registry.verdicts(row["id"]) if given.policy]
            assert {given.policy for given in judged} == {build.POLICY} and len(judged) == 2
            reviews = registry.reviews(row["id"])
            assert [given.review.number for given in reviews] == [0, 1, 2]
            assert all(given.review.accepted for given in reviews)
            (calibration,) = registry.calibrations(row["id"])
            found = calibration.calibration
            assert found.policy == build.POLICY and len(found.levels) == 1
            assert found.passed == (row["status"] == "admitted")
            assert len(found.levels[0].responses) == 8
            assert found.low <= found.levels[0].rate <= found.high
        history = [change.new for change in registry.history(summary["accepted"][0]["id"])]
        assert history == [summary["accepted"][0]["status"]]


def test_a_repair_is_the_child_of_what_it_repairs(grown: tuple[Path, dict[str, Any]]) -> None:
    db, _ = grown
    with Registry.open(db, read_only=True) as registry:
        rows = registry.proposals(1)
        repairs = [row for row in rows if row.round]
        assert repairs
        for row in repairs:
            (before,) = [r for r in rows if (r.index, r.round) == (row.index, row.round - 1)]
            assert row.environment_id is not None and before.outcome == "rejected"
            assert registry.environment(row.environment_id).parents == (before.environment_id,)
        nodes, edges = registry.lineage_edges()
        members = {node.id for node in nodes}
        mended = [row.environment_id for row in repairs if row.outcome == "admitted"]
        for id in mended:  # in the picture of the family it hangs on what the candidate was made from
            parents = [edge.parent for edge in edges if edge.child == id]
            assert parents and set(parents) <= members


def test_a_rejecting_review_is_kept_and_costs_no_calibration(grown: tuple[Path, dict[str, Any]]) -> None:
    db, _ = grown
    rejected = [index for index, _, _, stage in ends(db) if stage == "review"]
    assert rejected
    with Registry.open(db, read_only=True) as registry:
        for row in registry.proposals(1):
            if row.index in rejected:
                assert row.environment_id is not None
                assert registry.status(row.environment_id) == "rejected"
                assert any(given.review.accepted is False for given in registry.reviews(row.environment_id))
                assert registry.calibrations(row.environment_id) == []
                assert row.usage is not None and row.usage["reward"] is None  # reviews never reach a reward


def test_the_rewards_of_a_run(grown: tuple[Path, dict[str, Any]]) -> None:
    """Penalties for what never ran, quality for what was solved in part."""
    db, _ = grown
    with Registry.open(db, read_only=True) as registry:
        rewards = {
            (row.outcome, row.stage): row.usage["reward"]
            for row in registry.proposals(1)
            if row.usage is not None
        }
    assert rewards["none", "proposal"] == -1.0
    assert rewards["admitted", None] > 0.5 > rewards["validated", "calibration"] >= 0.0


def test_a_run_that_is_interrupted_goes_on_to_the_same_end(
    grown: tuple[Path, dict[str, Any]], recording: Path, tmp_path: Path
) -> None:
    whole, _ = grown
    db = tmp_path / "library.db"
    first = subprocess.Popen(
        command(db, "--policy", f"replay:{recording}", "--proposals", FEW),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    while first.poll() is None and not _some_decided(db):
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGINT)
    _, said = first.communicate(timeout=120)
    assert first.returncode == 130 and "--resume" in said
    decided = len(ends(db))
    assert 0 < decided < FEW
    again = subprocess.run(command(db, "--resume"), capture_output=True, text=True, check=False, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["proposals"] == FEW
    one, two = contents(whole), contents(db)
    for table in one:
        if table not in ("runs", "embeddings"):
            assert one[table] == two[table], table


def _some_decided(db: Path) -> bool:
    if not db.exists():
        return False
    try:
        with sqlite3.connect(db) as connection:
            return bool(connection.execute("SELECT count(*) FROM proposals").fetchone()[0])
    except sqlite3.OperationalError:
        return False


@pytest.mark.parametrize(
    ("budget", "said"),
    [(("--max-tokens", 20_000), "20,000 tokens is spent"), (("--target", 2), "target of 2 admitted")],
)
def test_budgets_end_a_run(budget: tuple[str, int], said: str, recording: Path, tmp_path: Path) -> None:
    db = tmp_path / "library.db"
    arguments = command(db, "--policy", f"replay:{recording}", "--proposals", 24, "--batch", 2, *budget)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert said in summary["ended"]
    found = ends(db)
    assert found == expected(24)[: len(found)] and 2 <= len(found) < 20
    if budget[0] == "--target":
        assert summary["outcomes"]["admitted"] == 2 and found[-1][2] == "admitted"
    else:
        assert sum(summary["tokens"].values()) >= 20_000  # what was begun was decided, not thrown away


def test_a_run_is_not_resumed_with_other_weights(
    grown: tuple[Path, dict[str, Any]], recording: Path, tmp_path: Path
) -> None:
    db = tmp_path / "library.db"
    with sqlite3.connect(grown[0]) as source, sqlite3.connect(db) as target:
        source.backup(target)
        target.execute("UPDATE runs SET state = 'interrupted', policy = 'handwritten-0'")
    target.close()
    done = subprocess.run(command(db, "--resume"), capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "start a new run" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_the_whole_transcript_twice(recording: Path, tmp_path: Path) -> None:
    number = len(build.read())
    summary = grow(tmp_path / "one.db", recording, 1000)
    print(
        json.dumps({name: summary[name] for name in ("outcomes", "stages", "repairs", "tokens", "seconds")})
    )
    assert "nothing more" in summary["ended"] and summary["proposals"] == number
    assert ends(tmp_path / "one.db") == expected(number)
    again = grow(tmp_path / "two.db", recording, 1000)
    assert again["outcomes"] == summary["outcomes"]
    one, two = contents(tmp_path / "one.db"), contents(tmp_path / "two.db")
    assert set(one) >= {"proposals", "environments", "reviews", "calibrations", "verdicts", "lineage"}
    for table in one:
        assert one[table] == two[table], table
