"""Proposers behind one protocol: specs, programs found in replies, models asked over HTTP, recordings replayed."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from chat_server import ChatServer, Reply, closed_port, completion, failure
from hypothesis import given
from hypothesis import strategies as st

from envforge.contract import Flavour, LibraryEntry, Oracle, Profile, Program, Proposal, content_id
from envforge.errors import ProposerError, UsageError
from envforge.policies.openai import OpenAIPolicy
from envforge.proposers import KINDS, Proposer, make_proposer
from envforge.proposers.extraction import extract_program
from envforge.proposers.model import GIVE_UP_AFTER, ModelProposer, choose_exemplars

PROGRAM = (
    '"""Echo."""\n\nimport math\n\nTAGS = ("noise",)\n\n\ndef generate(rng, difficulty):\n    return {}\n'
)
FENCED = f"Here it is:\n\n```python\n{PROGRAM}```\n"


def entry(title: str, tags: tuple[str, ...], body: str = "", **changes: str) -> LibraryEntry:
    source = f'"""{title}."""\n\nTAGS = {tags!r}\n{body}'
    program = Program(
        content_id(source),
        source,
        f"{title}.",
        tags,
        Oracle.EQUALITY,
        9,
        Flavour.BARE,
        "",
        frozenset(),
        **changes,
    )
    profile = Profile(True, (0, 9), (), (), frozenset(), frozenset())
    return LibraryEntry(program, profile, 0, frozenset([program.id]))


LIBRARY = [
    entry("Coin change", ("dynamic-programming", "optimization")),
    entry("Knapsack", ("dynamic-programming", "optimization", "arithmetic")),
    entry("Shortest path", ("graphs", "search")),
    entry("Knights", ("logic",)),
]


def asking(server: ChatServer, exemplars: int = 2, seed: int = 0, retries: int = 0) -> ModelProposer:
    policy = OpenAIPolicy(server.url, "tiny", timeout=20, max_retries=retries, environ={})
    return ModelProposer(policy, seed=seed, exemplars=exemplars)


def propose(proposer: Proposer, indices, library=LIBRARY, history=()) -> list[Proposal]:
    return list(proposer.propose(library, history, indices))


# Specs


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (
            "compse",
            "no proposer 'compse', did you mean 'compose'.*valid are 'compose', 'openai:BASE_URL#MODEL' and",
        ),
        ("", "no proposer ''; valid are 'compose', .* and 'replay:FILE.jsonl'"),
        ("compose:", "no proposer 'compose:', did you mean 'compose'"),
        ("openai", "did you mean 'openai:BASE_URL#MODEL'"),
        ("opnai:http://x#m", "did you mean 'openai:BASE_URL#MODEL'"),
        ("replay", "did you mean 'replay:FILE.jsonl'"),
        ("replay:", "lacks its file: the form is replay:FILE.jsonl"),
        (
            "openai:",
            "lacks an address or a model: the form is openai:BASE_URL#MODEL, for example openai:http://",
        ),
        ("openai:http://localhost:8000/v1", "lacks an address or a model"),
        ("openai:http://localhost:8000/v1#", "lacks an address or a model"),
        ("openai:localhost:8000/v1#m", "lacks an address or a model"),
        ("openai:http://#m", "lacks an address or a model"),
        ("openai:http://host:port/v1#m", "lacks an address or a model"),
        ("openai:http://[::1/v1#m", "lacks an address or a model"),
    ],
)
def test_wrong_spec_is_answered_with_the_valid_forms(spec: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        make_proposer(spec, seed=0, exemplars=0, record=None)


def test_right_specs(tmp_path: Path) -> None:
    (tmp_path / "said.jsonl").touch()
    specs = ["compose", "openai:http://localhost:8000/v1#org/model#1", f"replay:{tmp_path}/said.jsonl"]
    made = [make_proposer(spec, seed=0, exemplars=2, record=None) for spec in specs]
    assert [proposer.name for proposer in made] == specs
    assert set(KINDS) == {spec.split(":")[0] for spec in specs}
    for proposer in made:
        proposer.close()


def test_only_what_is_asked_for_is_imported() -> None:
    script = (
        "import sys; from envforge.proposers import make_proposer\n"
        "make_proposer('compose', seed=0, exemplars=0, record=None)\n"
        "make_proposer('openai:http://localhost/v1#m', seed=0, exemplars=0, record=None)\n"
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# Programs in replies

OTHER = PROGRAM.replace("Echo", "Other")


@pytest.mark.parametrize(
    ("reply", "source"),
    [
        (FENCED, PROGRAM),
        (f"```\n{PROGRAM}\n\n```", PROGRAM),
        (f"~~~py\n{PROGRAM}~~~", PROGRAM),
        (f"````python\n{PROGRAM}````", PROGRAM),
        (f"  ```python\n{PROGRAM}  ```", PROGRAM),
        (FENCED.replace("\n", "\r\n"), PROGRAM),
        (f"```python\n{OTHER}```\nBetter:\n```python\n{PROGRAM}```\nUsage:\n```sh\nls\n```", PROGRAM),
        (f"```python\n{PROGRAM}```\n```python\nprint(generate(1, 2))\n```", PROGRAM),
        (f"<think>```python\n{OTHER}```</think>{FENCED}", PROGRAM),
        (f"I wonder.\n```python\n{OTHER}```\n</think>\n\n{FENCED}", PROGRAM),
        (f"<thinking>hm</thinking>\n{PROGRAM}", PROGRAM),
        (PROGRAM, PROGRAM),
        (f"Sure, from here on it is code:\n\n{PROGRAM}", PROGRAM),
        (f"```python\n{PROGRAM}", PROGRAM),
        (f"```python\nx = 1\n\n```python\n{PROGRAM}```", PROGRAM),
        (f"It needs `rng`:\n```python\n{PROGRAM}```", PROGRAM),
    ],
)
def test_program_is_found(reply: str, source: str) -> None:
    assert extract_program(reply) == (source, None)


@pytest.mark.parametrize(
    ("reply", "finish_reason", "problem"),
    [
        ("", "stop", "the reply is empty"),
        (" \n", None, "the reply is empty"),
        ("<think>hm</think>\n", "stop", "the reply is empty"),
        ("I cannot do that.", "stop", "the reply holds no program"),
        ("```python\nprint(1)\n```", "stop", "the reply holds no program"),
        ("    def generate(rng, difficulty): indented", "stop", "the reply holds no program"),
        (f"<think>{FENCED}", "stop", "the reply ends within its thinking"),
        (f"<think>{FENCED}", "length", "the reply ends within its thinking, at the token limit"),
        (f"```python\n{PROGRAM}", "length", "the reply was cut off at the token limit"),
        (PROGRAM, "length", "the reply was cut off at the token limit"),
        ("Let me see", "length", "the reply was cut off at the token limit"),
        (f"```python\n{PROGRAM}# \0\n```", "stop", "the program holds characters that no text file has"),
        (f"```python\n{PROGRAM}# \ud800\n```", "stop", "the program holds characters that no text file has"),
    ],
)
def test_reply_without_a_program(reply: str, finish_reason: str | None, problem: str) -> None:
    assert extract_program(reply, finish_reason) == (None, problem)


@given(
    st.lists(st.sampled_from(["```", "```python", "~~~", "<think>", "</think>", PROGRAM, "text", '"""', ""]))
)
def test_any_reply_has_a_program_or_a_problem(lines: list[str]) -> None:
    source, problem = extract_program("\n".join(lines))
    assert (source is None) != (problem is None)
    assert source is None or "def generate(" in source


# Asking a model


def test_request_holds_contract_exemplars_titles_and_a_theme() -> None:
    with ChatServer(lambda request, number: completion(FENCED)) as server:
        (proposal,) = propose(asking(server), [3])
    system, user = server.requests[0]["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    for needed in (
        "asymmetry",
        "feasibility",
        "def generate(rng, difficulty)",
        "8,000",
        "never raises",
        "networkx",
    ):
        assert needed in system["content"]
    titles = re.findall(r"(?m)^- (.*)$", user["content"])
    assert titles == sorted(e.program.title for e in LIBRARY)
    shown = [e.program for e in LIBRARY if e.program.source in user["content"]]
    assert {p.id for p in shown} == set(proposal.parents)
    assert len(shown) == 2
    assert "$" not in user["content"]
    assert proposal == Proposal(
        3,
        f"openai:{server.url}#tiny",
        proposal.operation,
        PROGRAM,
        proposal.parents,
        {
            "messages": [system, user],
            "completion": FENCED,
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "finish_reason": "stop"},
        },
    )
    theme = proposal.operation.removeprefix("invent #3: ")
    assert theme in user["content"]


def test_requests_differ_by_index_and_repeat_by_seed() -> None:
    with ChatServer(lambda request, number: completion(FENCED)) as server:
        first = propose(asking(server), range(12))
        again = propose(asking(server), range(12), [*reversed(LIBRARY)])
        other = propose(asking(server, seed=1), range(12))
    asked = [[p.transcript["messages"] for p in run] for run in (first, again, other)]  # type: ignore[index]
    assert asked[0] == asked[1] != asked[2]
    assert len({json.dumps(messages) for messages in asked[0]}) == 12
    assert len({p.operation.split(": ")[1] for p in first}) == 12


def test_an_empty_library_and_no_exemplars_will_do() -> None:
    with ChatServer(lambda request, number: completion(FENCED)) as server:
        (proposal,) = propose(asking(server, exemplars=0), [0], library=[])
    assert proposal.parents == ()
    assert "(none yet)" in server.requests[0]["messages"][1]["content"]


def test_exemplars_have_different_tags_and_moderate_length() -> None:
    long = entry("Long", ("geometry",), "# " + "x" * 20_000)
    picture = entry("Picture", ("vision",), bucket="diagram")
    for seed in range(20):
        chosen = choose_exemplars([*LIBRARY, long, picture], 3, random.Random(seed))
        tags = [tag for e in chosen for tag in e.program.tags]
        assert len(chosen) == 3
        assert len(set(tags)) == len(tags)
    assert len(choose_exemplars(LIBRARY, 9, random.Random(0))) == 4


def test_replies_keep_the_order_and_garbage_is_a_problem() -> None:
    replies = {0: "nothing", 1: "", 2: FENCED}

    def answer(request, number):
        theme = re.search(r"draw on this: (.*)\. Make", request["messages"][1]["content"])
        assert theme is not None
        time.sleep(0.05 * (number % 3))
        return completion(replies[themes.index(theme[1]) % 3])

    with ChatServer(lambda request, number: completion("")) as server:
        themes = [p.operation.split(": ")[1] for p in propose(asking(server), range(9))]
    with ChatServer(answer) as server:
        proposals = propose(asking(server), range(9))
    assert [p.index for p in proposals] == list(range(9))
    assert [p.problem for p in proposals] == ["the reply holds no program", "the reply is empty", None] * 3
    assert [p.source for p in proposals] == [None, None, PROGRAM] * 3


def test_requests_run_side_by_side() -> None:
    together = threading.Barrier(8, timeout=20)

    def answer(request, number):
        together.wait()
        return completion(FENCED)

    with ChatServer(answer) as server:
        assert len(propose(asking(server), range(8))) == 8


def test_passing_trouble_is_retried() -> None:
    with ChatServer(lambda _, number: failure(429) if number < 4 else completion(FENCED)) as server:
        proposals = propose(asking(server, retries=6), range(4))
    assert [p.problem for p in proposals] == [None] * 4


def test_single_failures_are_recorded_and_the_run_goes_on() -> None:
    with ChatServer(lambda _, number: failure(500) if number % 2 else completion(FENCED)) as server:
        proposals = propose(asking(server), range(8))
    assert [p.index for p in proposals] == list(range(8))
    problems = [p.problem for p in proposals if p.source is None]
    assert len(problems) == 4
    assert all("answered 500" in (problem or "") for problem in problems)
    failed = next(p for p in proposals if p.source is None)
    assert failed.transcript is not None
    assert failed.transcript["completion"] is None
    assert failed.parents


def test_no_server_is_one_sentence() -> None:
    with closed_port() as url:
        proposer = make_proposer(f"openai:{url}#tiny", seed=0, exemplars=1, record=None)
        start = time.monotonic()
        with pytest.raises(ProposerError, match=f"^the server at {url} cannot be reached"):
            propose(proposer, range(8))
        assert time.monotonic() - start < 15


def test_refused_key_ends_the_run() -> None:
    with ChatServer(lambda _, number: failure(401)) as server, pytest.raises(ProposerError, match="API key"):
        propose(asking(server), range(4))


@pytest.mark.parametrize("reply", [failure(500), Reply({"choices": []}), Reply(b"<html>")])
def test_nothing_but_failures_ends_the_run(reply: Reply) -> None:
    with (
        ChatServer(lambda _, number: reply) as server,
        pytest.raises(ProposerError, match="every request failed, the first one because the "),
    ):
        propose(asking(server), range(5))


def test_server_that_dies_later_ends_the_run() -> None:
    with ChatServer(lambda _, number: completion(FENCED) if number < 2 else failure(500)) as server:
        proposer, found = asking(server), list[Proposal]()
        with pytest.raises(ProposerError, match=f"the last {GIVE_UP_AFTER} requests failed"):
            for start in range(0, 80, 8):
                for proposal in proposer.propose(LIBRARY, (), range(start, start + 8)):
                    found.append(proposal)
    assert 2 <= len(found) < 2 + 8 + GIVE_UP_AFTER


def test_abandoned_requests_are_not_sent() -> None:
    slow = completion(FENCED)
    slow.delay = 0.3
    with ChatServer(lambda _, number: slow) as server:
        proposals = asking(server).propose(LIBRARY, (), range(64))
        next(proposals)
        proposals.close()  # type: ignore[attr-defined]
        time.sleep(0.8)
        assert len(server.requests) <= 24


def test_process_can_end_while_a_request_is_under_way() -> None:
    slow = completion(FENCED)
    slow.delay = 60
    script = (
        "import os, signal, sys, threading; from envforge.proposers import make_proposer\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "proposer = make_proposer(sys.argv[1], seed=0, exemplars=0, record=None)\n"
        "threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "list(proposer.propose([], [], range(4)))"
    )
    with ChatServer(lambda _, number: slow) as server:
        start = time.monotonic()
        command = [sys.executable, "-c", script, f"openai:{server.url}#tiny"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
        assert "KeyboardInterrupt" in ended.stderr
        assert time.monotonic() - start < 30


# Recording and replay


def recorded(path: Path, proposer_spec: str, indices, library=LIBRARY) -> list[Proposal]:
    proposer = make_proposer(proposer_spec, seed=0, exemplars=1, record=path)
    proposals = propose(proposer, indices, library)
    proposer.close()
    return proposals


def test_replay_of_a_model_repeats_its_proposals(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    texts = [FENCED, "nothing", ""]
    with ChatServer(lambda _, number: completion(texts[number % 3])) as server:
        said = recorded(path, f"openai:{server.url}#tiny", range(6))
        said += recorded(path, f"openai:{server.url}#tiny", range(6, 9))
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [list(record)[:8] for record in records] == [
        ["index", "proposer", "operation", "parents", "messages", "completion", "source", "usage"]
    ] * 9
    replay = make_proposer(f"replay:{path}", seed=5, exemplars=0, record=None)
    assert propose(replay, range(9), library=[]) == said
    assert propose(replay, [7, 2, 40, 3]) == [said[7], said[2], said[3]]
    assert propose(replay, range(9, 20)) == []


def test_replay_of_compose_repeats_its_proposals(tmp_path: Path) -> None:
    from test_compose import SMALL

    path = tmp_path / "said.jsonl"
    said = recorded(path, "compose", range(10), SMALL)
    assert len(said) == 10
    assert propose(make_proposer(f"replay:{path}", seed=1, exemplars=0, record=None), range(10)) == said
    again = tmp_path / "again.jsonl"
    assert recorded(again, f"replay:{path}", range(10)) == said
    assert again.read_text() == path.read_text()


def test_failed_requests_are_replayed_as_such(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    with ChatServer(lambda _, number: failure(400) if number == 1 else completion(FENCED)) as server:
        said = recorded(path, f"openai:{server.url}#tiny", range(3))
    assert sum(p.source is None for p in said) == 1
    assert propose(make_proposer(f"replay:{path}", seed=0, exemplars=0, record=None), range(3)) == said


def test_later_record_of_an_index_counts(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    first = {"index": 0, "proposer": "compose", "operation": "a", "parents": [], "source": "one"}
    path.write_text("".join(json.dumps({**first, "source": text}) + "\n" for text in ("one", "two")))
    (proposal,) = propose(make_proposer(f"replay:{path}", seed=0, exemplars=0, record=None), [0])
    assert proposal.source == "two"


def test_completion_is_read_afresh(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    record = {
        "index": 0,
        "proposer": "p",
        "operation": "a",
        "parents": [],
        "source": "stale",
        "completion": FENCED,
    }
    path.write_text(json.dumps(record))
    (proposal,) = propose(make_proposer(f"replay:{path}", seed=0, exemplars=0, record=None), [0])
    assert proposal.source == PROGRAM
    assert proposal.transcript == {"messages": None, "completion": FENCED, "usage": None}


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": "0"},
        {"index": True},
        {"index": None},
        {"operation": None},
        {"proposer": 3},
        {"parents": "abc"},
        {"parents": [1]},
        {"source": 5},
        {"completion": ["x"]},
        {"usage": 7},
        {"messages": "hello"},
        {"problem": {}},
    ],
)
def test_malformed_record_is_named_by_its_line(tmp_path: Path, change: dict) -> None:
    path = tmp_path / "said.jsonl"
    good = {"index": 0, "proposer": "p", "operation": "a", "parents": [], "source": "s"}
    path.write_text(f"{json.dumps(good)}\n{json.dumps({**good, **change})}\n")
    with pytest.raises(ProposerError, match=r"said\.jsonl, line 2: "):
        make_proposer(f"replay:{path}", seed=0, exemplars=0, record=None)


def test_recordings_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ProposerError, match="cannot read the recording"):
        make_proposer(f"replay:{tmp_path}/none.jsonl", seed=0, exemplars=0, record=None)
    with pytest.raises(ProposerError, match="cannot record to"):
        make_proposer("compose", seed=0, exemplars=0, record=tmp_path / "no" / "said.jsonl")
    path = tmp_path / "said.jsonl"
    path.touch()
    with pytest.raises(UsageError, match="cannot be replayed and recorded to at once"):
        make_proposer(f"replay:{path}", seed=0, exemplars=0, record=tmp_path / "." / "said.jsonl")
