"""The benchmark: what it measures and how it compares. How fast anything is, is no matter of a test."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from envforge.bench.places import BATCHES, IN_PROCESS, PER_CALL, Manners
from envforge.bench.tables import WIDTH, show
from envforge.bench.turns import Way, measure
from envforge.bench.workload import KINDS, MOST_CALLS, workload

BASELINES = ("python per call", "bubblewrap per call", "docker run per call")
LEVEL = "level 1, confined"
SECONDS = 500


def bench(*options: str, **environment: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "envforge.bench", "--quick", "--json", *options],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, **environment},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    figures: dict[str, Any] = json.loads(run.stdout)
    return figures


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return bench("--levels", "1", "--workers", "2", "--turns", "3")


def test_every_way_is_measured_or_said_to_be_missing(figures: dict[str, Any]) -> None:
    places = {IN_PROCESS: [IN_PROCESS], LEVEL: list(BATCHES)}
    places |= {name: [PER_CALL] for name in BASELINES if name not in figures["missing"]}
    wanted = [
        (place, manner, kind) for place, manners in places.items() for manner in manners for kind in KINDS
    ]
    assert sorted((row["place"], row["manner"], row["kind"]) for row in figures["calls"]) == sorted(wanted)
    assert set(figures["missing"]) <= set(BASELINES[1:]), "this very Python and level 1 can be had everywhere"
    assert all(figures["missing"].values()), "a reason for everything"


def test_figures_of_calls_make_sense(figures: dict[str, Any]) -> None:
    for row in figures["calls"]:
        assert 0 < row["slowest_turn"] <= row["calls_per_second"] <= row["fastest_turn"] < math.inf, row
        assert 0 < row["times_in_process"] < math.inf, row
        if "bubblewrap per call" in figures["missing"]:
            assert row["times_bubblewrap_per_call"] is None
        else:
            assert 0 < row["times_bubblewrap_per_call"] < math.inf, row
        if row["place"] == "docker run per call":
            assert row["cpu_milliseconds"] is None, "what the engine does is not seen"
        else:
            assert 0 < row["cpu_milliseconds"] < math.inf, row
        unit = 2 * BATCHES[row["manner"]] if BATCHES.get(row["manner"], 1) > 1 else 1
        assert row["calls_per_turn"] % unit == 0, "every worker has as many batches as the other"
    assert [row["times_in_process"] for row in figures["calls"] if row["place"] == IN_PROCESS] == [1.0, 1.0]


def test_growth_is_told_as_a_multiple_of_one_worker(figures: dict[str, Any]) -> None:
    rows = {(row["kind"], row["manner"], row["workers"]): row for row in figures["growth"]}
    manners = ("single", "batch of 100")
    assert set(rows) == {
        (kind, manner, workers) for kind in KINDS for manner in manners for workers in (1, 2)
    }
    for (_, _, workers), row in rows.items():
        assert row["place"] == LEVEL
        assert 0 < row["calls_per_second"] < math.inf
        assert row["times_one_worker"] == 1.0 if workers == 1 else 0 < row["times_one_worker"] < math.inf


def test_zygotes_of_both_flavours_are_weighed(figures: dict[str, Any]) -> None:
    (row,) = figures["memory"]
    assert (row["place"], row["container_mib"]) == (LEVEL, None)
    zygotes = {zygote["flavour"]: zygote for zygote in row["zygotes"]}
    assert set(zygotes) == {"bare", "networkx"}
    for zygote in zygotes.values():
        assert zygote["count"] >= 1
        assert 1 < zygote["unique_mib"] <= zygote["resident_mib"] < 1000
    assert zygotes["bare"]["unique_mib"] < zygotes["networkx"]["unique_mib"]


def test_tables_fit_and_leave_nothing_out(
    figures: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {**figures, "missing": {"level 5, gvisor": "no [runtime]"}}
    show(figures)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "…" not in text, "something was cut off"
    assert "not to be had: level 5, gvisor: no [runtime]" in text
    for row in figures["calls"]:
        assert row["place"] in text
        assert f"{row['calls_per_second']:,.0f}" in text or f"{row['calls_per_second']:.1f}" in text


def test_levels_that_cannot_be_had_are_named() -> None:
    figures = bench("--levels", "docker", DOCKER_HOST="unix:///nonexistent/engine.sock")
    assert {"level 4, docker", "docker run per call"} <= set(figures["missing"])
    assert "Docker engine" in figures["missing"]["level 4, docker"]
    assert not [row for row in figures["calls"] if row["place"].startswith("level")]
    assert figures["growth"] == figures["memory"] == []


@dataclass
class Told:
    """A place where every call takes as long as it is told, on a clock that only calls move."""

    name: str
    clock: list[float]
    seconds: list[float]  # per call, turn by turn
    log: list[str]
    manners: Manners = (("single", 1),)
    counts: list[int] = field(default_factory=list)

    def call(self, kind: str, manner: str, count: int) -> None:
        self.clock[0] += self.seconds[min(len(self.counts), len(self.seconds) - 1)] * count
        self.counts.append(count)
        self.log.append(self.name)

    def cpu_seconds(self) -> float:
        return self.clock[0]

    def close(self) -> None: ...


def test_ratios_are_of_the_same_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is ten times slower in the second turn and a hundred times in the third: no ratio changes."""
    clock, log = [0.0], []
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    monkeypatch.setattr("time.process_time", lambda: 0.0)
    slow = Told("slow", clock, [0.25, 0.25, 2.5, 25.0], log)
    fast = Told("fast", clock, [0.125, 0.125, 1.25, 12.5], log)
    found = [Way(slow, "generate", "single", 1), Way(fast, "generate", "single", 1)]
    measure(found, 3, 0.25)
    assert log == ["slow", "fast"] * 4, "tried out once, then in turns"
    assert (slow.counts, fast.counts) == ([1] * 4, [1, 2, 2, 2])
    assert found[1].times(found[0]) == 2.0
    assert found[0].rates == [4.0, 0.4, 0.04]
    assert found[0].rate == 0.4
    assert found[1].cpu_milliseconds == pytest.approx(1000 * (0.125 + 1.25 + 12.5) / 3)


def test_the_workload_is_always_the_same_and_answers_are_right() -> None:
    work = workload()
    assert work == workload()
    assert len(set(work.keys)) == len(work.keys) == len(work.scores) == MOST_CALLS
    assert {difficulty for _, difficulty in work.keys} == set(range(10))


def test_what_a_training_step_pays() -> None:
    folder = Path(__file__).parent / "toys"
    command = [sys.executable, "-m", "envforge.bench.step", str(folder), "--groups", "6", "--group-size", "3"]
    done = subprocess.run(
        [*command, "--turns", "2", "--json"], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["responses"], figures["environments"], figures["turns"]) == (18, 3, 2)
    for part in ("sampling", "scoring", "both"):
        row = figures[part]
        assert 0 < row["fastest"] <= row["median"] <= row["slowest"]
    assert figures["step_at_target"] == pytest.approx(50 * figures["both"]["median"])
    assert [row["chunks"] for row in figures["overlap"]] == [1, 2, 4, 8]
    done = subprocess.run([*command, "--turns", "0"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and "--turns" in done.stderr
    done = subprocess.run(
        [*command[:3], str(folder / "gone")], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2 and done.stderr.startswith("Error: cannot read ")
