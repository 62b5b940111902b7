"""A policy's answers as votes: who is asked what, and what becomes of requests that fail."""

from __future__ import annotations

from typing import Any

import pytest
from chat_server import ChatServer, Reply, completions, failure
from visuals import dots, sums

from envforge.audit.desk import Desk
from envforge.audit.target import Target
from envforge.audit.votes import vote
from envforge.config import AuditConfig
from envforge.contract import Program
from envforge.policies import PolicyError
from envforge.policies.openai import OpenAIPolicy
from envforge.sandbox import Evaluator

WRONG = sums(('return str(sum(state["parts"]))', 'return str(sum(state["parts"]) + 1)'))


def desk(evaluator: Evaluator, source: str) -> Desk:
    program = evaluator.inspect(source)
    assert isinstance(program, Program), program
    return Desk(Target("one.py", program, ("one.py",)), evaluator, AuditConfig(instances=3))


def minus_one(at: Desk, request: dict[str, Any]) -> Reply:
    """The right answers to the wrong sums, one of them without its tags."""
    asked = request["messages"][-1]["content"]
    one = next(one for one in at.instances if asked.startswith(f"{one.prompt}\n"))
    right = f"<answer>{int(one.reference) - 1}</answer>"
    return completions([right] * (request["n"] - 1) + ["I cannot say"])


def test_the_lowest_levels_are_asked_first_and_a_failed_request_is_left_out(evaluator: Evaluator) -> None:
    at = desk(evaluator, WRONG)
    with ChatServer(lambda request, n: failure(400) if n == 0 else minus_one(at, request)) as server:
        (found,) = vote(at, OpenAIPolicy(server.url, "scripted", max_retries=0), 4, instances=4)
    asked = {request["messages"][-1]["content"].partition("\n")[0] for request in server.requests}
    assert asked == {one.prompt for one in [*at.levels[0], at.levels[1][0]]}
    assert {request["n"] for request in server.requests} == {4}
    assert len({request["seed"] for request in server.requests}) == 4
    evidence = found.evidence
    assert (evidence["votes"], evidence["of"], evidence["tried"], evidence["found"]) == (3, 4, 3, 3)


def test_other_seeds_draw_other_votes_and_the_same_seed_the_same(evaluator: Evaluator) -> None:
    at, draws = desk(evaluator, WRONG), []
    for seed in (0, 0, 1):
        with ChatServer(lambda request, _: minus_one(at, request)) as server:
            vote(at, OpenAIPolicy(server.url, "scripted"), 3, instances=2, seed=seed)
        draws.append(sorted(request["seed"] for request in server.requests))
    assert draws[0] == draws[1] != draws[2]


def test_it_raises_when_nothing_is_answered(evaluator: Evaluator) -> None:
    with ChatServer(lambda *_: failure(400)) as server, pytest.raises(PolicyError, match="answered 400"):
        vote(desk(evaluator, sums()), OpenAIPolicy(server.url, "scripted", max_retries=0), 3, instances=2)


def test_questions_with_pictures_are_not_asked(evaluator: Evaluator) -> None:
    with ChatServer(lambda *_: failure(400)) as server:
        at = desk(evaluator, dots())
        assert at.target.program.kind == "visual"
        assert vote(at, OpenAIPolicy(server.url, "scripted"), 3, instances=2) == []
    assert server.requests == []
