"""The registry on real files (and on PostgreSQL when ENVFORGE_TEST_POSTGRES holds its SQLAlchemy URL)."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, make_url, text

from envforge.contract import Flavour, Oracle, Profile, Program, Proposal, content_id
from envforge.errors import RegistryError
from envforge.locations import data_folder
from envforge.registry import Registry, create, schema, upgrade
from envforge.registry.engine import connect, place, writing
from envforge.registry.tables import Base
from envforge.verdict import Examination, Stage, Verdict

SPAWN = multiprocessing.get_context("spawn")
POSTGRES = os.environ.get("ENVFORGE_TEST_POSTGRES")
RUN: dict[str, Any] = {
    "proposer": "compose",
    "seed": 2**63 - 1,
    "config": {"a": [1]},
    "version": "0",
    "isolation": "1",
}


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[] if POSTGRES else pytest.mark.skip("not set"))]
)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a registry can be made: a file, or a fresh database of the server."""
    if request.param == "sqlite":
        yield str(tmp_path / "library.db")
        return
    assert POSTGRES
    name = f"envforge_{uuid.uuid4().hex}"
    server = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def registry(where: str) -> Iterator[Registry]:
    with Registry.open(where, create=True) as opened:
        yield opened


def source(name: object) -> str:
    return f'"""Environment {name}: a title."""\n\nTAGS = ("a",)\n'


def examined(name: object, signature: str = "", failing: Stage | None = None, **changes: Any) -> Examination:
    """An examination of `source(name)` that passed, or that stopped at `failing`."""
    text = source(name)
    verdicts = []
    for stage in list(Stage)[1:]:
        evidence = {"seed": 2**62, "difficulty": 3, "answer": "\x00\ud800 é", "score": math.nan}
        passed = stage is not failing
        verdicts.append(Verdict(stage, passed, "" if passed else f"bad at {stage}", evidence, 0.25, "1"))
        if not passed:
            break
    generator = random.Random(str(name))
    program = Program(
        id=content_id(text),
        source=text,
        title=f"Environment {name}: a title.",
        tags=("graphs", "counting-2"),
        oracle=Oracle.FEASIBILITY,
        max_difficulty=11,
        flavour=Flavour.NETWORKX,
        signature=signature or f"{name}".rjust(64, "0"),
        shingles=frozenset(generator.getrandbits(64) for _ in range(50)) | {0, 2**64 - 1},
    )
    profile = Profile(
        answer_is_integer=True,
        answer_range=(-(10**30), 10**30),
        integer_keys=("n", "k"),
        guess_floors=tuple(generator.random() for _ in range(12)),
        prompt_shingles=frozenset(generator.getrandbits(64) for _ in range(50)),
        answer_shapes=frozenset({"9", "a 9"}),
        prompt_template="What is {9}?",
    )
    reached = list(Stage).index(failing) if failing else len(Stage)
    return Examination(
        text,
        content_id(text),
        tuple(verdicts),
        dataclasses.replace(program, **changes) if reached > 1 else None,
        profile if reached > list(Stage).index(Stage.L4) else None,
    )


def proposal(index: int, text: str | None, *parents: str, **fields: Any) -> Proposal:
    return Proposal(index, "compose", f"chain-{index}", text, parents, **fields)


def write(
    registry: Registry,
    run: int,
    index: int,
    examination: Examination,
    outcome: str,
    *parents: str,
    depth: int = 1,
) -> str:
    """Record `examination` as the run's proposal `index`; returns the environment's id."""
    with registry.transaction() as transaction:
        transaction.record(
            run,
            proposal(index, examination.source, *parents),
            examination,
            outcome,
            None,
            origin="compose",
            depth=depth,
        )
    return examination.id


def seed(registry: Registry, name: object) -> str:
    with registry.transaction() as transaction:
        transaction.add_seed(examined(name), f"{name}.py", None)
    return examined(name).id


# What is written comes back


def test_an_accepted_environment_comes_back_whole(registry: Registry) -> None:
    parent = seed(registry, "seed")
    run = registry.start_run(**RUN, command=["envforge", "grow"])
    examination = examined("child")
    asked = proposal(
        0, examination.source, parent, "0" * 16, parent, transcript={"request": "\x00", "reply": "é"}
    )
    with registry.transaction() as transaction:
        outcome = transaction.record(
            run,
            asked,
            examination,
            "validated",
            "validated",
            origin="compose",
            depth=1,
            embeddings={"code": [0.5, -2.0], "prompt": b"\x00\x00\x80\x3f"},
            embedding_model="MiniLM",
        )
    assert outcome == "validated"
    record = registry.environment(examination.id)
    assert (record.program, record.profile) == (examination.program, examination.profile)
    assert (record.source, record.parents, record.children) == (examination.source, (parent, parent), ())
    assert registry.environment(parent).children == (examination.id,)
    summary = record.summary
    assert (summary.title, summary.status, summary.sequence) == (
        "Environment child: a title.",
        "validated",
        2,
    )
    assert (summary.tags, summary.oracle, summary.kind) == (("graphs", "counting-2"), "feasibility", "text")
    assert (summary.origin, summary.depth, summary.run) == ("compose", 1, run)
    assert summary.created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - summary.created_at) < timedelta(minutes=1)

    verdicts = registry.verdicts(examination.id)
    assert [v.verdict.stage for v in verdicts] == list(Stage)[1:]
    assert verdicts[0].verdict.evidence == {
        "seed": 2**62,
        "difficulty": 3,
        "answer": "\x00\ud800 é",
        "score": "nan",
    }
    assert (verdicts[0].verdict.seconds, verdicts[0].run) == (0.25, run)
    assert [(h.old, h.new, h.run) for h in registry.history(examination.id)] == [(None, "validated", run)]
    assert registry.proposals(run)[0].environment_id == examination.id
    assert registry.transcripts(run) == [(0, {"request": "\x00", "reply": "é"})]
    vectors = registry.embeddings("MiniLM")[examination.id]
    assert {part: list(vector) for part, vector in vectors.items()} == {"code": [0.5, -2.0], "prompt": [1.0]}

    entry = registry.library(("validated",))[0]
    assert (entry.program, entry.profile) == (examination.program, examination.profile)
    assert (entry.depth, entry.roots) == (1, frozenset({parent}))


def test_visual_programs_keep_their_levels(registry: Registry) -> None:
    run = registry.start_run(**RUN)
    examination = examined("picture", bucket="spatial", levels=tuple(f"adds {i}" for i in range(10)))
    id = write(registry, run, 0, examination, "admitted")
    assert registry.environment(id).program == examination.program
    assert registry.environment(id).summary.kind == "visual"
    assert [entry.program.kind for entry in registry.library(kind="visual")] == ["visual"]
    assert registry.library(kind="text") == []


def test_every_proposal_has_one_row_whatever_it_was(registry: Registry) -> None:
    run = registry.start_run(**RUN)
    known = write(registry, run, 0, examined("a"), "validated")
    with registry.transaction() as transaction:
        garbage = "\x00\ud800\ufdd0 not Python"
        failed = Examination(garbage, content_id(garbage), (Verdict(Stage.L1, False, "no program \udfff"),))
        transaction.record(
            run, proposal(1, garbage), failed, "rejected", "rejected", origin="openai", depth=0
        )
        nothing = proposal(2, None, problem="the reply holds no program")
        transaction.record(run, nothing, None, "none", None, origin="openai", depth=0)
        again = transaction.record(
            run, proposal(3, source("a")), examined("a"), "validated", "validated", origin="compose", depth=1
        )
    late = write(registry, run, 4, examined("b", failing=Stage.NOVELTY), "rejected")
    assert again == "duplicate"
    rows = registry.proposals(run)
    assert [(row.index, row.outcome, row.stage) for row in rows] == [
        (0, "validated", None),
        (1, "rejected", "L1"),
        (2, "none", "proposal"),
        (3, "duplicate", None),
        (4, "rejected", "novelty"),
    ]
    assert rows[1].reason == "no program \udfff"
    assert rows[2].reason == "the reply holds no program"
    assert rows[3].environment_id == known
    assert registry.environment(content_id(garbage)).source == garbage
    assert registry.environment(content_id(garbage)).program is None
    assert registry.environment(late).program == examined("b").program
    assert len(registry.environments()) == 3
    assert len(registry.verdicts(known)) == 2 * (len(Stage) - 1), "both examinations are on record"
    assert len(registry.history(known)) == 1


def test_one_index_of_a_run_is_recorded_once(registry: Registry) -> None:
    run = registry.start_run(**RUN)
    write(registry, run, 0, examined("a"), "validated")
    with pytest.raises(RegistryError, match="proposal 0 of run 1 is recorded already"):
        write(registry, run, 0, examined("b"), "validated")
    with pytest.raises(RegistryError, match="no run 77"):
        write(registry, 77, 0, examined("b"), "validated")
    assert [e.id for e in registry.environments()] == [examined("a").id]


def test_a_block_that_raises_writes_nothing(registry: Registry) -> None:
    run = registry.start_run(**RUN)
    with pytest.raises(KeyboardInterrupt), registry.transaction() as transaction:
        transaction.record(
            run, proposal(0, source("a")), examined("a"), "validated", origin="compose", depth=1
        )
        raise KeyboardInterrupt
    assert registry.environments() == []
    assert registry.proposals(run) == []
    write(registry, run, 0, examined("a"), "validated")


# Status, sequence, lineage


def test_the_sequence_is_a_cursor_over_acceptances(registry: Registry) -> None:
    first = seed(registry, "seed")
    run = registry.start_run(**RUN)
    assert registry.run(run).base == 1
    write(registry, run, 0, examined("bad", failing=Stage.L3), "rejected")
    second = write(registry, run, 1, examined("good"), "validated", first)
    third = write(registry, run, 2, examined("better"), "admitted", second, depth=2)
    assert [(number, entry.program.id) for number, entry in registry.entries(0)] == [
        (1, first),
        (2, second),
        (3, third),
    ]
    assert [number for number, _ in registry.entries(2)] == [3]
    assert registry.entries(3) == []
    with registry.transaction() as transaction:
        assert [number for number, _ in transaction.entries(1)] == [2, 3]
        assert transaction.last_sequence() == 3
    registry.set_status(second, "admitted", "calibrated")
    assert [entry.program.id for entry in registry.library()] == [first, second, third]
    assert [entry.program.id for entry in registry.library(upto=2)] == [first, second]
    assert registry.library()[2].roots == frozenset({first})
    registry.set_status(second, "retired", "too easy")
    assert [number for number, _ in registry.entries(0)] == [1, 3]
    assert registry.library(("retired",))[0].program.id == second


def test_roots_follow_every_branch(registry: Registry) -> None:
    left, right = seed(registry, "left"), seed(registry, "right")
    run = registry.start_run(**RUN)
    alone = write(registry, run, 0, examined("alone"), "validated", depth=0)
    both = write(registry, run, 1, examined("both"), "validated", left, right)
    deep = write(registry, run, 2, examined("deep"), "validated", both, both, alone, depth=2)
    roots = {entry.program.id: entry.roots for _, entry in registry.entries(0)}
    assert roots[left] == {left}
    assert roots[alone] == {alone}
    assert roots[both] == {left, right}
    assert roots[deep] == {left, right, alone}
    assert registry.entries(4)[0][1].roots == {left, right, alone}, "ancestors before the cursor count too"


def test_status_changes_are_kept_with_their_reasons(registry: Registry) -> None:
    id = seed(registry, "seed")
    registry.set_status(id, "quarantined", "its scorer looks odd")
    registry.set_status(id, "quarantined", "said twice")
    registry.set_status(id, "admitted", "looked at")
    assert [(h.old, h.new, h.reason) for h in registry.history(id)] == [
        (None, "admitted", "seed seed.py"),
        ("admitted", "quarantined", "its scorer looks odd"),
        ("quarantined", "admitted", "looked at"),
    ]
    assert registry.environment(id).summary.sequence == 1
    run = registry.start_run(**RUN)
    bad = write(registry, run, 0, examined("bad", failing=Stage.L2), "rejected")
    with pytest.raises(RegistryError, match="has not passed the gates"):
        registry.set_status(bad, "admitted", "please")
    with pytest.raises(RegistryError, match="is not a status"):
        registry.set_status(bad, "loved", "please")
    with pytest.raises(RegistryError, match="holds no environment"):
        registry.set_status("f" * 16, "retired", "please")


def test_seeds_are_admitted_once(registry: Registry) -> None:
    run = registry.start_run(**RUN)
    examination = examined("s")
    write(registry, run, 0, examined("s", failing=Stage.NOVELTY), "rejected")
    with registry.transaction() as transaction:
        assert transaction.has(examination.id) == "rejected"
        assert transaction.add_seed(examination, "s.py", run)
        assert not transaction.add_seed(examination, "s.py", run)
        with pytest.raises(RegistryError, match=r"the seed bad.py cannot be admitted.*L5, bad at L5"):
            transaction.add_seed(examined("bad", failing=Stage.L5), "bad.py", run)
    assert registry.library()[0].program == examination.program
    assert [h.new for h in registry.history(examination.id)] == ["rejected", "admitted"]
    registry.set_status(examination.id, "retired", "old")
    with registry.transaction() as transaction:
        assert not transaction.add_seed(examination, "s.py", run)
    assert registry.environment(examination.id).status == "retired"


def test_same_signature_looks_at_what_is_accepted(registry: Registry) -> None:
    run = registry.start_run(**RUN)
    write(registry, run, 0, examined("a", "5" * 64, failing=Stage.L2), "rejected")
    with registry.transaction() as transaction:
        assert transaction.same_signature("5" * 64) is None
    id = write(registry, run, 1, examined("b", "5" * 64), "validated")
    with registry.transaction() as transaction:
        assert transaction.same_signature("5" * 64) == id
    registry.set_status(id, "retired", "")
    with registry.transaction() as transaction:
        assert transaction.same_signature("5" * 64) is None


def test_runs_end_and_go_on(registry: Registry) -> None:
    assert registry.latest_unfinished_run() is None
    first, second = registry.start_run(**RUN), registry.start_run(**RUN, command=["envforge"])
    record = registry.run(second)
    assert (record.state, record.seed, record.config, record.command) == (
        "running",
        2**63 - 1,
        {"a": [1]},
        ["envforge"],
    )
    registry.finish_run(second, "interrupted")
    assert registry.run(second).finished_at is not None
    assert registry.latest_unfinished_run() == registry.run(second)
    resumed = registry.resume_run(second, {"a": [2]})
    assert (resumed.state, resumed.finished_at, resumed.config) == ("running", None, {"a": [2]})
    registry.finish_run(second, "finished")
    with pytest.raises(RegistryError, match="run 2 is finished"):
        registry.resume_run(second)
    unfinished = registry.latest_unfinished_run()
    assert unfinished is not None
    assert unfinished.id == first
    assert [run.state for run in registry.runs()] == ["running", "finished"]
    with pytest.raises(RegistryError, match="no run 9"):
        registry.run(9)


# Looking around


def test_ids_may_be_abbreviated(registry: Registry) -> None:
    ids = [seed(registry, number) for number in range(300)]
    assert registry.environment(ids[5][:12]).id == ids[5]
    assert registry.verdicts(ids[5][:12].upper())
    for bad in ("", "abc", "xyzw", "0" * 17, "ab%_"):
        with pytest.raises(RegistryError, match="is no environment id"):
            registry.environment(bad)
    with pytest.raises(RegistryError, match=r"no environment .* begins with 00000000"):
        registry.environment("00000000")
    with registry.transaction() as transaction:
        twin = examined("twin")
        first = dataclasses.replace(twin, id="abcd" + "0" * 12)
        second = dataclasses.replace(twin, id="abcd" + "1" * 12)
        transaction.add_seed(first, "a.py")
        transaction.add_seed(second, "b.py")
    with pytest.raises(RegistryError, match="abcd is the beginning of several ids"):
        registry.environment("abcd")


def test_listings_and_statistics(registry: Registry) -> None:
    a = seed(registry, "a")
    run = registry.start_run(**RUN)
    b = write(registry, run, 0, examined("b", tags=("counting",), oracle=Oracle.EQUALITY), "validated", a)
    c = write(registry, run, 1, examined("c", failing=Stage.L1), "rejected")
    assert [e.id for e in registry.environments()] == [c, b, a]
    assert [e.id for e in registry.environments(limit=1)] == [c]
    assert [e.id for e in registry.environments(status="rejected")] == [c]
    assert [e.id for e in registry.environments(tag="counting")] == [b], "a tag is matched as a whole"
    assert [e.id for e in registry.environments(tag="g%s")] == []
    assert [e.id for e in registry.environments(oracle="feasibility")] == [a]
    assert [e.id for e in registry.environments(run=run)] == [c, b]
    assert registry.statistics() == {
        "environments": {
            "status": {"admitted": 1, "rejected": 1, "validated": 1},
            "tag": {"counting": 1, "counting-2": 1, "graphs": 1},
            "oracle": {"equality": 1, "feasibility": 1},
            "depth": {"0": 1, "1": 1},
        },
        "proposals": {
            "total": 2,
            "outcome": {"rejected": 1, "validated": 1},
            "stage": {"L1": 1},
            "proposer": {"compose": {"rejected": 1, "validated": 1}},
        },
        "runs": {"total": 1, "state": {"running": 1}},
    }
    nodes, edges = registry.lineage_edges()
    assert [node.id for node in nodes] == [a, b]
    assert [(edge.child, edge.parent, edge.position) for edge in edges] == [(b, a, 0)]
    assert [node.id for node in registry.lineage_edges(accepted_only=False)[0]] == [a, b, c]


def test_export_writes_programs_and_an_index(registry: Registry, tmp_path: Path) -> None:
    a = seed(registry, "a")
    run = registry.start_run(**RUN)
    b = write(registry, run, 0, examined("b"), "admitted", a, a)
    folder = tmp_path / "deep" / "folder"
    assert registry.export(folder) == 2
    assert sorted(path.name for path in folder.iterdir()) == sorted([f"{a}.py", f"{b}.py", "index.json"])
    assert (folder / f"{b}.py").read_text() == source("b")
    assert json.loads((folder / "index.json").read_text())[1] == {
        "id": b,
        "title": "Environment b: a title.",
        "tags": ["graphs", "counting-2"],
        "oracle": "feasibility",
        "status": "admitted",
        "parents": [a, a],
    }
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryError, match="cannot export to"):
        registry.export(tmp_path / "file")


def test_a_library_of_any_size_is_read_with_the_same_statements(registry: Registry) -> None:
    """What a thousand environments cost must not grow by a statement for each: that is what would make it slow."""
    ids: list[str] = []
    run = registry.start_run(**RUN)
    statements: list[str] = []
    event.listen(registry._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    read: dict[int, list[str]] = {}
    for size in (20, 1000):
        with registry.transaction() as transaction:
            for number in range(len(ids), size):
                parents = tuple(random.Random(number).sample(ids, 2)) if number > 10 else ()
                examination = examined(number)
                transaction.record(
                    run,
                    proposal(number, examination.source, *parents),
                    examination,
                    "admitted",
                    origin="compose",
                    depth=1,
                )
                ids.append(examination.id)
        statements.clear()
        began = time.process_time()
        found = registry.library()
        print(
            f"{size} environments: {time.process_time() - began:.2f} s of CPU, {len(statements)} statements"
        )
        read[size] = list(statements)
        assert [entry.program.id for entry in found] == ids and all(entry.roots for entry in found)
    assert 0 < len(read[20]) == len(read[1000]) <= 5


# Several processes, and processes that die


def grow(where: str, names: list[int], started: Any = None) -> None:
    """One grower: record each name unless its signature was accepted, as growth does."""
    with Registry.open(where, create=True) as registry:
        run = registry.start_run(**RUN)
        if started is not None:
            started.set()
        for index, name in enumerate(names):
            examination = examined(f"{name} by {run}", signature=f"{name:064d}")
            with registry.transaction() as transaction:
                twin = transaction.same_signature(f"{name:064d}")
                outcome = "validated" if twin is None else "duplicate"
                transaction.record(
                    run, proposal(index, examination.source), examination, outcome, origin="compose", depth=0
                )
        registry.finish_run(run, "finished")


def test_growers_at_once_lose_nothing_and_accept_no_twin(where: str) -> None:
    orders = [random.Random(worker).sample(range(50), 50) for worker in range(4)]
    workers = [SPAWN.Process(target=grow, args=(where, order)) for order in orders]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4, "and all four made or found the schema"
    with Registry.open(where) as registry:
        assert [len(registry.proposals(run.id)) for run in registry.runs()] == [50] * 4
        entries = registry.entries(0)
        assert [number for number, _ in entries] == list(range(1, 51))
        assert len({entry.program.signature for _, entry in entries}) == 50
        assert registry.statistics()["environments"]["status"] == {"rejected": 150, "validated": 50}


def die_inside(where: str) -> None:
    with Registry.open(where) as registry, registry.transaction() as transaction:
        transaction.record(1, proposal(0, source("a")), examined("a"), "validated", origin="compose", depth=0)
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_killed_inside_its_transaction_leaves_nothing(where: str) -> None:
    with Registry.open(where, create=True) as registry:
        run = registry.start_run(**RUN)
    worker = SPAWN.Process(target=die_inside, args=(where,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    with Registry.open(where) as registry:
        assert registry.proposals(run) == []
        assert registry.environments() == []
        write(registry, run, 0, examined("a"), "validated")
        assert len(registry.entries(0)) == 1


def test_writers_killed_at_any_moment_leave_whole_proposals(tmp_path: Path) -> None:
    where = tmp_path / "library.db"
    chance = random.Random(7)
    for number in range(6):
        names = list(range(1000 * number, 1000 * number + 1000))
        started = SPAWN.Event()
        worker = SPAWN.Process(target=grow, args=(str(where), names, started))
        worker.start()
        assert started.wait(120)
        time.sleep(chance.uniform(0.0, 0.8))
        worker.kill()
        worker.join()
    with Registry.open(where, create=True) as registry:
        total = 0
        for run in registry.runs():
            rows = registry.proposals(run.id)
            assert [row.index for row in rows] == list(range(len(rows)))
            total += len(rows)
        assert [number for number, _ in registry.entries(0)] == list(range(1, total + 1)) != []
        for summary in registry.environments():
            assert len(registry.verdicts(summary.id)) == len(Stage) - 1
            assert len(registry.history(summary.id)) == 1
    with contextlib.closing(sqlite3.connect(where)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


# What cannot be opened, and why


def refused(where: str | Path, **options: Any) -> str:
    with pytest.raises(RegistryError) as caught:
        Registry.open(where, **options).close()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    missing = tmp_path / "library.db"
    assert f"envforge registry init {missing}" in refused(missing)
    assert f"envforge registry init {missing}" in refused(missing, read_only=True, create=True)
    assert "make it first" in refused(tmp_path / "no" / "library.db", create=True)
    assert "is a folder" in refused(tmp_path, create=True)
    assert not missing.exists()
    missing.touch()
    assert "is an empty database" in refused(missing)
    Registry.open(missing, create=True).close()
    assert not create(missing), "it was there"
    Registry.open(f"sqlite:///{missing}").close()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("words " * 1000)
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE albums (id INTEGER)")
        connection.commit()
    migrated = tmp_path / "migrated.db"
    with contextlib.closing(sqlite3.connect(migrated)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.commit()
    before = [path.read_bytes() for path in (words, other, migrated)]
    for create_too in (False, True):
        assert "not an SQLite database" in refused(words, create=create_too)
        assert "another application" in refused(other, create=create_too)
        assert "another application" in refused(migrated, create=create_too)
    with pytest.raises(RegistryError, match="another application"):
        upgrade(other)
    assert [path.read_bytes() for path in (words, other, migrated)] == before


def test_urls_that_lead_nowhere() -> None:
    assert "cannot be read" in refused("://")
    assert "names no file" in refused("sqlite://", create=True)
    assert "no driver" in refused("nosuch://host/database")
    message = refused("postgresql://me:secret@localhost:1/none")
    assert "cannot be reached" in message
    assert "secret" not in message


@contextlib.contextmanager
def without_privileges() -> Iterator[Path]:
    """A folder of our own, as a user whom file permissions bind."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def test_read_only_files_and_folders() -> None:
    with without_privileges() as folder:
        path = folder / "library.db"
        with Registry.open(path, create=True) as registry:
            id = seed(registry, "a")
        path.chmod(0o444)
        assert "is read-only" in refused(path)
        path.chmod(0o644)
        folder.chmod(0o555)
        assert f"the folder {folder}" in refused(path)
        assert f"the folder {folder}" in refused(folder / "new.db", create=True)
        with Registry.open(path, read_only=True) as registry:
            assert registry.environment(id).status == "admitted"
            with pytest.raises(RegistryError, match="opened for reading only"):
                seed(registry, "b")
        path.chmod(0o000)
        assert refused(path, read_only=True)
        folder.chmod(0o755)
        path.chmod(0o644)
        with Registry.open(path) as writer, Registry.open(path, read_only=True) as reader:
            late = seed(writer, "b")
            assert reader.environment(late).id == late
            path.chmod(0o444)


def test_a_full_database_says_so_and_stays_whole(tmp_path: Path) -> None:
    with Registry.open(tmp_path / "library.db", create=True) as registry:
        run = registry.start_run(**RUN)
        with registry._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")
        written = 0
        with pytest.raises(RegistryError, match=r"the disk that holds the registry .* is full"):
            for written in range(1000):
                write(registry, run, written, examined(written), "validated")
    with Registry.open(tmp_path / "library.db") as registry:
        assert len(registry.proposals(run)) == len(registry.entries(0)) == written > 0


FILL = """
import sys
sys.path.insert(0, {tests!r})
from test_registry import *
try:
    registry = Registry.open("{folder}/library.db", create=True)
    run = registry.start_run(**RUN)
    for number in range(1000):
        write(registry, run, number, examined(number), "validated")
except RegistryError as error:
    print(error)
(Path("{folder}") / "ballast").unlink()
with Registry.open("{folder}/library.db", create=True) as registry:
    recorded = sum(len(registry.proposals(run.id)) for run in registry.runs())
    assert recorded == len(registry.entries(0)), recorded
    print(recorded)
"""


@pytest.mark.parametrize("kilobytes", [4, 40, 200, 600])
def test_a_full_disk(tmp_path: Path, kilobytes: int) -> None:
    enter = (
        ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-root-user"]
    )
    mount = f"mount -t tmpfs -o size=1200k none {tmp_path}"
    try:
        possible = subprocess.run([*enter, "sh", "-c", mount], check=False).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("a small disk cannot be mounted here; the test before this one stands in for it")
    ballast = f"head -c {(1200 - kilobytes) * 1024} /dev/zero > {tmp_path}/ballast"
    script = FILL.format(tests=str(Path(__file__).parent), folder=tmp_path)
    done = subprocess.run(
        [*enter, "sh", "-c", f'{mount} && {ballast} && exec "$0" -c "$1"', sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said, recorded = done.stdout.splitlines()
    assert "is full" in said or "disk full" in said
    assert int(recorded) < 1000


# The schema


@pytest.fixture
def later_schema(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The installation as the next release may be: a second migration, which makes a table anew."""
    folder = tmp_path / "db"
    shutil.copytree(data_folder("db"), folder)
    (folder / "versions" / "0004_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision, down_revision, branch_labels, depends_on = '0004', '0003', None, None\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('environments', recreate='auto') as batch:\n"
        "        batch.add_column(sa.Column('colour', sa.Text()))\n"
        "        batch.alter_column('title', type_=sa.String(500))\n"
        "def downgrade():\n"
        "    with op.batch_alter_table('environments') as batch:\n"
        "        batch.drop_column('colour')\n"
    )
    monkeypatch.setattr(schema, "data_folder", lambda name: folder)
    monkeypatch.setattr(schema, "HEAD", "0004")


def test_the_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(schema.configuration()).get_heads() == [schema.HEAD]


def test_migrations_make_the_tables_of_the_orm(where: str, registry: Registry) -> None:
    with registry._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
    if registry._engine.dialect.name == "sqlite":  # checks are not compared by Alembic
        made = connect(place("sqlite:///" + registry.name + ".orm"), "rwc")
        Base.metadata.create_all(made)
        definitions = "SELECT sql FROM sqlite_master WHERE sql LIKE '%CHECK%' ORDER BY name"

        def checks(engine: Any) -> list[str]:
            with engine.connect() as connection:
                return sorted(
                    part.strip(" ,")
                    for row in connection.exec_driver_sql(definitions)
                    for part in row[0].splitlines()
                    if "CHECK" in part
                )

        assert checks(made) == checks(registry._engine) != []
        made.dispose()


def test_migrations_go_down_and_up(where: str) -> None:
    create(where)
    engine = connect(place(where), foreign_keys=False)
    with writing(engine).connect() as connection:
        command.downgrade(schema.configuration(connection), "base")
        connection.commit()
    assert "empty database" in refused(where) or "another application" in refused(where)
    with writing(engine).connect() as connection:
        command.upgrade(schema.configuration(connection), "head")
        connection.commit()
    engine.dispose()
    with Registry.open(where) as registry:
        seed(registry, "a")


def test_an_older_registry_waits_for_its_upgrade(where: str, request: pytest.FixtureRequest) -> None:
    with Registry.open(where, create=True) as registry:
        parent = seed(registry, "a")
        run = registry.start_run(**RUN)
        child = write(registry, run, 0, examined("b"), "validated", parent)
    assert upgrade(where) == ("0003", "0003")
    request.getfixturevalue("later_schema")
    for create_too in (False, True):
        assert "run: envforge registry upgrade" in refused(where, create=create_too)
    assert upgrade(where) == ("0003", "0004")
    with Registry.open(where) as registry:
        assert registry.environment(child).parents == (parent,)
        assert [entry.program.id for _, entry in registry.entries(0)] == [parent, child]
    request.getfixturevalue("monkeypatch").undo()
    for create_too in (False, True):
        assert "newer envforge (revision 0004)" in refused(where, create=create_too)
    with pytest.raises(RegistryError, match="newer envforge"):
        upgrade(where)


def test_a_migration_that_fails_changes_nothing(where: str, later_schema: None, tmp_path: Path) -> None:
    script = tmp_path / "db" / "versions" / "0004_next.py"
    script.write_text(
        script.read_text().replace("def downgrade", "    op.drop_table('nothing')\ndef downgrade")
    )
    with pytest.raises(RegistryError, match="nothing"):
        create(where)
    assert "is an empty database" in refused(where)


def test_sqlite_runs_as_promised(tmp_path: Path) -> None:
    with (
        Registry.open(tmp_path / "a b%20?#.db", create=True) as registry,
        registry._engine.connect() as connection,
    ):
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 30_000}
    assert (tmp_path / "a b%20?#.db").is_file()
