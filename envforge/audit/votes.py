"""A policy as a second reference: what most of its answers to a question say."""

from __future__ import annotations

from contextlib import closing

from envforge.audit.desk import Desk
from envforge.audit.finding import Finding
from envforge.audit.solvers import voted
from envforge.contract import Instance, answer_line, derive_seed, extract_answer
from envforge.policies import Policy, PolicyError, Request, Sampling
from envforge.policies.flight import Flight

TEMPERATURE = 0.6  # of the answers (as reviews are drawn in EvoEnv)
TOKENS = 16_384  # of an answer at most (ours)


def vote(desk: Desk, policy: Policy, votes: int, *, instances: int, seed: int = 0) -> list[Finding]:
    """Ask `policy` `votes` times for each of the target's first `instances` questions, the lowest levels first.

    A question that cannot be asked is left out. Raises PolicyError when none can. Not covered: pictures are not
    shown, so visual environments get no votes.
    """
    if desk.target.program.kind == "visual":
        return []
    asked = [one for level in desk.levels for one in level][:instances]
    with closing(Flight(policy, max(1, instances))) as flight:
        replies = flight.gather([_request(desk, one, votes, seed) for one in asked])
    answered = [
        (one, [extract_answer(completion.text) for completion in reply])
        for one, reply in zip(asked, replies)
        if not isinstance(reply, PolicyError)
    ]
    failed = next((reply for reply in replies if isinstance(reply, PolicyError)), None)
    if failed is not None and not answered:
        raise failed
    return voted(desk, answered)


def _request(desk: Desk, one: Instance, votes: int, seed: int) -> Request:
    identity = desk.target.program.id
    return Request(
        key=f"vote/{identity}/{one.difficulty}/{one.seed}",
        messages=({"role": "user", "content": f"{one.prompt}\n\n{answer_line()}"},),
        sampling=Sampling(
            TEMPERATURE,
            max_tokens=TOKENS,
            seed=derive_seed("vote", seed, identity, one.difficulty, one.seed),
        ),
        n=votes,
    )
