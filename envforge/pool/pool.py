"""The pool: tickets out, scores in, one state that is the same after a restart.

Tickets are drawn when an instance is about to be generated and reported when its group has been scored. Everything
that a draw depends on is the members' state and the ticket's number, so a pool that was saved and opened again
draws what it would have drawn. Reports change the state in the order in which they come: hand them in in the order
of the tickets. One process at a time may save; a second one is refused.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.config import PoolConfig
from envforge.contract import derive_seed
from envforge.errors import UsageError
from envforge.pool import retirement, sampling
from envforge.pool.bandit import mean_advantage
from envforge.pool.controllers import ROUNDING, Memory, Outcome
from envforge.pool.kinds import CONTROLLERS
from envforge.pool.member import RECENT, Member
from envforge.pool.streams import Stream
from envforge.registry import PoolGroupRecord, PoolMemberRecord, Registry

Group = PoolGroupRecord  # one counted group of rollouts
NEWEST = 200  # groups of the pool that its recent effective-prompt ratio looks at; ours
PROBE_SLOTS = 4  # at most one ticket in so many probes a parked environment; ours
FORMAT = 1  # of `Pool.state`


@dataclass(frozen=True, slots=True)
class Ticket:
    """One instance to train on: everything that makes it again. `number` counts the pool's tickets from 1."""

    number: int
    environment: str
    difficulty: int
    seed: int


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What `Pool.refresh` found: ids of the environments that came in, and of those that went."""

    joined: tuple[str, ...]
    left: tuple[str, ...]


class Pool:
    """The live pool of a registry's admitted environments.

    `seed` is the pool's own: it decides the draws, never the instances. Methods are for one thread.
    """

    def __init__(self, registry: Registry, config: PoolConfig | None = None, seed: int = 0) -> None:
        self._registry = registry
        self._config = config or PoolConfig()
        self._seed = seed
        self._kind = self._config.controller
        self._controller = CONTROLLERS[self._kind](self._config)
        saved = registry.pool(NEWEST)
        environments = {environment.id: environment for environment in saved.environments}
        self._members = {
            record.environment: Member.of(environments[record.environment], record)
            for record in saved.members
            if record.environment in environments
        }
        self._mark = saved.mark
        self._groups = saved.mark.groups
        self._newest = deque((group.live for group in saved.newest), maxlen=NEWEST)
        self._rewound = False
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        """Begin with nothing unsaved, and compute again what is derived from the members."""
        self._unsaved: list[Group] = []
        self._changed: set[str] = set()
        self._returning: set[str] = set()  # retired here, and no longer so after going back
        self._open: set[int] = set()
        self._drawn = self._first = sum(member.tickets for member in self._members.values())
        self._arms = self._load_arms()
        self._covered: dict[tuple[str, ...], dict[str, float]] = {}

    @property
    def members(self) -> tuple[Member, ...]:
        """Everything that is or ever was in the pool, by id. For reading only."""
        return tuple(self._members[id] for id in sorted(self._members))

    @property
    def groups(self) -> int:
        """How many groups were counted."""
        return self._groups

    @property
    def tickets(self) -> int:
        """How many tickets were drawn."""
        return self._drawn

    @property
    def arms(self) -> Mapping[str, Memory] | None:
        """The bandit's memories by category; None with another controller."""
        return self._arms if self._kind == "bandit" else None

    def effective_prompt_ratio(self) -> float | None:
        """The share of all groups whose rewards were not all equal (RLVE); None before the first."""
        live = sum(member.live_groups for member in self._members.values())
        return live / self._groups if self._groups else None

    def recent_effective_prompt_ratio(self) -> float | None:
        """The same of the newest 200 groups."""
        return sum(self._newest) / len(self._newest) if self._newest else None

    def draws(self, member: Member) -> bool:
        """Whether `member` is of the buckets that are drawn from. The others stay in the pool as they are."""
        wanted = self._config.buckets
        return not wanted or (member.environment.bucket or "text") in wanted

    def position(self, member: Member) -> tuple[int, int]:
        """The lowest and the highest level that the controller works on for `member`."""
        return self._controller.span(member.memory(self._controller, self._kind), member.top)

    def chances(self) -> dict[str, float]:
        """Of each active environment, the chance to be drawn next, seed slots included and probes left aside."""
        active = self._in_state("active")
        seeds = [member for member in active if member.seed]
        found = dict.fromkeys((member.id for member in active), 0.0)
        owed = self._config.seed_share if seeds else 0.0
        for members, part in ((seeds, owed), (active, 1 - owed)):
            if members and part:
                for chance in self._chances(members):
                    found[chance.member.id] += part * chance.weight
        return found

    def draw(self, count: int) -> list[Ticket]:
        """The next `count` tickets. Raises UsageError when there is nothing to draw."""
        return [self._ticket() for _ in range(count)]

    def _ticket(self) -> Ticket:
        number = self._drawn + 1
        member, level = self._choose(number, Stream(self._seed, number))
        index = member.drawn[level]
        member.drawn[level] += 1
        self._drawn = number
        self._open.add(number)
        self._changed.add(member.id)
        return Ticket(number, member.id, level, derive_seed("train", member.id, level, index))

    def _choose(self, number: int, stream: Stream) -> tuple[Member, int]:
        active, parked = self._in_state("active"), self._in_state("parked")
        seeds = [member for member in active if member.seed]
        for_seed = bool(seeds) and sampling.is_seed_slot(number, self._config.seed_share)
        if number % PROBE_SLOTS == 0:
            due = [member for member in parked if self._is_due(member) and (member.seed or not for_seed)]
            if due:
                return self._probe(min(due, key=_last_probed), stream)
        candidates = seeds if for_seed else active
        if not candidates:
            if not parked and self._config.buckets:
                raise UsageError(
                    f"the pool of {self._registry.name} holds no environment of [pool] buckets "
                    f"({', '.join(self._config.buckets)}): admit some first, or name other buckets"
                )
            if not parked:
                raise UsageError(
                    f"the pool of {self._registry.name} is empty: admit environments first, with 'envforge grow', "
                    "which begins with the seeds"
                )
            return self._probe(min(parked, key=_last_probed), stream)
        found = sampling.drawn(self._chances(candidates), stream.share("environment"))
        return found.member, self._level(found.member, found.band, stream)

    def _chances(self, members: Sequence[Member]) -> list[sampling.Chance]:
        # Coverage changes with who is there alone, and is most of the work in a large pool.
        key = tuple(member.id for member in members)
        if key not in self._covered:
            if len(self._covered) >= 4:
                self._covered.clear()
            self._covered[key] = sampling.coverage(members)
        return sampling.chances(members, self._covered[key], self._config, self.arms)

    def _level(self, member: Member, band: int | None, stream: Stream) -> int:
        if self._kind == "bandit":
            return sampling.level_in(member, band, stream)
        return self._controller.level(member.memory(self._controller, self._kind), member.top, stream)

    def _is_due(self, member: Member) -> bool:
        return member.probe is not None and self._groups - member.probe["probed"] >= self._config.probe_every

    def _probe(self, member: Member, stream: Stream) -> tuple[Member, int]:
        """Try a parked environment where it was given up: at the top, at level 0, or wherever it stands.

        When nothing is active, parked ones are tried before their time; such a try may bring one back, but does
        not count against it.
        """
        assert member.probe is not None
        due = self._is_due(member)
        member.probe = {
            **member.probe,
            "probed": self._groups if due else member.probe["probed"],
            "tried": self._drawn + 1,
            "pending": due or member.probe["pending"],
        }
        if member.probe["kind"] == "flat":
            return member, self._level(member, None, stream)
        return member, member.top if member.probe["kind"] == "saturated" else 0

    def report(
        self, ticket: Ticket, scores: Sequence[float | None], policy: str | None = None
    ) -> Group | None:
        """Take in the scores (0 to 1) of the ticket's group; returns the group, or None when it does not count.

        None among the scores is a failure of ours and is left out; a group with fewer than two scores says
        nothing and changes nothing. `policy` is the version that was trained. A ticket drawn before a restart may
        be reported after it. Raises ValueError for a score out of range, and for a ticket that was never drawn or
        has been reported.
        """
        member = self._members.get(ticket.environment)
        if member is None or not 0 <= ticket.difficulty <= member.top or ticket.number > self._drawn:
            raise ValueError(f"{ticket} was not drawn from this pool")
        scored = [float(score) for score in scores if score is not None]
        if not all(0 <= score <= 1 for score in scored):
            raise ValueError(f"scores are from 0 to 1: {scored}")
        if ticket.number > self._first:
            if ticket.number not in self._open:
                raise ValueError(f"{ticket} has been reported before")
            self._open.remove(ticket.number)
        if len(scored) < 2:
            return None
        self._groups += 1
        group = Group(
            number=self._groups,
            environment=ticket.environment,
            difficulty=ticket.difficulty,
            seed=ticket.seed,
            size=len(scored),
            accuracy=math.fsum(scored) / len(scored),
            live=max(scored) - min(scored) > ROUNDING,
            policy=policy,
        )
        self._take(member, group, mean_advantage(scored))
        self._unsaved.append(group)
        self._newest.append(group.live)
        self._changed.add(member.id)
        return group

    def _take(self, member: Member, group: Group, advantage: float) -> None:
        member.groups += 1
        member.live_groups += group.live
        member.recent = [*member.recent, [group.difficulty, group.accuracy, group.live]][-RECENT:]
        memory = member.memory(self._controller, self._kind)
        if self._kind == "bandit":
            memory = self._arms.get(member.category, memory)
        outcome = Outcome(group.number, group.difficulty, group.accuracy, advantage)
        learned = self._controller.learn(memory, member.top, outcome)
        member.controller = learned
        if self._kind == "bandit":
            self._arms[member.category] = learned
        if member.state == "active":
            before = self._controller.span(memory, member.top)
            after = self._controller.span(learned, member.top)
            member.run = retirement.extend(member.run, group, before, after)
            self._judge(member)
        elif member.state == "parked":
            self._judge_probe(member, group)

    def _judge(self, member: Member) -> None:
        """Rotate or park an active environment when it is time."""
        config = self._config
        found = retirement.finding(member.run, member.top, config.patience)
        if found is not None:
            kind, reason = found
            member.settle("parked", reason, self._groups)
            member.probe = {
                "kind": kind,
                "reason": reason,
                "failed": 0,
                "probed": self._groups,
                "tried": self._drawn,
                "pending": False,
            }
        elif config.epochs and not member.seed and member.groups >= config.epochs * config.epoch_groups:
            reason = f"rotated out after {config.epochs} epochs of {config.epoch_groups} groups"
            member.settle("rotated", reason, self._groups)

    def _judge_probe(self, member: Member, group: Group) -> None:
        """Bring a parked environment back, or count a probe that failed."""
        probe = member.probe
        assert probe is not None
        if group.live:
            member.settle("active", f"live again at level {group.difficulty}", self._groups)
        elif probe["pending"]:
            failed = probe["failed"] + 1
            reason = f"{probe['reason']}; {failed} probes without success"
            if failed >= self._config.retire_after and not member.seed:
                member.settle("retired", reason, self._groups)
                member.retired_here = True
            else:
                member.probe = {**probe, "failed": failed, "pending": False}
                member.reason = reason

    def refresh(self) -> Refreshed:
        """Take in what was admitted since, and let go of what was retired or quarantined elsewhere, or held out.

        Looks into the registry and writes nothing; `save` does.
        """
        joined, left = [], []
        for environment in self._registry.pool(also=self._changed).environments:
            member = self._members.get(environment.id)
            admitted = environment.status == "admitted"
            held_out = environment.held_out is not None
            if member is None:
                if admitted and not held_out:
                    self._members[environment.id] = Member(environment, since=self._groups)
                    joined.append(environment.id)
                continue
            ours = environment.id in self._changed and member.retired_here
            member.environment = environment
            if held_out:
                if member.state != "retired":
                    self._hold_out(member)
                    left.append(member.id)
            elif admitted and member.state == "retired" and not ours:
                member.settle("active", "admitted again", self._groups)
                joined.append(member.id)
            elif not admitted and member.state != "retired" and environment.id not in self._returning:
                why = f"{environment.status} in the registry"
                member.settle(
                    "retired", f"{why}: {environment.reason}" if environment.reason else why, self._groups
                )
                left.append(member.id)
        self._changed.update(joined, left)
        return Refreshed(tuple(joined), tuple(left))

    def _hold_out(self, member: Member) -> None:
        reason = member.environment.held_out
        member.settle("retired", f"held out: {reason}" if reason else "held out", self._groups)

    def save(self) -> None:
        """Write groups and members that changed into the registry, and retire there what retired here.

        One transaction, so a killed process leaves the pool as it was saved before. Raises RegistryError when
        another process has saved the pool since this one was opened.
        """
        if not (self._changed or self._unsaved or self._rewound):
            return
        changed = [self._members[id] for id in sorted(self._changed)]
        rewound = (self._groups - len(self._unsaved), self._members.keys()) if self._rewound else None
        with self._registry.transaction() as transaction:
            mark = transaction.save_pool(
                [member.record() for member in changed], self._unsaved, self._mark, rewound
            )
            for member in changed:
                # Whoever quarantined it meanwhile knows more than the pool.
                if member.retired_here and transaction.has(member.id) == "admitted":
                    transaction.set_status(member.id, "retired", member.reason)
            for id in sorted(self._returning):
                if transaction.has(id) == "retired":
                    transaction.set_status(id, "admitted", f"the pool went back to group {self._groups}")
        self._mark = mark
        self._unsaved, self._changed, self._returning, self._rewound = [], set(), set(), False

    def state(self) -> dict[str, Any]:
        """The whole state as JSON, for a checkpoint of a learner: `restore` goes back to it."""
        return {
            "format": FORMAT,
            "seed": self._seed,
            "groups": self._groups,
            "newest": list(self._newest),
            "members": {member.id: _as_state(member.record()) for member in self.members},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a state of this registry's pool, usually an older one than the registry holds.

        The next `save` takes the groups after it, and what became of environments because of them, out of the
        registry; later groups are then counted, and tickets drawn, as they were the first time. Environments that
        joined since come in with `refresh`; what was held out since is out at once. Raises UsageError for a state of
        another pool.
        """
        if state.get("format") != FORMAT or state.get("seed") != self._seed:
            raise UsageError(
                f"the pool's state is not of this pool (seed {state.get('seed')}, here {self._seed}): "
                "give the seed with which the run began"
            )
        environments = {member.id: member.environment for member in self.members}
        saved = self._registry.pool(also=state["members"])
        environments |= {environment.id: environment for environment in saved.environments}
        missing = sorted(set(state["members"]) - set(environments))
        if missing:
            raise UsageError(
                f"the pool's state names {missing[0]}, which {self._registry.name} does not hold: "
                "give the registry with which the run began"
            )
        retired = {member.id for member in self.members if member.retired_here}
        self._members = {
            id: Member.of(environments[id], PoolMemberRecord(environment=id, **row))
            for id, row in state["members"].items()
        }
        self._groups = state["groups"]
        self._newest = deque(state["newest"], maxlen=NEWEST)
        self._forget()
        self._changed = set(self._members)
        self._returning = {id for id in retired if id in self._members and not self._members[id].retired_here}
        self._rewound = True
        for member in self.members:
            if member.environment.held_out is not None and member.state != "retired":
                self._hold_out(member)

    def _in_state(self, state: str) -> list[Member]:
        return [member for member in self.members if member.state == state and self.draws(member)]

    def _load_arms(self) -> dict[str, Memory]:
        """The bandit's memory of each category: the newest that any of its members holds."""
        found: dict[str, Memory] = {}
        for member in self.members:
            memory = member.controller
            if memory is not None and memory["kind"] == "bandit":
                held = found.get(member.category)
                if held is None or memory["at"] > held["at"]:
                    found[member.category] = memory
        return found


def _last_probed(member: Member) -> tuple[int, str]:
    return (member.probe["tried"] if member.probe is not None else 0), member.id


def _as_state(record: PoolMemberRecord) -> dict[str, Any]:
    return {
        "state": record.state,
        "reason": record.reason,
        "since": record.since,
        "groups": record.groups,
        "live_groups": record.live_groups,
        "memory": record.memory,
    }
