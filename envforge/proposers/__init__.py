"""Proposers: where new programs come from. Each kind lives in a module of its own, imported when it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from envforge.config import PolicyConfig
from envforge.contract import LibraryEntry, Proposal
from envforge.errors import UsageError
from envforge.policies import Message
from envforge.verdict import Examination

if TYPE_CHECKING:
    from envforge.policies.flight import Flight


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked or done for one index. Made quickly; deterministic in (library, history, index, seed).

    `messages` is the request of a proposer that asks a model, `source` the program of one that writes it at once.
    """

    index: int  # position in the run, from 0
    operation: str  # goes into the history
    parents: tuple[str, ...]  # environment ids, in the order of their roles
    messages: tuple[Message, ...] = ()
    source: str | None = None


class Proposer(Protocol):
    """A source of proposals."""

    name: str

    def plan(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> list[Plan]:
        """One plan for each of `indices`, in that order; fewer when it has nothing new. Called from one thread.

        `history` holds the operations already planned in this run. Raises ProposerError when it cannot go on.
        """

    def write(self, plan: Plan) -> Proposal:
        """The proposal for one plan. Slow; called from many threads at once.

        Raises NoReply at the end of what is replayed, any other ProposerError when the next one would fail too.
        """

    def repair(self, proposal: Proposal, examination: Examination, round: int) -> Proposal | None:
        """The candidate once more, after `examination` failed; `round` counts from 1. As slow as `write`.

        None when there is no repair to be had: this proposer makes none, or the recording holds none.
        Raises ProposerError as `write` does.
        """

    def close(self) -> None:
        """Let go of files and connections. No call may follow."""


@dataclass(frozen=True, slots=True)
class Making:
    """What a proposer is made from, besides the text after the colon of its spec."""

    seed: int
    exemplars: int
    flight: Flight | None  # of the run's own policy
    config: PolicyConfig
    visual: bool = False  # propose programs that draw


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of proposer: the form of its spec, and how to make one from what follows the colon."""

    form: str
    make: Callable[[str, Making], Proposer]


def make_proposer(
    spec: str,
    *,
    seed: int,
    exemplars: int,
    record: Path | None,
    flight: Flight | None = None,
    config: PolicyConfig | None = None,
    visual: bool = False,
) -> Proposer:
    """The proposer that `spec` names: one of KINDS, or a policy that is asked for programs.

    With `record` it writes down what it proposes. `flight` leads to the run's own policy, which `policy` asks and
    does not close; any other policy is made here, with a flight of its own.

    Raises UsageError for a spec that names none, ProposerError for a recording that cannot be used. No server is
    asked anything before the first proposal.
    """
    name, colon, rest = spec.partition(":")
    kind = KINDS.get(name)
    making = Making(seed, exemplars, flight, config or PolicyConfig(), visual)
    if kind is None:
        proposer = _make_model(spec, making)
    elif bool(colon) == (":" in kind.form):
        proposer = kind.make(rest, making)
    else:
        raise UsageError(f"there is no proposer '{spec}'{_nearest(name)}; valid are {_listed()}")
    if record is None:
        return proposer
    from envforge.policies.recording import same_file
    from envforge.proposers.replay import RecordingProposer

    if name == "replay" and same_file(Path(rest), record):
        raise UsageError(
            f"{record} cannot be replayed and recorded to at once: choose another file to record to"
        )
    return RecordingProposer(proposer, record)


def _make_compose(_: str, making: Making) -> Proposer:
    from envforge.proposers.compose import ComposeProposer

    return ComposeProposer(making.seed, making.visual)


def _make_policy(_: str, making: Making) -> Proposer:
    """Asks the policy that also reviews and solves, as EvoEnv does."""
    from envforge.proposers.model import ModelProposer

    if making.flight is None:
        raise UsageError("the proposer 'policy' asks the run's own policy: name one with --policy SPEC")
    return ModelProposer(
        making.flight,
        seed=making.seed,
        exemplars=making.exemplars,
        config=making.config,
        visual=making.visual,
    )


def _make_replay(rest: str, _: Making) -> Proposer:
    if not rest:
        raise UsageError(f"replay lacks its file: the form is {KINDS['replay'].form}")
    from envforge.proposers.replay import ReplayProposer

    return ReplayProposer(Path(rest))


KINDS: dict[str, Kind] = {
    "compose": Kind("compose", _make_compose),
    "policy": Kind("policy", _make_policy),
    "replay": Kind("replay:FILE.jsonl", _make_replay),
}


def _make_model(spec: str, making: Making) -> Proposer:
    from envforge.policies.flight import Flight
    from envforge.policies.kinds import KINDS as POLICIES
    from envforge.policies.kinds import make_policy
    from envforge.proposers.model import ModelProposer

    name = spec.partition(":")[0]
    if name not in POLICIES:
        raise UsageError(f"there is no proposer '{spec}'{_nearest(name)}; valid are {_listed()}")
    flight = Flight(make_policy(spec), making.config.concurrency)
    return ModelProposer(
        flight,
        seed=making.seed,
        exemplars=making.exemplars,
        config=making.config,
        own=True,
        visual=making.visual,
    )


def _forms() -> dict[str, str]:
    """The forms of all specs, by name: a recording here holds proposals, unlike that of a policy."""
    from envforge.policies.kinds import KINDS as POLICIES

    policies = {name: kind.form for name, kind in POLICIES.items()}
    return {**policies, **{name: kind.form for name, kind in KINDS.items()}}


def _nearest(name: str) -> str:
    forms = _forms()
    near = difflib.get_close_matches(name, forms, 1, 0.5)
    return f", did you mean '{forms[near[0]]}'?" if near else ""


def _listed() -> str:
    forms = [f"'{form}'" for form in _forms().values()]
    return f"{', '.join(forms[:-1])} and {forms[-1]}"
