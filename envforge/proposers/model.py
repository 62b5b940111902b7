"""The proposer that asks a model for programs: EvoEnv's generator role, without the learning."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import Any

from envforge.config import PolicyConfig
from envforge.contract import LibraryEntry, Proposal, content_id, derive_seed
from envforge.errors import ProposerError
from envforge.policies import Completion, Message, NoReply, PolicyError, Request, Sampling
from envforge.policies.flight import Flight
from envforge.proposers import Plan
from envforge.proposers.coverage import wanted_oracle
from envforge.proposers.exemplars import choose_exemplars, operation, times_shown
from envforge.proposers.extraction import extract_program
from envforge.proposers.repairs import CHECKS, UNCHANGED, repair_messages
from envforge.proposers.requests import proposal_messages, theme_of
from envforge.verdict import Examination

FIRST_REQUESTS = (
    8  # when so many, or all of the first batch, have failed without a success, the run is stopped
)
GIVE_UP_AFTER = (
    16  # failures in a row, each after all its retries, or twice the requests at once if that is more
)

VISUAL_EXEMPLARS = 2  # they are longer, and the drawing vocabulary comes on top


class ModelProposer:
    """One request per proposal: the contract, a few exemplars, what exists already, a theme to draw on.

    What is asked is deterministic in (library, history, indices, seed); what comes back is the policy's affair.
    """

    def __init__(
        self,
        flight: Flight,
        *,
        seed: int,
        exemplars: int,
        config: PolicyConfig,
        own: bool = False,
        visual: bool = False,
    ) -> None:
        """`own` says that nobody else uses the flight and its policy: both are closed with the proposer.

        With `visual` it asks for programs that draw, and shows at most VISUAL_EXEMPLARS of them.
        """
        self.name = flight.policy.name
        self._flight = flight
        self._seed = seed
        self._exemplars = exemplars
        self._config = config
        self._own = own
        self._visual = visual
        self._outcomes = _Outcomes(max(GIVE_UP_AFTER, 2 * config.concurrency))

    def plan(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> list[Plan]:
        """The requests for `indices`, written out. Nothing is sent."""
        # The order of the library must not matter, nor an entry that is in it twice.
        entries = sorted({e.program.id: e for e in library}.values(), key=lambda e: e.program.id)
        shown = times_shown(history)
        plans = []
        for index in indices:
            rng = random.Random(derive_seed("request", self._seed, index))
            if self._visual:
                most = min(self._exemplars, VISUAL_EXEMPLARS)
                chosen = choose_exemplars(entries, most, rng, shown, "visual")
            else:
                chosen = choose_exemplars(entries, self._exemplars, rng, shown)
            ids = tuple(entry.program.id for entry in chosen)
            shown.update(ids)
            theme, oracle = theme_of(self._seed, index, self._visual), wanted_oracle(entries, rng)
            messages = proposal_messages(entries, chosen, theme, oracle, rng, self._visual)
            plans.append(Plan(index, operation(index, theme, chosen), ids, messages))
        self._outcomes.expect(len(plans))
        return plans

    def write(self, plan: Plan) -> Proposal:
        """Asks, waits, and takes the program out of the reply.

        A request that fails becomes a proposal with a problem. Raises ProposerError when the next one would fail
        too: no server, a refused key, not one success among the first requests, or too many failures in a row.
        """
        seed = derive_seed("propose", self._seed, plan.index)
        asked = Proposal(plan.index, self.name, plan.operation, None, plan.parents)
        return self._answered(asked, f"propose/{plan.index}", plan.messages, seed)

    def repair(self, proposal: Proposal, examination: Examination, round: int) -> Proposal | None:
        """The conversation goes on with the failure's evidence. Errors as for `write`.

        None for a failure that words cannot mend (after L5), for a proposal whose conversation is not known, and
        where a recorded policy has no reply.
        """
        failure, messages = examination.failure, (proposal.transcript or {}).get("messages")
        if failure is None or failure.stage not in CHECKS or not messages:
            return None
        asked = Proposal(
            proposal.index,
            self.name,
            proposal.operation,
            None,
            proposal.parents,
            round=round,
            repairs=examination.id,
        )
        key, seed = (
            f"repair/{proposal.index}/{round}",
            derive_seed("repair", self._seed, proposal.index, round),
        )
        try:
            return self._answered(asked, key, repair_messages(messages, examination), seed)
        except NoReply:
            return None

    def close(self) -> None:
        """Drops what was not sent. The policy is closed only where this proposer made it."""
        if self._own:
            self._flight.close()
            self._flight.policy.close()

    def _answered(self, asked: Proposal, key: str, messages: tuple[Message, ...], seed: int) -> Proposal:
        """`asked` with what came of it."""
        config = self._config
        sampling = Sampling(
            temperature=config.propose_temperature if config.propose_temperature >= 0 else None,
            max_tokens=config.propose_tokens or None,
            seed=seed,
        )
        transcript: dict[str, Any] = {
            "messages": [dict(message) for message in messages],
            "completion": None,
            "usage": None,
        }
        try:
            (completion,) = self._flight.submit(Request(key, messages, sampling)).result()
        except CancelledError:
            raise ProposerError(f"the request {key} was dropped before it was sent") from None
        except NoReply:
            raise  # the end of a recording is no failure
        except PolicyError as error:
            if error.fatal:
                raise
            self._outcomes.failed(error)
            return replace(asked, transcript=transcript, problem=str(error))
        self._outcomes.succeeded()
        return completed(asked, transcript, completion)


def completed(asked: Proposal, transcript: dict[str, Any], completion: Completion) -> Proposal:
    """`asked` with the program of a completion, or with what is wrong with it."""
    source, problem = extract_program(completion.text, completion.finish_reason)
    if source is not None and asked.repairs == content_id(source):
        source, problem = None, UNCHANGED
    usage = {
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "finish_reason": completion.finish_reason,
    }
    transcript = {**transcript, "completion": completion.text, "usage": usage}
    return replace(asked, source=source, transcript=transcript, problem=problem)


class _Outcomes:
    """How requests ended, counted from many threads."""

    def __init__(self, give_up_after: int) -> None:
        self._give_up_after = give_up_after
        self._lock = threading.Lock()
        self._first = 0  # requests of which one has to succeed
        self._succeeded = 0
        self._failed_in_a_row = 0
        self._first_reason = ""

    def expect(self, planned: int) -> None:
        """Told of each batch; the first one decides how many failures at the beginning are too many."""
        with self._lock:
            self._first = self._first or min(planned, FIRST_REQUESTS)

    def succeeded(self) -> None:
        with self._lock:
            self._succeeded += 1
            self._failed_in_a_row = 0

    def failed(self, error: PolicyError) -> None:
        """Raises ProposerError when it is time to stop."""
        with self._lock:
            self._failed_in_a_row += 1
            failed, succeeded = self._failed_in_a_row, self._succeeded
            self._first_reason = self._first_reason or str(error)
        if not succeeded and failed >= self._first:
            reason = f"every request failed, the first one because {self._first_reason}"
            raise ProposerError(reason) from error
        if succeeded and failed >= self._give_up_after:
            raise ProposerError(f"the last {failed} requests failed, this one because {error}") from error
