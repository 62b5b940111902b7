"""Proposers: where new programs come from. Each kind lives in a module of its own, imported when it is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from envforge.contract import LibraryEntry, Proposal
from envforge.errors import UsageError


class Proposer(Protocol):
    """A source of proposals. Used from one thread; may work with several."""

    name: str

    def propose(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> Iterator[Proposal]:
        """One proposal for each of `indices`, in that order; fewer when it has nothing new.

        `history` holds the operations already proposed in this run. Deterministic in (library, history,
        indices, seed) where no model is asked. Raises ProposerError when it cannot go on.
        """

    def close(self) -> None:
        """Let go of files and connections. No call may follow."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of proposer: the form of its spec, and how to make one from what follows the colon."""

    form: str
    make: Callable[[str, int, int], Proposer]


def make_proposer(spec: str, *, seed: int, exemplars: int, record: Path | None) -> Proposer:
    """The proposer that `spec` names; with `record`, one that writes down what it proposes.

    Raises UsageError for a spec that names none, ProposerError for a recording that cannot be used. No server is
    asked anything before the first proposal.
    """
    name, colon, rest = spec.partition(":")
    kind = KINDS.get(name)
    if kind is None or bool(colon) != (":" in kind.form):
        raise UsageError(f"there is no proposer '{spec}'{_nearest(name)}; valid are {_forms()}")
    proposer = kind.make(rest, seed, exemplars)
    if record is None:
        return proposer
    from envforge.proposers.replay import RecordingProposer, same_file

    if name == "replay" and same_file(Path(rest), record):
        raise UsageError(
            f"{record} cannot be replayed and recorded to at once: choose another file to record to"
        )
    return RecordingProposer(proposer, record)


def _make_compose(_: str, seed: int, __: int) -> Proposer:
    from envforge.proposers.compose import ComposeProposer

    return ComposeProposer(seed)


def _make_openai(rest: str, seed: int, exemplars: int) -> Proposer:
    url, _, model = rest.partition("#")
    if not url.startswith(("http://", "https://")) or not _has_host(url) or not model:
        form = KINDS["openai"].form
        raise UsageError(
            f"'openai:{rest}' lacks an address or a model: the form is {form}, "
            "for example openai:http://localhost:8000/v1#Qwen/Qwen3-4B"
        )
    from envforge.policies.openai import OpenAIPolicy
    from envforge.proposers.model import ModelProposer

    return ModelProposer(OpenAIPolicy(url, model), seed=seed, exemplars=exemplars)


def _make_replay(rest: str, _: int, __: int) -> Proposer:
    if not rest:
        raise UsageError(f"replay lacks its file: the form is {KINDS['replay'].form}")
    from envforge.proposers.replay import ReplayProposer

    return ReplayProposer(Path(rest))


KINDS: dict[str, Kind] = {
    "compose": Kind("compose", _make_compose),
    "openai": Kind("openai:BASE_URL#MODEL", _make_openai),
    "replay": Kind("replay:FILE.jsonl", _make_replay),
}


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, KINDS, 1, 0.5)
    return f", did you mean '{KINDS[near[0]].form}'?" if near else ""


def _forms() -> str:
    forms = [f"'{kind.form}'" for kind in KINDS.values()]
    return f"{', '.join(forms[:-1])} and {forms[-1]}"
