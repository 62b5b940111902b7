"""Policies against real servers, good and bad, and recordings on real files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from chat_server import ChatServer, Reply, closed_port, completion, failure

from envforge.errors import ProposerError
from envforge.policies import Completion, PolicyError
from envforge.policies.openai import OpenAIPolicy
from envforge.policies.recording import Recorder, read_records

HELLO = [{"role": "user", "content": "hello"}]


def ask(server: ChatServer, **options: object) -> Completion:
    options = {"environ": {}, "timeout": 20.0, "max_retries": 2, **options}
    policy = OpenAIPolicy(server.url, "tiny", **options)  # type: ignore[arg-type]
    try:
        return policy.complete(HELLO)
    finally:
        policy.close()


def test_completion_with_token_counts():
    with ChatServer(lambda request, number: completion("hi")) as server:
        assert ask(server) == Completion("hi", 11, 7, "stop")
    assert server.requests == [{"model": "tiny", "messages": HELLO}]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "Bearer none"),
        ({"OPENAI_API_KEY": "one"}, "Bearer one"),
        ({"OPENAI_API_KEY": "one", "ENVFORGE_API_KEY": "two"}, "Bearer two"),
        ({"OPENAI_API_KEY": ""}, "Bearer none"),
    ],
)
def test_key_comes_from_the_environment(environ, expected):
    with ChatServer(lambda request, number: completion("hi")) as server:
        ask(server, environ=environ)
    assert server.keys == [expected]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_trouble_is_retried(status):
    with ChatServer(lambda _, number: failure(status) if number == 0 else completion("hi")) as server:
        assert ask(server).text == "hi"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "sentence", "fatal"),
    [
        (failure(500), "answered 500: .*no, not now", False),
        (failure(429), "answered 429", False),
        (failure(400), "answered 400", False),
        (failure(401), r"refused the API key \(401\): set ENVFORGE_API_KEY or OPENAI_API_KEY", True),
        (failure(403), r"denied access to tiny \(403\)", True),
        (failure(404), "has no model 'tiny'", True),
        (Reply(b'{"choices": [{'), "not JSON|other than JSON|failed", False),
        (Reply(b"<html>welcome</html>", headers={"Content-Type": "text/html"}), "holds no message", False),
        (Reply({"choices": []}), "holds no message", False),
        (Reply({"choices": None}), "holds no message", False),
        (Reply({"choices": [{"index": 0}]}), "holds no message", False),
        (Reply({"choices": [7]}), "holds no message", False),
        (Reply({}), "holds no message", False),
        (Reply([1, 2]), "holds no message", False),
        (Reply(None), "holds no message", False),
    ],
)
def test_lasting_trouble_is_one_sentence(reply, sentence, fatal):
    with ChatServer(lambda _, number: reply) as server, pytest.raises(PolicyError, match=sentence) as caught:
        ask(server, max_retries=1)
    assert caught.value.fatal is fatal
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "message",
    [{"content": None}, {"content": [1]}, {}],
)
def test_message_without_text_is_an_empty_completion(message):
    with ChatServer(lambda _, number: Reply({"choices": [{"message": message}], "usage": "many"})) as server:
        assert ask(server) == Completion("")


def test_lone_surrogates_are_replaced():
    with ChatServer(lambda _, number: completion("a\ud800b")) as server:
        assert ask(server).text == "a?b"


def test_slow_server_times_out():
    slow = completion("hi")
    slow.delay = 2.0
    with (
        ChatServer(lambda _, number: slow) as server,
        pytest.raises(PolicyError, match=r"within 0\.2 s") as caught,
    ):
        ask(server, timeout=0.2, max_retries=0)
    assert not caught.value.fatal


def test_refused_connection_is_said_at_once():
    with closed_port() as url, pytest.raises(PolicyError, match=f"{url} cannot be reached") as caught:
        OpenAIPolicy(url, "tiny", environ={}).complete(HELLO)
    assert caught.value.fatal


def test_key_refused_by_the_list_of_models_is_said_before_any_request():
    with (
        ChatServer(lambda _, number: completion("hi"), models=failure(401)) as server,
        pytest.raises(PolicyError, match="refused the API key"),
    ):
        ask(server)
    assert server.requests == []


@pytest.mark.parametrize("models", [failure(403), failure(404), failure(500), Reply(b"what?")])
def test_server_need_not_list_its_models(models):
    with ChatServer(lambda _, number: completion("hi"), models=models) as server:
        assert ask(server).text == "hi"


@pytest.mark.parametrize("text", ["soon", "-1", "0", "nan", "inf"])
def test_timeout_from_the_environment_is_checked(text):
    with pytest.raises(ProposerError, match="ENVFORGE_TIMEOUT must be a number of seconds"):
        OpenAIPolicy("http://127.0.0.1:1/v1", "tiny", environ={"ENVFORGE_TIMEOUT": text})


# Recordings


def test_records_come_back_with_their_lines(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    records = [{"index": 0, "text": "a\nb \u2028 \ud800"}, {"index": 1, "text": None}]
    for record in records:  # opened anew each time, as by a resumed run
        recorder = Recorder(path)
        recorder.append(record)
        recorder.close()
    assert list(read_records(path)) == [(1, records[0]), (2, records[1])]


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        ('{"index": 0}\n{"index": 1, "te', [{"index": 0}]),
        ('{"index": 0}\n{"ind', [{"index": 0}]),
        ('{"index": 0}\n' + '{"index": 1, "text": "' + "x" * 200_000, [{"index": 0}]),
        ('{"index": 0}\n{"index": 1}', [{"index": 0}, {"index": 1}]),
        ('{"index', []),
        ("", []),
    ],
)
def test_recorder_mends_what_a_crash_cut_short(tmp_path: Path, left: str, kept: list):
    path = tmp_path / "said.jsonl"
    path.write_text(left)
    recorder = Recorder(path)
    recorder.append({"index": 9})
    recorder.close()
    assert [record for _, record in read_records(path)] == [*kept, {"index": 9}]


@pytest.mark.parametrize("text", ["Dear Ada,", "Dear Ada,\n", '{"index": 0}\nps', '[1]\n{"index": 0}\n'])
def test_recorder_leaves_other_files_alone(tmp_path: Path, text: str):
    path = tmp_path / "letter.txt"
    path.write_text(text)
    with pytest.raises(ProposerError, match="it exists and is not a recording"):
        Recorder(path)
    assert path.read_text() == text


def test_recorder_says_where_it_cannot_write(tmp_path: Path):
    with pytest.raises(ProposerError, match=r"cannot record to .*nowhere"):
        Recorder(tmp_path / "nowhere" / "said.jsonl")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux only")
def test_full_disk_is_one_sentence():
    recorder = Recorder(Path("/dev/full"))
    with pytest.raises(ProposerError, match="cannot record to /dev/full: No space left"):
        recorder.append({"index": 0})
    recorder.close()


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"a": ', "7", "[" * 100_000])
def test_malformed_line_is_named(tmp_path: Path, line: str):
    path = tmp_path / "said.jsonl"
    path.write_text(json.dumps({"index": 0}) + "\n\n" + line + "\n")
    with pytest.raises(ProposerError, match=r"said\.jsonl, line 3: not a JSON object"):
        list(read_records(path))


def test_recording_that_is_missing_or_no_text(tmp_path: Path):
    with pytest.raises(ProposerError, match="cannot read the recording"):
        list(read_records(tmp_path / "none.jsonl"))
    (tmp_path / "noise.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProposerError, match="not UTF-8 text"):
        list(read_records(tmp_path / "noise.jsonl"))
