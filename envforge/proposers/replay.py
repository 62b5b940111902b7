"""What a proposer said, kept and said again: records of proposals, and the proposer that replays them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from envforge.contract import LibraryEntry, Proposal, content_id
from envforge.errors import ProposerError
from envforge.policies.recording import Recorder, read_records
from envforge.proposers import Plan, Proposer
from envforge.proposers.extraction import extract_program
from envforge.proposers.repairs import UNCHANGED
from envforge.verdict import Examination


class RecordingProposer:
    """Another proposer, with every proposal and repair written down once, before it is handed on."""

    def __init__(self, inner: Proposer, path: Path) -> None:
        self.name = inner.name
        self._inner = inner
        self._recorder = Recorder(path, "index")

    def plan(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> list[Plan]:
        return self._inner.plan(library, history, indices)

    def write(self, plan: Plan) -> Proposal:
        proposal = self._inner.write(plan)
        self._recorder.append(to_record(proposal))
        return proposal

    def repair(self, proposal: Proposal, examination: Examination, round: int) -> Proposal | None:
        repaired = self._inner.repair(proposal, examination, round)
        if repaired is not None:
            self._recorder.append(to_record(repaired))
        return repaired

    def close(self) -> None:
        self._recorder.close()
        self._inner.close()


class ReplayProposer:
    """The proposals of a recording and their repairs, by index and round; where one was recorded twice, the later.

    A completion is read afresh, so a recording also tests how programs are found in replies. The library is not
    looked at: a replay into another library proposes the same programs.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"replay:{path}"
        self._rounds: dict[int, dict[int, Proposal]] = {}
        for number, record in read_records(path):
            proposal = _read(path, number, record)
            if proposal.round == 0:  # proposed anew: repairs of an earlier attempt are not its own
                self._rounds[proposal.index] = {}
            self._rounds.setdefault(proposal.index, {})[proposal.round] = proposal

    def plan(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> list[Plan]:
        """One plan for each of `indices` that was recorded."""
        found = (self._rounds.get(index, {}).get(0) for index in indices)
        return [Plan(p.index, p.operation, p.parents, source=p.source) for p in found if p is not None]

    def write(self, plan: Plan) -> Proposal:
        """What was recorded for the plan's index."""
        return self._rounds[plan.index][0]

    def repair(self, proposal: Proposal, examination: Examination, round: int) -> Proposal | None:
        """The repair that was recorded, if one was. It counts as a repair of what failed now: the gates may have
        changed, and so may the way in which programs are found in replies."""
        recorded = self._rounds.get(proposal.index, {}).get(round)
        if recorded is None:
            return None
        if recorded.source is not None and content_id(recorded.source) == examination.id:
            return replace(recorded, repairs=examination.id, source=None, problem=UNCHANGED)
        return replace(recorded, repairs=examination.id)

    def close(self) -> None:
        """Holds nothing open."""


def to_record(proposal: Proposal) -> dict[str, Any]:
    """A proposal as one line of a recording; "index" has to come first."""
    transcript = proposal.transcript or {}
    record = {
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
    return record | ({"round": proposal.round, "repairs": proposal.repairs} if proposal.round else {})


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
    round, repairs = record.get("round", 0), field("repairs", *_OPTIONAL_TEXT)
    if type(round) is not int or round < 0 or (round == 0) != (repairs is None):
        raise ProposerError(f"{path}, line {number}: not the record of a proposal or of its repair")
    return Proposal(index, proposer, operation, source, tuple(parents), transcript, problem, round, repairs)
