"""What a proposer said, kept and said again: records of proposals, and the proposer that replays them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from envforge.contract import LibraryEntry, Proposal
from envforge.errors import ProposerError
from envforge.policies.recording import Recorder, read_records
from envforge.proposers import Proposer
from envforge.proposers.extraction import extract_program


class RecordingProposer:
    """Another proposer, with every proposal written down before it is handed on."""

    def __init__(self, inner: Proposer, path: Path) -> None:
        self.name = inner.name
        self._inner = inner
        self._recorder = Recorder(path)

    def propose(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> Iterator[Proposal]:
        for proposal in self._inner.propose(library, history, indices):
            self._recorder.append(to_record(proposal))
            yield proposal

    def close(self) -> None:
        self._recorder.close()
        self._inner.close()


class ReplayProposer:
    """The proposals of a recording, by index; where an index was recorded twice, the later one.

    A completion is read afresh, so a recording also tests how programs are found in replies. The library is not
    looked at: a replay into another library proposes the same programs.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"replay:{path}"
        self._proposals = {
            p.index: p for number, record in read_records(path) for p in [_read(path, number, record)]
        }

    def propose(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> Iterator[Proposal]:
        """The recorded proposals of `indices`, those that there are."""
        yield from (self._proposals[index] for index in indices if index in self._proposals)

    def close(self) -> None:
        """Holds nothing open."""


def to_record(proposal: Proposal) -> dict[str, Any]:
    """A proposal as one line of a recording; "index" has to come first."""
    transcript = proposal.transcript or {}
    return {
        "index": proposal.index,
        "proposer": proposal.proposer,
        "operation": proposal.operation,
        "parents": list(proposal.parents),
        "messages": transcript.get("messages"),
        "completion": transcript.get("completion"),
        "source": proposal.source,
        "usage": transcript.get("usage"),
        "problem": proposal.problem,
    }


_OPTIONAL_TEXT = (str, type(None))


def _read(path: Path, number: int, record: dict[str, Any]) -> Proposal:
    def field(name: str, *kinds: type) -> Any:
        value = record.get(name)
        if type(value) not in kinds:
            raise ProposerError(f"{path}, line {number}: '{name}' is missing or of the wrong type")
        return value

    index, parents = field("index", int), field("parents", list)
    if index < 0 or not all(isinstance(parent, str) for parent in parents):
        raise ProposerError(f"{path}, line {number}: not the record of a proposal")
    completion, source = field("completion", *_OPTIONAL_TEXT), field("source", *_OPTIONAL_TEXT)
    problem, usage = field("problem", *_OPTIONAL_TEXT), field("usage", dict, type(None))
    messages = field("messages", list, type(None))
    transcript = None
    if completion is not None:
        source, problem = extract_program(completion, (usage or {}).get("finish_reason"))
    elif source is None and problem is None:
        problem = "the recording holds no program"
    if messages is not None or completion is not None:
        transcript = {"messages": messages, "completion": completion, "usage": usage}
    operation, proposer = field("operation", str), field("proposer", str)
    return Proposal(index, proposer, operation, source, tuple(parents), transcript, problem)


def same_file(one: Path, two: Path) -> bool:
    """Whether both paths name one file: a recording must not be appended to while it is replayed."""
    return os.path.realpath(one) == os.path.realpath(two)
