"""What training leaves in the registry, and held-out environments, on real files (and on PostgreSQL, see
test_registry.py)."""

from __future__ import annotations

import contextlib
import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
import test_pool
import test_registry
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from test_pool import Library, play, scores_of, state_of
from test_registry import RUN, examined, seed, write
from typer.testing import CliRunner

from envforge.cli.app import application
from envforge.config import Config, PoolConfig
from envforge.errors import RegistryError, UsageError
from envforge.growth import Growth, resumable
from envforge.novelty import NoveltyGate
from envforge.pool import Pool
from envforge.registry import (
    EvaluationRecord,
    Registry,
    StepEnvironment,
    StepRecord,
    create,
    schema,
    upgrade,
)
from envforge.registry.engine import connect, place, writing
from envforge.sandbox import Sandbox
from envforge.verdict import LevelResult, Stage

where = test_registry.where
registry = test_registry.registry
library = test_pool.library


def step(number: int, *environments: StepEnvironment, **metrics: float | None) -> StepRecord:
    return StepRecord(number, metrics, environments)


def part(environment: str, difficulty: int = 0, **changes: Any) -> StepEnvironment:
    values: dict[str, Any] = {
        "groups": 2,
        "live_groups": 1,
        "responses": 15,
        "accuracy": 7 / 15,
        "reward": 0.25,
        "format_failures": 3,
        "tokens": 41.5,
        "entropy": 1.125,
    }
    return StepEnvironment(environment, difficulty, **{**values, **changes})


def result(subject: str, difficulty: int = 0, **changes: Any) -> LevelResult:
    values: dict[str, Any] = {
        "title": "A title.",
        "tags": ("graphs", "dp"),
        "split": "held-out",
        "samples": 4,
        "passes": (0, 4, 1),
        "total": 5.5,
        "seeds": (0, 2**63 - 1, 17),
        "format_failures": 2,
        "tokens": 2**40,
        "lost": 1,
    }
    return LevelResult(subject=subject, difficulty=difficulty, **{**values, **changes})


# Runs of two kinds


def test_a_run_has_a_kind(registry: Registry) -> None:
    grown = registry.start_run(**RUN)
    trained = registry.start_run(**RUN, kind="train")
    assert [run.kind for run in registry.runs()] == ["grow", "train"]
    assert registry.run(trained).kind == "train"
    newest, newest_trained = registry.latest_unfinished_run(), registry.latest_unfinished_run("train")
    assert newest is not None and newest.id == grown
    assert newest_trained is not None and newest_trained.id == trained
    registry.finish_run(trained, "finished")
    assert registry.latest_unfinished_run("train") is None
    assert registry.latest_unfinished_run() == newest
    with pytest.raises(ValueError, match="grow, train"):
        registry.start_run(**RUN, kind="eval")
    with pytest.raises(IntegrityError), writing(registry._engine).begin() as connection:
        connection.execute(text("UPDATE runs SET kind = 'eval'"))


def test_each_command_goes_on_with_its_own_runs(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Registry.open(path, create=True) as registry:
        grown = registry.start_run(**RUN)
        trained = registry.start_run(**RUN, kind="train")
        registry.finish_run(trained, "interrupted")
        assert resumable(registry, None).id == grown
        assert resumable(registry, None, "train").id == trained
        assert registry.run(trained).state == "running"
        registry.finish_run(trained, "failed")
        for number, kind, other in ((trained, "grow", "train"), (grown, "train", "grow")):
            with pytest.raises(UsageError, match=f"run {number} is one of 'envforge {other}'"):
                resumable(registry, number, kind)
        registry.finish_run(grown, "finished")
        with pytest.raises(UsageError, match="no unfinished run of 'envforge grow'"):
            resumable(registry, None)
        assert registry.run(trained).state == "failed", "a refusal leaves the run as it was"
    for arguments in ([], ["--run", str(trained)]):
        done = CliRunner().invoke(application(), ["grow", "--db", str(path), "--resume", *arguments])
        assert isinstance(done.exception, UsageError), done.output
    with Registry.open(path) as registry:
        assert registry.run(trained).state == "failed"


# Steps


def test_steps_come_back(registry: Registry) -> None:
    first, second = seed(registry, "a"), seed(registry, "b")
    low, high = sorted((first, second))
    run, other = registry.start_run(**RUN, kind="train"), registry.start_run(**RUN, kind="train")
    steps = [
        step(1, part(low), part(low, 3), part(high, 9), loss=0.1 + 0.2, entropy=None, tokens=2.0**53),
        step(2, loss=math.inf, grad_norm=-math.inf, reward=0),
        step(3, part(high, accuracy=None, reward=None, tokens=None, entropy=None, responses=0)),
    ]
    with registry.transaction() as transaction:
        transaction.add_steps(run, [steps[2], steps[0]])
        transaction.add_steps(other, [step(1, part(low, groups=9))])
        transaction.add_steps(run, [steps[1]])
        transaction.add_steps(run, [])
    assert registry.steps(run) == steps
    assert registry.steps(other) == [step(1, part(low, groups=9))]
    assert registry.steps(999) == []


def test_what_is_no_number_is_kept_as_far_as_it_can_be(registry: Registry) -> None:
    run, id = registry.start_run(**RUN, kind="train"), seed(registry, "a")
    with registry.transaction() as transaction:
        transaction.add_steps(run, [step(1, part(id, reward=math.nan), loss=math.nan, lr=1e-300)])
    (found,) = registry.steps(run)
    assert found.metrics["loss"] is not None and math.isnan(found.metrics["loss"])
    assert found.metrics["lr"] == 1e-300
    assert found.environments == (part(id, reward=None),)


def test_a_step_that_is_there_is_replaced(registry: Registry) -> None:
    run = registry.start_run(**RUN, kind="train")
    ids = sorted(seed(registry, name) for name in "abc")
    with registry.transaction() as transaction:
        transaction.add_steps(run, [step(n, *map(part, ids), loss=1.0) for n in (1, 2, 3)])
    again = [step(2, part(ids[1], 4), reward=0.5), step(4)]
    for _ in range(2):
        with registry.transaction() as transaction:
            transaction.add_steps(run, again)
    found = registry.steps(run)
    assert [(s.step, len(s.environments)) for s in found] == [(1, 3), (2, 1), (3, 3), (4, 0)]
    assert found[1] == again[0]


def test_steps_after_a_checkpoint_are_forgotten(registry: Registry) -> None:
    run, other = registry.start_run(**RUN, kind="train"), registry.start_run(**RUN, kind="train")
    id = seed(registry, "a")
    with registry.transaction() as transaction:
        for number in (run, other):
            transaction.add_steps(number, [step(n, part(id)) for n in range(1, 11)])
            for name, at in (("before", 0), ("plain", None), ("step 5", 5), ("step 10", 10)):
                transaction.add_evaluation(
                    policy="p", name=name, settings={}, results=[result("x")], run_id=number, step=at
                )
        transaction.forget_steps(run, after=5)
    assert [s.step for s in registry.steps(run)] == [1, 2, 3, 4, 5]
    assert [e.name for e in registry.evaluations(run)] == ["before", "plain", "step 5"]
    assert len(registry.steps(other)) == 10
    assert len(registry.evaluations(other)) == 4
    with registry.transaction() as transaction:
        transaction.forget_steps(run, after=0)
    assert registry.steps(run) == []
    assert [e.name for e in registry.evaluations(run)] == ["before", "plain"]


def test_steps_of_the_unknown_are_refused_as_a_whole(registry: Registry) -> None:
    run, id = registry.start_run(**RUN, kind="train"), seed(registry, "a")
    attempts: list[tuple[int, StepRecord, type[Exception], str]] = [
        (run, step(2, part("f" * 16)), RegistryError, "no environment f"),
        (run + 1, step(2, part(id)), RegistryError, f"no run {run + 1}"),
        (run, step(2, part(id), part(id)), RegistryError, "cannot be used"),
        (run, step(0), ValueError, "from 1"),
    ]
    for number, wrong, kind, message in attempts:
        with pytest.raises(kind, match=message), registry.transaction() as transaction:
            transaction.add_steps(run, [step(1, part(id))])
            transaction.add_steps(number, [wrong])
    with pytest.raises(RegistryError, match="no run"), registry.transaction() as transaction:
        transaction.forget_steps(999, after=1)
    assert registry.steps(run) == []


FIGURES = st.none() | st.floats(allow_nan=False) | st.integers(-(2**53), 2**53).map(float)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_history_of_writes_ends_as_the_last_of_each(registry: Registry, data: st.DataObject) -> None:
    ids = [seed(registry, name) for name in "ab"]
    run = registry.start_run(**RUN, kind="train")
    expected: dict[int, StepRecord] = {}
    for _ in range(data.draw(st.integers(1, 5))):
        if data.draw(st.booleans()):
            after = data.draw(st.integers(0, 6))
            with registry.transaction() as transaction:
                transaction.forget_steps(run, after)
            expected = {number: kept for number, kept in expected.items() if number <= after}
            continue
        steps = [
            step(
                data.draw(st.integers(1, 6)),
                *(part(id, level, reward=data.draw(FIGURES)) for id in sorted(ids) for level in (0, 2)),
                **data.draw(st.dictionaries(st.sampled_from(("loss", "met_L1", "é")), FIGURES)),
            )
            for _ in range(data.draw(st.integers(0, 3)))
        ]
        with registry.transaction() as transaction:
            transaction.add_steps(run, steps)
        expected |= {written.step: written for written in steps}
    assert registry.steps(run) == [expected[number] for number in sorted(expected)]


# Evaluations


def test_evaluations_come_back(registry: Registry) -> None:
    run = registry.start_run(**RUN, kind="train")
    results = (
        result("b" * 16, 3),
        result("gym:reasoning_gym/chain_sum", split="other", passes=(), seeds=(), tags=(), total=0.0),
        result("a" * 16, 0, total=0.1 + 0.2),
    )
    with registry.transaction() as transaction:
        first = transaction.add_evaluation(
            policy="m@1", name="before", settings={"k": [1, 4]}, results=results, run_id=run, step=0
        )
        alone = transaction.add_evaluation(policy="m@2", name="", settings={}, results=[])
    found = registry.evaluations()
    assert found == [
        EvaluationRecord(first, run, 0, "m@1", "before", {"k": [1, 4]}, results, found[0].created_at),
        EvaluationRecord(alone, None, None, "m@2", "", {}, (), found[1].created_at),
    ]
    assert found[0].created_at.tzinfo is not None
    assert registry.evaluations(run) == found[:1]
    assert registry.evaluations(run + 1) == []


def test_an_evaluation_of_the_same_name_is_replaced_in_its_run(registry: Registry) -> None:
    run, other = registry.start_run(**RUN, kind="train"), registry.start_run(**RUN, kind="train")

    def add(name: str, run_id: int | None, subject: str) -> int:
        with registry.transaction() as transaction:
            return transaction.add_evaluation(
                policy="p", name=name, settings={}, results=[result(subject)] * 2, run_id=run_id
            )

    add("before", run, "old")
    kept = [
        add("after", run, "kept"),
        add("before", other, "kept"),
        add("", None, "one"),
        add("", None, "two"),
    ]
    assert len(set(kept)) == 4
    add("before", run, "new")
    assert {(e.run, e.name, e.results[0].subject) for e in registry.evaluations()} == {
        (run, "before", "new"),
        (run, "after", "kept"),
        (other, "before", "kept"),
        (None, "", "one"),
        (None, "", "two"),
    }
    assert all(len(e.results) == 2 for e in registry.evaluations())
    with registry._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM evaluation_results")).scalar() == 10
    with pytest.raises(RegistryError, match="no run 99"):
        add("before", 99, "x")


# Held-out environments in the registry


def test_held_out_environments_are_known_with_their_reasons(registry: Registry) -> None:
    ids = [seed(registry, name) for name in "abc"]
    run = registry.start_run(**RUN, kind="train")
    with registry.transaction() as transaction:
        assert transaction.hold_out([ids[2], ids[0], ids[2]], "the recipe's", run) == [ids[2], ids[0]]
    with registry.transaction() as transaction:
        assert transaction.hold_out(ids[:2], "the recipe's", run) == [ids[1]]
        assert transaction.hold_out([ids[0]], "by hand") == [], "it was before; the reason is new"
        assert transaction.hold_out([], "nothing") == []
    assert registry.held_out() == {
        ids[0]: "by hand", ids[1]: "the recipe's", ids[2]: "the recipe's",
    }  # fmt: skip
    assert {registry.status(id) for id in ids} == {"admitted"}
    with registry.transaction() as transaction:
        assert transaction.release([ids[1], ids[0]], "done") == [ids[1], ids[0]]
        assert transaction.release([ids[0]]) == []
    assert list(registry.held_out()) == [ids[2]]
    changes = [(c.old, c.new, c.reason, c.run) for c in registry.history(ids[0])]
    assert changes == [
        (None, "admitted", "seed a.py", None),
        ("admitted", "admitted", "held out: the recipe's", run),
        ("admitted", "admitted", "held out: by hand", None),
        ("admitted", "admitted", "no longer held out: done", None),
    ]


def test_what_cannot_be_held_out_is_refused_as_a_whole(registry: Registry) -> None:
    good = seed(registry, "a")
    run = registry.start_run(**RUN)
    bad = write(registry, run, 0, examined("bad", failing=Stage.L2), "rejected")
    for ids, message in (([good, "f" * 16], "no environment f"), ([good, bad], "never accepted")):
        with pytest.raises(RegistryError, match=message), registry.transaction() as transaction:
            transaction.hold_out(ids, "why")
    with pytest.raises(RegistryError, match="no environment"), registry.transaction() as transaction:
        transaction.release(["f" * 16])
    with pytest.raises(RegistryError, match="no run 99"), registry.transaction() as transaction:
        transaction.hold_out([good], "why", 99)
    assert registry.held_out() == {}
    assert len(registry.history(good)) == 1


# Held-out environments and the pool


CONTROLLERS = ["window", "ladder", "bandit"]


def held(library: Library, *ids: str, reason: str = "test split") -> None:
    with library.registry.transaction() as transaction:
        transaction.hold_out(ids, reason)


def released(library: Library, *ids: str) -> None:
    with library.registry.transaction() as transaction:
        transaction.release(ids)


def drawn(pool: Pool, batches: int = 60) -> set[str]:
    return {ticket.environment for ticket in play(pool, batches)}


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_the_held_out_are_never_drawn(library: Library, controller: str) -> None:
    ids = library.family(3, 9)
    out = {ids[0], ids[4], ids[7]}
    held(library, *out)
    pool = Pool(library.registry, PoolConfig(controller=controller, patience=6, probe_every=20))
    late = library.child("late", ids[1])
    later = library.child("later", ids[1])
    held(library, later)
    seen: set[str] = set()
    for _ in range(4):
        pool.refresh()
        seen |= drawn(pool)
        pool.save()
    assert seen == (set(ids) | {late}) - out
    assert {member.id for member in pool.members} == seen
    assert {row.environment for row in library.registry.pool().members} == seen


@pytest.mark.parametrize("controller", CONTROLLERS)
@pytest.mark.parametrize("reopened", [False, True])
def test_members_that_are_held_out_leave_and_come_back(
    library: Library, controller: str, reopened: bool
) -> None:
    ids = library.family(3, 9)
    config = PoolConfig(controller=controller, patience=6, probe_every=20)
    pool = Pool(library.registry, config)
    assert drawn(pool) == set(ids)
    pool.save()
    out = {ids[1], ids[5]}
    held(library, *out)
    if reopened:
        pool = Pool(library.registry, config)
    else:
        refreshed = pool.refresh()
        assert (refreshed.joined, set(refreshed.left)) == ((), out)
        assert pool.refresh().left == ()
    seen = drawn(pool)
    assert seen and not seen & out
    assert all(chance == 0 for id, chance in pool.chances().items() if id in out)
    pool.save()
    members = {row.environment: row for row in library.registry.pool().members}
    for id in out:
        assert (members[id].state, members[id].reason) == ("retired", "held out: test split")
        assert library.registry.status(id) == "admitted", "holding out is the pool's business alone"
    released(library, *out)
    assert set(pool.refresh().joined) == out
    assert out <= drawn(pool)


def test_a_pool_of_held_out_environments_is_empty(library: Library) -> None:
    ids = library.family(2, 2)
    held(library, *ids)
    pool = Pool(library.registry)
    assert pool.members == ()
    with pytest.raises(UsageError, match="is empty"):
        pool.draw(1)
    released(library, ids[0])
    pool.refresh()
    assert drawn(pool, 5) == {ids[0]}


def test_a_ticket_drawn_before_may_be_reported_after(library: Library) -> None:
    id = library.seed("one")
    library.seed("two")
    pool = Pool(library.registry)
    tickets = [ticket for ticket in pool.draw(8) if ticket.environment == id]
    assert tickets
    held(library, id)
    pool.refresh()
    groups = [pool.report(ticket, scores_of(ticket)) for ticket in tickets]
    assert all(group is not None for group in groups)
    (member,) = [member for member in pool.members if member.id == id]
    assert (member.state, member.groups) == ("retired", len(tickets))
    pool.save()
    assert id not in drawn(Pool(library.registry), 30)


def test_parked_and_rotated_members_leave_too(library: Library) -> None:
    kept, parked, rotated = library.seed("kept"), library.seed("parked", top=0), library.child("rotated")
    config = PoolConfig(patience=3, probe_every=5, epochs=1, epoch_groups=4)
    pool = Pool(library.registry, config)
    for _ in range(200):
        for ticket in pool.draw(1):
            pool.report(ticket, [1.0] * 4 if ticket.environment == parked else [0.0, 1.0])
    states = {member.id: member.state for member in pool.members}
    assert states == {kept: "active", parked: "parked", rotated: "rotated"}
    held(library, parked, rotated)
    assert set(pool.refresh().left) == {parked, rotated}
    assert drawn(pool, 100) == {kept}, "not even a probe"


def test_a_retirement_of_the_pool_survives_being_held_out(library: Library) -> None:
    library.seed("seed")
    dull = library.child("dull", top=0)
    config = PoolConfig(patience=2, probe_every=1, retire_after=1, seed_share=0.1)

    def retired(pool: Pool) -> None:
        for _ in range(300):
            for ticket in pool.draw(1):
                pool.report(ticket, [0.0] * 4 if ticket.environment == dull else [0.0, 1.0])
        assert {member.id: member.state for member in pool.members}[dull] == "retired"

    pool = Pool(library.registry, config)
    retired(pool)
    held(library, dull)
    assert pool.refresh().left == (), "it had left before"
    pool.save()
    assert library.registry.status(dull) == "retired"
    released(library, dull)
    for opened in (pool, Pool(library.registry, config)):
        assert opened.refresh().joined == ()
        assert dull not in drawn(opened, 30)
    record = next(e for e in library.registry.pool().environments if e.id == dull)
    assert "without success" in record.reason, "the reason of the retirement, not of the release"


def test_quarantined_while_held_out_stays_away(library: Library) -> None:
    library.seed("seed")
    id = library.child("child")
    pool = Pool(library.registry)
    held(library, id)
    pool.refresh()
    library.registry.set_status(id, "quarantined", "no good")
    released(library, id)
    pool.refresh()
    assert id not in drawn(pool, 30)
    held(library, id)
    library.registry.set_status(id, "admitted", "good after all")
    pool.refresh()
    assert id not in drawn(pool, 30)
    released(library, id)
    pool.refresh()
    assert id in drawn(pool, 30)


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_going_back_to_a_checkpoint_does_not_bring_the_held_out_in(library: Library, controller: str) -> None:
    ids = library.family(3, 6)
    config = PoolConfig(controller=controller)
    pool = Pool(library.registry, config, seed=3)
    play(pool, 20)
    checkpoint = json.loads(state_of(pool))
    play(pool, 20)
    pool.save()
    held(library, ids[0], ids[4])
    for resumed in (pool, Pool(library.registry, config, seed=3)):
        resumed.restore(checkpoint)
        assert not {ids[0], ids[4]} & drawn(resumed), "also before the pool is refreshed"
    resumed.refresh()
    resumed.save()
    members = {row.environment: row.state for row in library.registry.pool().members}
    assert {id for id, state in members.items() if state == "retired"} == {ids[0], ids[4]}


def test_a_checkpoint_of_a_pool_with_held_out_members_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    straight, broken = Library(tmp_path / "a.db"), Library(tmp_path / "b.db")
    pools = []
    for one in (straight, broken):
        ids = one.family(3, 6)
        pool = Pool(one.registry, seed=5)
        play(pool, 10)
        pool.save()
        held(one, ids[0], ids[5])
        pool.refresh()
        play(pool, 10)
        pools.append(pool)
    checkpoint = json.loads(state_of(pools[1]))
    play(pools[1], 10)
    pools[1].save()
    again = Pool(broken.registry, seed=5)
    again.restore(checkpoint)
    again.refresh()
    assert play(again, 25) == play(pools[0], 25)
    assert state_of(again) == state_of(pools[0])
    straight.registry.close()
    broken.registry.close()


@pytest.mark.parametrize("number", range(6))
def test_no_order_of_events_lets_a_held_out_environment_be_drawn(library: Library, number: int) -> None:
    chance = random.Random(number)
    ids = library.family(2, 4)
    config = PoolConfig(
        controller=CONTROLLERS[number % 3],
        patience=2,
        probe_every=4,
        retire_after=1,
        epochs=2,
        epoch_groups=6,
    )
    pool = Pool(library.registry, config)
    checkpoint, draws = json.loads(state_of(pool)), 0
    for _ in range(40):
        event = chance.choice(("hold", "hold", "release", "status", "save", "reopen", "mark", "restore"))
        id = chance.choice(ids)
        if event == "hold":
            held(library, id)
        elif event == "release":
            released(library, id)
        elif event == "status":
            library.registry.set_status(id, chance.choice(("admitted", "retired", "quarantined")), "so")
        elif event == "save":
            pool.save()
        elif event == "reopen":
            pool.save()
            pool = Pool(library.registry, config)
        elif event == "mark":
            checkpoint = json.loads(state_of(pool))
        else:
            pool.restore(checkpoint)
        pool.refresh()
        out = library.registry.held_out()
        for _ in range(8):
            if any(member.state in ("active", "parked") for member in pool.members):
                (ticket,) = pool.draw(1)
                assert ticket.environment not in out
                pool.report(ticket, scores_of(ticket))
                draws += 1
    assert draws > 40, "there was something to draw"
    pool.save()
    for id in list(library.registry.held_out()):
        released(library, id)
    pool.refresh()
    admitted = {id for id in ids if library.registry.status(id) == "admitted"}
    assert admitted <= {member.id for member in pool.members if member.state != "retired"}


class Nothing:
    """A proposer that has nothing to say."""

    name = "nothing"

    def plan(self, *_: Any) -> list[Any]:
        return []


def test_proposers_are_not_shown_the_held_out_and_novelty_still_sees_them(
    library: Library, sandbox: Sandbox
) -> None:
    ids = library.family(3, 3)
    held(library, ids[0], ids[4])
    config = Config()
    growth = Growth(library.registry, sandbox, Nothing(), NoveltyGate(config.novelty), config, None)  # type: ignore[arg-type]
    record = library.registry.run(library.registry.start_run(**RUN))
    shown, accepted = growth._libraries(record, 0)
    assert {entry.program.id for entry in shown} == set(ids) - {ids[0], ids[4]}
    assert {entry.program.id for entry in accepted} == set(ids)


# envforge registry hold-out


def hold_out(path: Path, *arguments: str) -> Any:
    done = CliRunner().invoke(
        application(), ["registry", "hold-out", "--db", str(path), *arguments], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.output) if "--json" in arguments else done.output


def test_the_command_holds_out_and_releases(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    first, second = library.seed("first"), library.seed("second")
    assert "No environment is held out" in hold_out(library.path)
    shown = hold_out(library.path, first[:6], second, "--reason", "test\x1b[31m split")
    assert "2 environments newly held out" in shown and first in shown and second in shown
    assert "\x1b[31m" not in shown
    assert library.registry.held_out() == dict.fromkeys(sorted((first, second)), "test\x1b[31m split")
    found = hold_out(library.path, second, "--json")
    assert found["changed"] == []
    assert sorted(found["held_out"], key=lambda row: str(row["title"])) == [
        {"id": first, "title": "Environment first.", "reason": "test\x1b[31m split"},
        {"id": second, "title": "Environment second.", "reason": "kept for evaluation"},
    ]
    assert "1 environment let be trained on again" in hold_out(library.path, "--release", first[:8])
    found = hold_out(library.path, "--json")
    assert (found["changed"], [row["id"] for row in found["held_out"]]) == ([], [second])


def test_one_environment_says_that_it_is_held_out(library: Library) -> None:
    id = library.seed("one")

    def show(*arguments: str) -> str:
        done = CliRunner().invoke(
            application(), ["registry", "show", id, "--db", str(library.path), *arguments]
        )
        assert done.exit_code == 0
        return done.output

    assert "held out" not in show()
    assert json.loads(show("--json"))["held_out"] is None
    held(library, id, reason="for the test split")
    assert "held out" in show() and "for the test split" in show()
    assert json.loads(show("--json"))["held_out"] == "for the test split"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--reason", "why"], "name the environments"),
        (["--release"], "name the environments"),
        (["GOOD", "ffff"], "no environment of"),
        (["GOOD", "xyz"], "is no environment id"),
        (["GOOD", "--release", "ffff"], "no environment of"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(library: Library, arguments: list[str], message: str) -> None:
    good = library.seed("one")
    assert not good.startswith("ffff")
    words = [good if word == "GOOD" else word for word in arguments]
    done = CliRunner().invoke(application(), ["registry", "hold-out", "--db", str(library.path), *words])
    assert isinstance(done.exception, RegistryError | UsageError)
    assert message in str(done.exception)
    assert done.exception.exit_code == 2
    assert library.registry.held_out() == {}


# The migration


def older(where: str) -> None:
    """A registry of revision 0002 with a row in every table that refers to runs, and a run in every state."""
    engine = connect(place(where), "rwc", foreign_keys=False)
    with writing(engine).connect() as connection:
        command.upgrade(schema.configuration(connection), "0002")
        moment = "2026-01-02 03:04:05.000006"
        for number, state in enumerate(("running", "finished", "interrupted", "failed"), 1):
            connection.execute(
                text(
                    "INSERT INTO runs (id, started_at, state, proposer, seed, config, version, isolation, base,"
                    f" policy) VALUES ({number}, '{moment}', '{state}', 'compose', {2**63 - 1}, '{{\"a\": [1]}}',"
                    " '0', '1', 0, 'm@1')"
                )
            )
        connection.execute(
            text(
                "INSERT INTO environments (id, sequence, title, kind, status, source, tags, oracle, max_difficulty,"
                " flavour, signature, origin, depth, isolation, created_run_id, created_at) VALUES"
                f" ('{'a' * 16}', 1, 'T', 'text', 'admitted', 'x', '[\"a\"]', 'equality', 9, 'bare', 's', 'a.py', 0,"
                f" '1', 3, '{moment}')"
            )
        )
        connection.execute(
            text(
                'INSERT INTO proposals (id, run_id, "index", round, environment_id, proposer, operation, outcome,'
                f" reason, created_at) VALUES (1, 3, 0, 0, '{'a' * 16}', 'compose', 'chain', 'admitted',"
                f" '', '{moment}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO status_changes (id, environment_id, old, new, reason, run_id, created_at)"
                f" VALUES (1, '{'a' * 16}', NULL, 'admitted', 'seed', 3, '{moment}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO pool_members (environment_id, state, reason, since, groups, live_groups, memory,"
                f" updated_at) VALUES ('{'a' * 16}', 'active', '', 0, 0, 0, '{{\"drawn\": []}}', '{moment}')"
            )
        )
        connection.commit()
    engine.dispose()


def contents(where: str) -> dict[str, list[tuple[Any, ...]]]:
    engine = connect(place(where))
    with engine.connect() as connection:
        found = {}
        for table in sorted(set(inspect(connection).get_table_names()) - {"alembic_version"}):
            names = [c["name"] for c in inspect(connection).get_columns(table) if c["name"] != "kind"]
            columns = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(text(f"SELECT {columns} FROM {table}")).all()
            found[table] = sorted((tuple(row) for row in rows), key=repr)
    engine.dispose()
    return found


def test_a_registry_with_rows_is_migrated(where: str) -> None:
    older(where)
    before = contents(where)
    with pytest.raises(RegistryError, match="envforge registry upgrade"):
        Registry.open(where)
    assert upgrade(where) == ("0002", "0003")
    after = contents(where)
    new = {"training_steps", "training_environments", "evaluations", "evaluation_results", "held_out"}
    assert set(after) - set(before) == new
    assert {table: rows for table, rows in after.items() if table not in new} == before
    assert all(after[table] == [] for table in new)
    with Registry.open(where) as registry:
        assert [(run.state, run.kind) for run in registry.runs()] == [
            ("running", "grow"), ("finished", "grow"), ("interrupted", "grow"), ("failed", "grow"),
        ]  # fmt: skip
        latest = registry.latest_unfinished_run()
        assert latest is not None and (latest.id, latest.seed, latest.policy) == (4, 2**63 - 1, "m@1")
        assert registry.environment("aaaa").summary.run == 3
        with registry._engine.connect() as connection:
            if registry._engine.dialect.name == "sqlite":
                assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        for change in ("kind = 'other'", "state = 'other'"):
            with pytest.raises(IntegrityError), writing(registry._engine).begin() as connection:
                connection.execute(text(f"UPDATE runs SET {change}"))
        if (
            registry._engine.dialect.name == "sqlite"
        ):  # the row's own id was given above, past PostgreSQL's counter
            run = registry.start_run(**RUN, kind="train")
            with registry.transaction() as transaction:
                transaction.add_steps(run, [step(1, part("a" * 16))])
                transaction.hold_out(["a" * 16], "why", run)
            assert registry.steps(run) == [step(1, part("a" * 16))]


def test_the_migration_goes_back(where: str) -> None:
    older(where)
    before = contents(where)
    upgrade(where)
    engine = connect(place(where), foreign_keys=False)
    with writing(engine).connect() as connection:
        command.downgrade(schema.configuration(connection), "0002")
        connection.commit()
        columns = {column["name"] for column in inspect(connection).get_columns("runs")}
        assert "kind" not in columns
    engine.dispose()
    assert contents(where) == before
    assert upgrade(where) == ("0002", "0003")
    assert not create(where)


@pytest.mark.parametrize("table", ["training_steps", "evaluations", "held_out", "evaluation_results"])
def test_rows_of_training_need_what_they_refer_to(registry: Registry, table: str) -> None:
    """The database itself holds the references, whoever writes."""
    values = {
        "training_steps": "(run_id, step, metrics, created_at) VALUES (99, 1, '{}', '2026-01-01')",
        "evaluations": "(run_id, policy, name, settings, created_at) VALUES (99, 'p', 'n', '{}', '2026-01-01')",
        "held_out": "(environment_id, reason, created_at) VALUES ('f', '', '2026-01-01')",
        "evaluation_results": "(evaluation_id, position, subject, title, tags, split, difficulty, samples, passes,"
        " total, seeds, format_failures, tokens, lost) VALUES (9, 0, '', '', '[]', '', 0, 1, '[]', 0, '[]', 0, 0, 0)",
    }
    with pytest.raises(IntegrityError), writing(registry._engine).begin() as connection:
        connection.execute(text(f"INSERT INTO {table} {values[table]}"))


def test_a_killed_transaction_leaves_no_half_of_a_step(registry: Registry) -> None:
    run, id = registry.start_run(**RUN, kind="train"), seed(registry, "a")
    with registry.transaction() as transaction:
        transaction.add_steps(run, [step(1, part(id), loss=1.0)])
    with contextlib.suppress(KeyboardInterrupt), registry.transaction() as transaction:
        transaction.add_steps(run, [step(1, loss=2.0), step(2, part(id))])
        transaction.add_evaluation(policy="p", name="after", settings={}, results=[result("x")], run_id=run)
        transaction.hold_out([id], "why")
        raise KeyboardInterrupt
    assert registry.steps(run) == [step(1, part(id), loss=1.0)]
    assert (registry.evaluations(), registry.held_out()) == ([], {})
