"""Growth against a server that really runs a model. A random tiny Llama writes no programs: the plumbing counts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import overlap
import pytest
from model_server import Faults, ModelServer
from tiny import tiny_model

from envforge.policies.local import TransformersPolicy
from envforge.registry import Registry


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TransformersPolicy]:
    folder = tiny_model(tmp_path_factory.mktemp("tiny") / "model", context=32_768)
    policy = TransformersPolicy(str(folder), "tiny")
    yield policy
    policy.close()


@pytest.fixture
def server(policy: TransformersPolicy) -> Iterator[ModelServer]:
    with ModelServer(policy) as server:
        yield server


def command(db: Path, *more: object) -> list[str]:
    return [sys.executable, "-m", "envforge", "grow", "--json", "--db", str(db), *map(str, more)]


@pytest.fixture
def few(tmp_path: Path) -> list[str]:
    """Options that keep a run small: one seed, short replies, requests that are not retried for long."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    source = Path(__file__).parent.parent / "seeds" / "text" / "coin_change.py"
    (seeds / source.name).write_text(source.read_text("utf-8"), "utf-8")
    config = tmp_path / "few.toml"
    config.write_text("[policy]\npropose_tokens = 24\nconcurrency = 4\n")
    return ["--seeds", str(seeds), "--config", str(config), "--batch", "3"]


def run(arguments: list[str]) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def test_what_writes_no_programs_is_asked_and_counted(
    policy: TransformersPolicy, server: ModelServer, few: list[str], tmp_path: Path
) -> None:
    db = tmp_path / "library.db"
    code, summary, _ = run(command(db, "--policy", f"openai:{server.url}#tiny", "--proposals", 7, *few))
    assert code == 0 and summary["outcomes"] == {"none": 7}
    assert server.counters.requests == 7 and server.counters.at_once <= 4
    version = f"openai:tiny ({policy.version})"  # the server tells which weights it serves
    assert summary["policy"] == version
    assert summary["tokens"]["propose"] > 7 * 100  # the prompts alone
    assert summary["stages"]["proposal"] == {"met": 7, "passed": 0}
    with Registry.open(db, read_only=True) as registry:
        assert registry.run(summary["run"]).policy == version
        transcripts = registry.transcripts(summary["run"])
        assert len(transcripts) == 7
        assert all(t["usage"]["completion_tokens"] <= 24 for _, t in transcripts)


def test_a_recording_of_a_run_gives_the_same_registry(
    server: ModelServer, few: list[str], tmp_path: Path
) -> None:
    said = tmp_path / "said.jsonl"
    policy = f"openai:{server.url}#tiny"
    code, first, _ = run(
        command(tmp_path / "one.db", "--policy", policy, "--proposals", 4, "--record", said, *few)
    )
    assert code == 0
    asked = server.counters.requests
    code, second, _ = run(command(tmp_path / "two.db", "--policy", f"replay:{said}", "--proposals", 4, *few))
    assert code == 0 and server.counters.requests == asked
    for name in ("outcomes", "stages", "tokens", "policy", "ended"):
        assert first[name] == second[name]


def test_errors_that_pass_are_retried(policy: TransformersPolicy, few: list[str], tmp_path: Path) -> None:
    faults = Faults(refuse=2, fail=frozenset({3}), empty=frozenset({5}), truncate=frozenset({6}))
    with ModelServer(policy, faults=faults) as server:
        code, summary, _ = run(
            command(tmp_path / "library.db", "--policy", f"openai:{server.url}#tiny", "--proposals", 6, *few)
        )
    assert code == 0 and summary["proposals"] == 6 and summary["outcomes"] == {"none": 6}


def test_a_server_that_dies_midway_and_comes_back(
    server: ModelServer, few: list[str], tmp_path: Path
) -> None:
    """The run goes on when it is back in time; nothing is lost when it is not."""
    db = tmp_path / "library.db"
    server.faults = Faults(die_after=3)

    def revive() -> None:
        server.gone.wait()
        server.faults = Faults()
        server.start()

    helper = threading.Thread(target=revive, daemon=True)
    helper.start()
    code, summary, _ = run(command(db, "--policy", f"openai:{server.url}#tiny", "--proposals", 8, *few))
    helper.join(10)
    assert code == 0 and summary["proposals"] == 8
    assert server.counters.answered >= 8


def test_a_server_that_is_not_there(few: list[str], tmp_path: Path, policy: TransformersPolicy) -> None:
    with ModelServer(policy) as gone:
        url = gone.url
    code, _, said = run(command(tmp_path / "library.db", "--policy", f"openai:{url}#tiny", *few))
    assert code == 1 and "cannot be reached" in said
    assert not (tmp_path / "library.db").exists()  # it was said before anything was examined


def test_model_and_sandbox_work_at_the_same_time(server: ModelServer, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("coin_change.py", "modular_recurrence.py"):
        source = Path(__file__).parent.parent / "seeds" / "text" / name
        (seeds / name).write_text(source.read_text("utf-8"), "utf-8")
    figures = overlap.measure(server, tmp_path, proposals=3, concurrency=8, tokens=16, seeds=seeds)
    assert sum(figures["outcomes"].values()) == 3
    assert figures["requests"] >= 3 and 1 < figures["most at once"] <= 8
    assert figures["busy"]["policy"] > 0 and figures["busy"]["sandbox"] > 0
    assert 0 < figures["busy"]["both"] <= min(figures["busy"]["policy"], figures["busy"]["sandbox"])
