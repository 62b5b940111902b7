"""kill -9 at random moments of grow: nothing lost, nothing twice, every run goes on to its end."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envforge.locations import data_folder

KILLS = 50
PROPOSALS = 10
SEEDS = ("bubble_sort_swaps.py", "coin_change.py", "modular_recurrence.py", "subset_sum.py")


def grow(db: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "envforge", "grow", "--db", str(db), *more]


def fresh(db: Path) -> list[str]:
    seeds = str(db.parent / "seeds")
    return grow(db, "--seeds", seeds, "--proposals", str(PROPOSALS), "--batch", "4", "--seed", "5", "--json")


def contents(db: Path) -> dict[str, list[tuple[object, ...]]]:
    """What must be equal between a run that was let be and one that was killed again and again."""
    with sqlite3.connect(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            name: connection.execute(query).fetchall()
            for name, query in {
                "proposals": 'SELECT run_id, "index", operation, environment_id, outcome, stage, reason'
                ' FROM proposals ORDER BY run_id, "index"',
                "environments": "SELECT id, title, status, source, depth FROM environments ORDER BY id",
                "lineage": "SELECT child_id, parent_id, position FROM lineage ORDER BY 1, 2, 3",
                "verdicts": "SELECT environment_id, stage, passed, reason FROM verdicts ORDER BY 1, 2",
                "status": "SELECT environment_id, old, new, reason FROM status_changes ORDER BY 1, id",
            }.items()
        }


def progress(db: Path) -> str:
    """How far the run is: 'new' (no run recorded), 'unfinished' or 'finished'."""
    if not db.exists():
        return "new"
    try:
        with sqlite3.connect(db) as connection:
            rows = connection.execute("SELECT state FROM runs ORDER BY id DESC").fetchall()
    except sqlite3.OperationalError:  # killed before the schema was committed
        return "new"
    if not rows:
        return "new"
    return "finished" if rows[0][0] == "finished" else "unfinished"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    for name in SEEDS:
        shutil.copy(data_folder("seeds") / "text" / name, tmp_path / "seeds")
    expected_db = tmp_path / "whole.db"
    start = time.monotonic()
    subprocess.run(fresh(expected_db), check=True, capture_output=True)
    longest_life = (
        time.monotonic() - start
    ) / 4  # long enough to get on a little, short enough to be hit anywhere
    expected = contents(expected_db)
    assert len(expected["proposals"]) == PROPOSALS

    rng = random.Random(20260)
    kills = runs = 0
    seen: dict[str, int] = {"new": 0, "unfinished": 0}
    while kills < KILLS:
        runs += 1
        db = tmp_path / f"killed-{runs}.db"
        while (state := progress(db)) != "finished":
            seen[state] += 1
            command = fresh(db) if state == "new" else grow(db, "--resume", "--json")
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            patience = rng.uniform(0.05, longest_life) if kills < KILLS else 600.0
            try:
                process.wait(patience)
                assert process.returncode == 0, process.stderr and process.stderr.read()
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                kills += 1
        assert contents(db) == expected, f"after {kills} kills, run {runs} differs"
    print(json.dumps({"kills": kills, "runs": runs, "states": seen, "proposals per run": PROPOSALS}))
    assert seen["unfinished"] > 0
