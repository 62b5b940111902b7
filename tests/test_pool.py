"""The live pool on real registries, with simulated scores."""

from __future__ import annotations

import dataclasses
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from envforge.cli import display
from envforge.cli.app import application
from envforge.config import PoolConfig
from envforge.contract import Flavour, Oracle, Profile, Program, Proposal, content_id, derive_seed
from envforge.errors import RegistryError, UsageError
from envforge.pool import Pool, Ticket
from envforge.pool.sampling import coverage, is_seed_slot
from envforge.registry import Registry
from envforge.verdict import Examination, Stage, Verdict


def examined(name: str, tags: Sequence[str], top: int) -> Examination:
    """A program of this title that passed everything."""
    source = f'"""Environment {name}."""\n'
    program = Program(
        id=content_id(source),
        source=source,
        title=f"Environment {name}.",
        tags=tuple(tags),
        oracle=Oracle.EQUALITY,
        max_difficulty=top,
        flavour=Flavour.BARE,
        signature=name.rjust(64, "0"),
        shingles=frozenset(),
    )
    profile = Profile(True, (0, 9), (), (0.1,) * (top + 1), frozenset(), frozenset({"9"}))
    verdicts = tuple(Verdict(stage, True) for stage in list(Stage)[1:6])
    return Examination(source, program.id, verdicts, program, profile)


class Library:
    """A registry in the making."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.registry = Registry.open(path, create=True)
        self.run = self.registry.start_run(
            proposer="compose", seed=0, config={}, version="0", isolation="1", command=None
        )
        self.count = 0

    def seed(self, name: str, tags: Sequence[str] = ("a",), top: int = 9) -> str:
        examination = examined(name, tags, top)
        with self.registry.transaction() as transaction:
            transaction.add_seed(examination, f"{name}.py")
        return examination.id

    def child(
        self, name: str, *parents: str, tags: Sequence[str] = ("a",), top: int = 9, status: str = "admitted"
    ) -> str:
        examination = examined(name, tags, top)
        with self.registry.transaction() as transaction:
            transaction.record(
                self.run,
                Proposal(self.count, "compose", name, examination.source, parents),
                examination,
                status,
                None,
                origin="compose",
                depth=1,
            )
        self.count += 1
        return examination.id

    def family(self, seeds: int = 3, children: int = 6) -> list[str]:
        ids = [self.seed(f"seed {index}", ("a", f"t{index}")) for index in range(seeds)]
        return ids + [
            self.child(f"child {index}", ids[index % seeds], tags=(f"t{index % 4}", "b"), top=index % 5)
            for index in range(children)
        ]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "library.db")
    yield made
    made.registry.close()


def scores_of(ticket: Ticket, size: int = 8) -> list[float | None]:
    """What a solver of some ability does with this instance; now and then a score is missing."""
    chance = random.Random(ticket.seed)
    right = 1 / (1 + math.exp(ticket.difficulty - int(ticket.environment[0], 16) / 3))
    return [None if chance.random() < 0.05 else float(chance.random() < right) for _ in range(size)]


def play(pool: Pool, batches: int, size: int = 4) -> list[Ticket]:
    """Draw and report; None of it is saved."""
    found: list[Ticket] = []
    for _ in range(batches):
        tickets = pool.draw(size)
        for ticket in tickets:
            pool.report(ticket, scores_of(ticket))
        found += tickets
    return found


def answer(pool: Pool, score: float, number: int = 1) -> None:
    """So many groups with nothing but this score."""
    for _ in range(number):
        for ticket in pool.draw(1):
            pool.report(ticket, [score] * 4)


def state_of(pool: Pool) -> str:
    return json.dumps(pool.state(), sort_keys=True)


# The same after a restart


@pytest.mark.parametrize("controller", ["window", "ladder", "bandit"])
def test_a_pool_that_is_opened_again_goes_on_as_if_it_had_not_been_closed(
    tmp_path: Path, controller: str
) -> None:
    config = PoolConfig(
        controller=controller, patience=6, probe_every=20, retire_after=1, epochs=3, epoch_groups=4
    )
    straight, broken = Library(tmp_path / "a.db"), Library(tmp_path / "b.db")
    assert straight.family() == broken.family()
    pool = Pool(straight.registry, config, seed=7)
    expected = play(pool, 50)
    pool.save()

    chance, found = random.Random(3), []
    for part in (1, 4, 1, 9, 15, 2, 18):
        again = Pool(broken.registry, config, seed=7)
        found += play(again, part)
        if chance.random() < 0.5:
            again.save()
        again.save()
        again.save()  # nothing to do
    assert found == expected
    assert state_of(Pool(broken.registry, config, 7)) == state_of(pool) == state_of(again)
    rows = [lib.registry.pool(1000) for lib in (straight, broken)]
    assert (rows[0].members, rows[0].newest) == (rows[1].members, rows[1].newest)
    assert [group.number for group in rows[0].newest] == list(range(1, pool.groups + 1))
    assert {member.state for member in pool.members} >= {"active", "rotated"}, "the story has something in it"


def test_tickets_of_before_a_restart_are_reported_after_it(library: Library) -> None:
    library.family()
    pool = Pool(library.registry)
    tickets = pool.draw(6)
    for ticket in tickets[:3]:
        pool.report(ticket, scores_of(ticket))
    pool.save()
    again = Pool(library.registry)
    for ticket in tickets[3:]:
        pool.report(ticket, scores_of(ticket))
        again.report(ticket, scores_of(ticket))
    assert state_of(again) == state_of(pool)
    assert again.draw(5) == pool.draw(5)


def test_what_was_not_saved_is_drawn_again(library: Library) -> None:
    library.family()
    first = play(Pool(library.registry, seed=1), 5)
    assert play(Pool(library.registry, seed=1), 5) == first
    assert play(Pool(library.registry, seed=2), 5) != first


def test_a_checkpoint_takes_the_registry_back(library: Library) -> None:
    """A learner resumes from a checkpoint that is older than what the registry holds."""
    config = PoolConfig(patience=3, probe_every=5, retire_after=1)
    library.family()
    flat = library.child("flat", tags=("flat",))
    pool = Pool(library.registry, config, seed=5)

    def stretch(pool: Pool) -> list[Ticket]:
        found = []
        for _ in range(60):
            tickets = pool.draw(4)
            for ticket in tickets:
                pool.report(ticket, [0.5] * 4 if ticket.environment == flat else scores_of(ticket))
            found += tickets
        pool.save()
        return found

    play(pool, 5)
    pool.save()
    checkpoint = json.loads(json.dumps(pool.state()))
    first, end, rows = stretch(pool), state_of(pool), library.registry.pool(1000)
    assert library.registry.status(flat) == "retired"
    again = Pool(library.registry, config, seed=5)
    again.restore(checkpoint)
    again.refresh()
    assert json.loads(state_of(again)) == checkpoint
    again.save()
    assert library.registry.pool(1000).mark.groups == checkpoint["groups"]
    assert library.registry.status(flat) == "admitted"
    again = Pool(library.registry, config, seed=5)
    assert stretch(again) == first
    assert state_of(again) == end
    assert (library.registry.pool(1000).members, library.registry.pool(1000).newest) == (
        rows.members,
        rows.newest,
    )
    with pytest.raises(UsageError, match="seed 5, here 6"):
        Pool(library.registry, config, seed=6).restore(checkpoint)
    checkpoint["members"]["0" * 16] = checkpoint["members"][flat]
    with pytest.raises(UsageError, match="0000000000000000, which"):
        again.restore(checkpoint)


def test_two_processes_cannot_both_save(library: Library) -> None:
    library.family()
    with Registry.open(library.path) as other:
        mine, theirs = Pool(library.registry, seed=1), Pool(other, seed=2)
        play(mine, 1)
        play(theirs, 1)
        mine.save()
        before = library.registry.pool(100)
        with pytest.raises(RegistryError, match="another process has used this registry's pool"):
            theirs.save()
        assert library.registry.pool(100) == before, "nothing of the second one was written"
        play(mine, 1)
        mine.save()
        third = Pool(other, seed=2)
        third.draw(1)
        mine.draw(1)
        third.save()
        with pytest.raises(RegistryError, match="one process"):
            mine.save()


def test_a_registry_opened_for_reading_can_be_looked_at(library: Library) -> None:
    library.family()
    with Registry.open(library.path, read_only=True) as opened:
        pool = Pool(opened)
        assert len(pool.draw(3)) == 3
        with pytest.raises(RegistryError, match="reading only"):
            pool.save()


# Tickets


def test_instances_are_never_repeated(library: Library) -> None:
    library.family()
    tickets = play(Pool(library.registry), 250)
    assert [ticket.number for ticket in tickets] == list(range(1, 1001))
    assert len({(ticket.environment, ticket.difficulty, ticket.seed) for ticket in tickets}) == 1000
    counts: Counter[tuple[str, int]] = Counter()
    for ticket in tickets:
        key = ticket.environment, ticket.difficulty
        assert ticket.seed == derive_seed("train", *key, counts[key])
        counts[key] += 1


def test_scores_that_are_missing_are_left_out(library: Library) -> None:
    library.seed("only")
    pool = Pool(library.registry)
    tickets = iter(pool.draw(9))
    before = {key: value for key, value in pool.state().items() if key != "members"}
    assert pool.report(next(tickets), []) is None
    assert pool.report(next(tickets), [None, None]) is None
    assert pool.report(next(tickets), [1.0, None]) is None
    assert {key: value for key, value in pool.state().items() if key != "members"} == before
    assert pool.members[0].groups == 0
    group = pool.report(next(tickets), [1.0, None, 0.0, 0.5, 0.5], policy="v1")
    assert group is not None
    assert (group.number, group.size, group.accuracy, group.live) == (1, 4, 0.5, True)
    group = pool.report(next(tickets), [0.1 + 0.2, 0.3, None])
    assert group is not None
    assert (group.number, group.live) == (2, False), "rounding is no difference"
    pool.save()
    assert [(row.policy, row.live) for row in library.registry.pool(9).newest] == [
        ("v1", True),
        (None, False),
    ]
    assert pool.effective_prompt_ratio() == pool.recent_effective_prompt_ratio() == 0.5


def test_reports_that_cannot_be_are_refused(library: Library) -> None:
    library.seed("only")
    pool = Pool(library.registry)
    ticket, other = pool.draw(2)
    for changes in ({"number": 3}, {"environment": "0" * 16}, {"difficulty": 10}, {"difficulty": -1}):
        with pytest.raises(ValueError, match="not drawn from this pool"):
            pool.report(dataclasses.replace(ticket, **changes), [0.0, 1.0])
    for score in (-0.1, 1.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="from 0 to 1"):
            pool.report(other, [score, 0.5])
    assert pool.report(ticket, [0.0, 1.0]) is not None
    with pytest.raises(ValueError, match="reported before"):
        pool.report(ticket, [0.0, 1.0])
    assert pool.report(other, [0.0, 1.0]) is not None


def test_an_empty_pool_says_what_to_do(library: Library) -> None:
    library.child("validated", status="validated")
    pool = Pool(library.registry)
    assert pool.members == ()
    with pytest.raises(UsageError, match="admit environments first"):
        pool.draw(1)


# Sampling


@given(st.floats(0, 1), st.integers(1, 3000), st.integers(0, 300))
def test_seed_slots_keep_the_share_in_every_window(share: float, start: int, length: int) -> None:
    held = sum(is_seed_slot(number, share) for number in range(start, start + length))
    assert held >= math.floor(share * length - 1e-3)
    assert sum(is_seed_slot(number, share) for number in range(1, length + 1)) >= share * length - 1e-3


@pytest.mark.parametrize("controller", ["window", "bandit"])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.37, 1.0])
def test_seeds_keep_their_share(library: Library, controller: str, share: float) -> None:
    """One seed among 41 environments, in every prefix and every window of 20 draws."""
    seed = library.seed("seed")
    for index in range(40):
        library.child(f"child {index}", seed)
    pool = Pool(library.registry, PoolConfig(seed_share=share, controller=controller))
    drawn = [ticket.environment == seed for ticket in play(pool, 60)]
    for end in range(1, len(drawn) + 1):
        assert sum(drawn[:end]) >= share * end - 1e-9
        assert end < 20 or sum(drawn[end - 20 : end]) >= math.floor(share * 20)
    assert sum(drawn) / len(drawn) < share + 0.1 * (1 - share) + 0.05, (
        "and do not take more than their chance"
    )


def test_a_small_tag_is_not_drowned(library: Library) -> None:
    """50 environments of one tag and two of another, in families of the same sizes."""
    first, second = library.seed("first", ("crowd",)), library.seed("second", ("rare",))
    for index in range(49):
        library.child(f"crowd {index}", first, tags=("crowd",))
    library.child("rare", second, tags=("rare",))
    pool = Pool(library.registry, PoolConfig(seed_share=0.0))
    rare = {member.id for member in pool.members if "rare" in member.environment.tags}
    covered = coverage(pool.members)
    assert sum(covered.values()) == pytest.approx(1)
    assert sum(covered[id] for id in rare) == pytest.approx(0.5)
    drawn = Counter(ticket.environment in rare for ticket in pool.draw(400))
    assert 0.4 < drawn[True] / 400 < 0.6
    assert sum(pool.chances().values()) == pytest.approx(1)


def test_what_is_never_live_is_drawn_less_and_not_never(library: Library) -> None:
    dull, lively = library.seed("dull"), library.seed("lively")
    pool = Pool(library.registry, PoolConfig(patience=100_000))
    counts: Counter[str] = Counter()
    for _ in range(600):
        (ticket,) = pool.draw(1)
        pool.report(ticket, [1.0, 1.0] if ticket.environment == dull else [0.0, 1.0])
        counts[ticket.environment] += 1
    assert 0.05 < counts[dull] / 600 < 0.3
    assert counts[dull] + counts[lively] == 600
    chances = pool.chances()
    assert chances[dull] == pytest.approx(0.1 / 2 + 0.9 * (1 / 17) / (1 + 1 / 17))


def test_the_bandit_shares_arms_among_environments_of_a_category(library: Library) -> None:
    """What one environment shows of a category counts for another that was never tried."""
    for index in range(3):
        library.seed(f"good {index}", ("good",))
        library.seed(f"bad {index}", ("bad",))
    pool = Pool(library.registry, PoolConfig(controller="bandit", bandit_temperature=0.1, patience=1000))
    good = {member.id for member in pool.members if member.category == "good"}
    for _ in range(200):
        (ticket,) = pool.draw(1)
        pool.report(ticket, [0.0, 1.0] if ticket.environment in good else [0.0, 0.0])
    pool.save()
    library.seed("good new", ("good",))
    library.seed("bad new", ("bad",))
    pool = Pool(library.registry, PoolConfig(controller="bandit", bandit_temperature=0.1, patience=1000))
    new = {member.category: pool.chances()[member.id] for member in pool.members if not member.groups}
    assert new["good"] > 4 * new["bad"]


# Coming and going


def test_what_is_admitted_later_comes_in(library: Library) -> None:
    library.seed("first")
    pool = Pool(library.registry)
    waiting = library.child("waiting", status="validated")
    play(pool, 3)
    assert pool.refresh().joined == ()
    late = library.child("late")
    library.registry.set_status(waiting, "admitted", "calibrated")
    assert set(pool.refresh().joined) == {waiting, late}
    assert {ticket.environment for ticket in play(pool, 20)} >= {waiting, late}
    assert next(member.since for member in pool.members if member.id == late) == pool.groups - 80


def test_what_is_quarantined_elsewhere_goes_and_comes_back(library: Library) -> None:
    ids = library.family()
    pool = Pool(library.registry)
    play(pool, 5)
    ticket = next(ticket for ticket in pool.draw(60) if ticket.environment == ids[4])
    library.registry.set_status(ids[4], "quarantined", "its scorer accepts anything")
    assert pool.refresh().left == (ids[4],)
    member = next(member for member in pool.members if member.id == ids[4])
    assert (member.state, member.reason) == (
        "retired",
        "quarantined in the registry: its scorer accepts anything",
    )
    assert pool.report(ticket, [0.0, 1.0]) is not None, "it was trained on, so it is counted"
    assert ids[4] not in {ticket.environment for ticket in play(pool, 30)}
    pool.save()
    assert library.registry.status(ids[4]) == "quarantined", "the pool does not overrule it"
    library.registry.set_status(ids[4], "admitted", "a mistake")
    again = Pool(library.registry)
    assert ids[4] in {ticket.environment for ticket in play(again, 30)}


@pytest.mark.parametrize("controller", ["window", "ladder", "bandit"])
@pytest.mark.parametrize(("score", "kind"), [(1.0, "saturated"), (0.0, "at zero"), (0.5, "flat")])
def test_an_environment_with_nothing_to_teach_is_parked_probed_and_retired(
    library: Library, controller: str, score: float, kind: str
) -> None:
    dead = library.child("dead", tags=("x",), top=3)
    library.child("fine", tags=("y",), top=3)
    pool = Pool(
        library.registry, PoolConfig(controller=controller, patience=5, probe_every=50, retire_after=2)
    )
    trail: list[tuple[str, int]] = []  # of the dead one: its state after each of its groups, and the level
    for _ in range(900):
        (ticket,) = pool.draw(1)
        pool.report(ticket, [score] * 4 if ticket.environment == dead else [0.0, 1.0])
        if ticket.environment == dead:
            member = next(member for member in pool.members if member.id == dead)
            trail.append((member.state, ticket.difficulty))
    pool.save()
    states = [state for state, _ in trail]
    assert states[-3:] == ["parked", "parked", "retired"], "parked, two probes without success"
    assert states.count("parked") == 2
    assert states.count("active") >= 4
    if kind != "flat":
        assert {level for _, level in trail[-2:]} == {3 if kind == "saturated" else 0}
    assert library.registry.status(dead) == "retired"
    change = library.registry.history(dead)[-1]
    assert change.reason == member.reason
    assert change.reason.startswith(kind)
    assert change.reason.endswith("2 probes without success")
    reopened = Pool(library.registry)
    assert {member.state for member in reopened.members} == {"retired", "active"}


def test_seeds_are_parked_and_never_retired(library: Library) -> None:
    seed = library.seed("seed", top=0)
    library.child("child", top=0, tags=("b",))
    pool = Pool(
        library.registry, PoolConfig(patience=3, probe_every=8, retire_after=2, epochs=1, epoch_groups=2)
    )
    for _ in range(100):
        (ticket,) = pool.draw(1)
        pool.report(ticket, [1.0, 1.0])
    pool.save()
    states = {member.id: member.state for member in pool.members}
    assert states[seed] == "parked"
    assert library.registry.status(seed) == "admitted"
    assert pool.groups == 100, "with nothing active, what is parked is tried"


def test_a_parked_environment_that_is_live_again_is_active_again(library: Library) -> None:
    sleeper = library.child("sleeper", top=2)
    library.child("fine", tags=("y",))
    pool = Pool(library.registry, PoolConfig(patience=4, probe_every=20, retire_after=3))
    member = next(member for member in pool.members if member.id == sleeper)
    parked_at = woken_at = 0
    for _ in range(300):
        (ticket,) = pool.draw(1)
        dead = ticket.environment == sleeper and not parked_at
        pool.report(ticket, [0.0, 0.0] if dead else [0.0, 1.0])
        if member.state == "parked" and not parked_at:
            parked_at = pool.groups
            assert member.reason == "at zero: all wrong in 4 groups in a row, down to level 0"
        if member.state == "active" and parked_at and not woken_at:
            woken_at = pool.groups
    assert 0 < parked_at < parked_at + 20 <= woken_at <= parked_at + 25
    assert member.reason == "live again at level 0"
    assert member.state == "active"


def test_a_climb_is_no_saturation(library: Library) -> None:
    """A perfect solver needs hundreds of groups to the top of a window; only there is it done."""
    seed = library.seed("seed", top=9)
    pool = Pool(library.registry, PoolConfig(patience=8))
    answer(pool, 1.0, 60)
    (member,) = pool.members
    assert member.state == "active"
    answer(pool, 1.0, 400)
    assert member.state == "parked"
    assert member.id == seed
    assert pool.position(member) == (6, 9)
    assert member.reason == "saturated: all right in 8 groups in a row, up to the top level 9"


@pytest.mark.parametrize("controller", ["window", "ladder", "bandit"])
def test_a_cliff_between_two_levels_is_flat(library: Library, controller: str) -> None:
    """Always right up to level 2 and always wrong above: the controller goes to and fro, and nothing is live."""
    library.seed("cliff", top=5)
    pool = Pool(library.registry, PoolConfig(controller=controller, patience=24))
    (member,) = pool.members
    for _ in range(400):
        (ticket,) = pool.draw(1)
        pool.report(ticket, [float(ticket.difficulty <= 2)] * 4)
        if member.state == "parked":
            break
    assert member.reason.startswith("flat: equal scores within each of 24 groups")


def test_rotation_lets_go_of_what_had_its_epochs(library: Library) -> None:
    seed = library.seed("seed")
    child = library.child("child", seed)
    pool = Pool(library.registry, PoolConfig(epochs=2, epoch_groups=5))
    play(pool, 40)
    pool.save()
    states = {member.id: (member.state, member.reason) for member in pool.members}
    assert states[child] == ("rotated", "rotated out after 2 epochs of 5 groups")
    assert states[seed][0] == "active"
    assert library.registry.status(child) == "admitted", "it is as good as it was"
    assert child not in {ticket.environment for ticket in play(Pool(library.registry), 20)}


def test_another_controller_begins_anew(library: Library) -> None:
    library.family()
    for controller in ("window", "bandit", "ladder", "window"):
        pool = Pool(library.registry, PoolConfig(controller=controller))
        play(pool, 10)
        pool.save()
    assert {member.controller["kind"] for member in pool.members if member.controller} <= {
        "window",
        "ladder",
        "bandit",
    }
    assert pool.groups > 100


# envforge pool status


def status(*arguments: Any) -> str:
    done = CliRunner().invoke(application(), ["pool", "status", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_the_status_of_a_pool_in_use(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    ids = library.family()
    pool = Pool(library.registry, PoolConfig(patience=3, probe_every=30, retire_after=1))
    for _ in range(100):
        for ticket in pool.draw(4):
            pool.report(ticket, [0.0] * 4 if ticket.environment == ids[5] else scores_of(ticket))
    pool.save()
    shown = status("--db", library.path)
    for member in pool.members:
        assert member.id in shown
    assert "effective-prompt ratio" in shown
    assert "down to level 0" in shown
    found = json.loads(status("--db", library.path, "--json"))
    assert found["groups"] == pool.groups
    assert found["effective_prompt_ratio"]["all"] == pool.effective_prompt_ratio()
    assert found["seed_share"]["drawn"] >= 0.2
    assert {row["id"] for row in found["members"]} == set(ids)
    assert sum(row["chance"] for row in found["members"]) == pytest.approx(1)
    dead = next(row for row in found["members"] if row["id"] == ids[5])
    assert (dead["state"], dead["chance"]) == ("retired", 0)


def test_the_status_of_a_pool_that_was_never_used(library: Library) -> None:
    assert "no environment" in status("--db", library.path).lower()
    library.child('evil \x1b[31m "title"')
    shown = status("--db", library.path)
    assert "never been used" in shown
    assert "\x1b[31m" not in shown
    assert display.plain("\x1b[31m") in shown.replace("\n", "")
    found = json.loads(status("--db", library.path, "--json"))
    assert (found["groups"], found["effective_prompt_ratio"]) == (0, {"all": None, "recent": None})
    assert library.registry.pool().members == (), "looking changes nothing"
