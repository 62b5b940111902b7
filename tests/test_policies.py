"""Policies against real servers, good and bad, their table, and recordings on real files."""

from __future__ import annotations

import itertools
import json
import os
import socket
import threading
from pathlib import Path

import pytest
from chat_server import ChatServer, Reply, closed_port, completion, completions, failure, refusal
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.errors import ProposerError, UsageError
from envforge.policies import Completion, NoReply, Policy, PolicyError, Request, Sampling
from envforge.policies.kinds import KINDS, make_policy
from envforge.policies.openai import OpenAIPolicy
from envforge.policies.recording import Recorder, read_records
from envforge.policies.replay import RecordingPolicy, ReplayPolicy

HELLO = ({"role": "user", "content": "hello"},)


def connected(server: ChatServer, **options: object) -> OpenAIPolicy:
    options = {"environ": {}, "timeout": 20.0, "max_retries": 2, "say": [].append, **options}
    return OpenAIPolicy(server.url, "tiny", **options)  # type: ignore[arg-type]


def request(n: int = 1, key: str = "propose/0", **sampling: object) -> Request:
    return Request(key, HELLO, Sampling(**sampling), n)  # type: ignore[arg-type]


def ask(server: ChatServer, **options: object) -> Completion:
    policy = connected(server, **options)
    try:
        [reply] = policy.complete(request())
        return reply
    finally:
        policy.close()


def listed(**fields: object) -> Reply:
    return Reply(
        {"object": "list", "data": [{"id": "other", "root": "/x"}, {"id": "tiny", **fields}, 7, None]}
    )


# The table of kinds


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("", "there is no policy ''; valid are"),
        ("opena:http://h/v1#m", "there is no policy .*, did you mean 'openai:BASE_URL#MODEL'"),
        ("smollm2:x", "there is no policy 'smollm2:x', did you mean 'smollm2'"),
        ("replay", "there is no policy 'replay', did you mean 'replay:FILE.jsonl'"),
        ("replay:", "'replay:' is incomplete: the form is replay:FILE.jsonl"),
        ("transformers:", "'transformers:' is incomplete: the form is transformers:PATH_OR_ID"),
        ("openai:localhost:8000#m", "lacks an address or a model: the form is openai:BASE_URL#MODEL"),
        ("openai:http://localhost:8000/v1", "lacks an address or a model"),
        ("openai:http://localhost:8000/v1#", "lacks an address or a model"),
        ("openai:http://#m", "lacks an address or a model"),
        ("openai:http://[::1/v1#m", "lacks an address or a model"),
        ("openai:http://h:0/v1#m", "lacks an address or a model"),
        ("record:said.jsonl", "lacks a file or a policy: the form is record:FILE.jsonl,SPEC"),
        ("record:,openai:http://h/v1#m", "lacks a file or a policy"),
        ("record:a.jsonl,record:b.jsonl,openai:http://h/v1#m", "would record a recording"),
        ("record:a.jsonl,teapot", "there is no policy 'teapot'; valid are"),
        ("record:a.jsonl,replay:./a.jsonl", "cannot be replayed and recorded to at once"),
    ],
)
def test_spec_that_names_no_policy(tmp_path: Path, monkeypatch, spec: str, sentence: str):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=sentence) as caught:
        make_policy(spec)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []  # nothing was begun


def test_forms_begin_with_their_names():
    assert all(kind.form.partition(":")[0] == name and kind.help for name, kind in KINDS.items())


def test_no_server_is_asked_before_the_first_request():
    with closed_port() as url:
        policy = make_policy(f"openai:{url}#org/model#1")
        assert policy.name == f"openai:{url}#org/model#1"
        with pytest.raises(PolicyError, match="cannot be reached"):
            assert policy.version


def test_version_given_replaces_the_one_told_and_is_recorded(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    with ChatServer(lambda _, number: completion("hi"), models=listed(root="/models/tiny")) as server:
        policy = make_policy(f"record:{path},openai:{server.url}#tiny", version="step-400")
        assert (policy.version, policy.complete(request())[0].text) == ("step-400", "hi")
        policy.close()
        assert make_policy(f"openai:{server.url}#tiny").version == "openai:tiny (/models/tiny)"
    assert make_policy(f"replay:{path}").version == "step-400"
    assert make_policy(f"replay:{path}", version="mine").version == "mine"
    with pytest.raises(UsageError, match="version of a policy cannot be empty"):
        make_policy("smollm2", version=" ")


# One request to an OpenAI-compatible server


def test_completion_with_token_counts():
    with ChatServer(lambda request, number: completion("hi")) as server:
        assert ask(server) == Completion("hi", 11, 7, "stop")
    assert server.requests == [{"model": "tiny", "messages": list(HELLO)}]


def test_settings_go_out_as_given():
    sampling = {"temperature": 0.6, "top_p": 0.9, "max_tokens": 40, "seed": 2**63 - 1}
    with ChatServer(lambda request, number: completions(["a", "b"])) as server:
        policy = connected(server, logprobs=True)
        policy.complete(request(2, **sampling))
    assert server.requests == [
        {"model": "tiny", "messages": list(HELLO), "n": 2, "logprobs": True, **sampling},
    ]


def test_prompt_is_paid_once_for_several_completions():
    with ChatServer(lambda request, number: completions(["a", "b", "c"])) as server:
        replies = connected(server).complete(request(3))
    assert [r.text for r in replies] == ["a", "b", "c"]
    assert [r.prompt_tokens for r in replies] == [11, 0, 0]
    assert sum(r.tokens for r in replies) == 11 + 21


@pytest.mark.parametrize("written", [0, 1, 7, 100])
def test_no_token_is_lost_in_dividing(written: int):
    reply = completions(["a", "b", "c"])
    reply.body["usage"]["completion_tokens"] = written
    with ChatServer(lambda request, number: reply) as server:
        assert sum(r.completion_tokens or 0 for r in connected(server).complete(request(3))) == written


def test_server_that_sends_fewer_choices_is_asked_for_the_rest():
    def answer(asked: dict, number: int) -> Reply:
        return completions([f"{number}.{i}" for i in range(min(2, asked.get("n", 1)))])

    with ChatServer(answer) as server:
        replies = connected(server).complete(request(5, seed=3))
    assert [r.text for r in replies] == ["0.0", "0.1", "1.0", "1.1", "2.0"]
    assert [asked.get("n", 1) for asked in server.requests] == [5, 3, 1]
    seeds = [asked["seed"] for asked in server.requests]
    assert seeds[0] == 3 and len(set(seeds)) == 3 and all(0 <= seed < 2**63 for seed in seeds)
    assert sum(r.prompt_tokens or 0 for r in replies) == 33  # it was read three times


def test_more_choices_than_asked_for_are_cut_off():
    with ChatServer(lambda request, number: completions(["a", "b", "c"])) as server:
        assert [r.text for r in connected(server).complete(request(2))] == ["a", "b"]


def test_choices_without_a_message_are_asked_for_again():
    broken = completions(["a", "b"])
    broken.body["choices"][0] = {"index": 0}
    with ChatServer(lambda _, number: broken if number == 0 else completion("c")) as server:
        assert [r.text for r in connected(server).complete(request(2))] == ["b", "c"]


@pytest.mark.parametrize(
    ("logprobs", "expected"),
    [
        ({"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": 0}]}, (-0.5, 0.0)),
        ({"content": []}, ()),
        ({"content": [{"token": "a"}]}, None),
        ({"content": [{"token": "a", "logprob": "x"}]}, None),
        ({"content": None}, None),
        (None, None),
        ("none", None),
    ],
)
def test_log_probabilities_where_the_server_gives_them(logprobs, expected):
    reply = completion("ab")
    reply.body["choices"][0]["logprobs"] = logprobs
    with ChatServer(lambda request, number: reply) as server:
        assert ask(server, logprobs=True).logprobs == expected


def test_truncated_and_empty_replies_are_told_as_such():
    with ChatServer(lambda _, number: completion("", "length")) as server:
        assert ask(server) == Completion("", 11, 7, "length")


# What a server refuses to be told

NOT_MAX_TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
)


@pytest.mark.parametrize(
    ("reply", "gone", "said"),
    [
        (refusal("Unsupported value: 'temperature' does not support 0.6 with this model."),
         "temperature", "refuses temperature 0.6: it is left out"),
        (refusal("no such thing", "temperature"), "temperature", "refuses temperature 0.6"),
        (refusal("top_p must be 1", None), "top_p", "refuses top_p 0.9"),
        (refusal("Unrecognized request argument supplied: seed"), "seed", "refuses seed: it is left out"),
        (Reply({"detail": [{"loc": ["body", "seed"], "msg": "extra fields not permitted"}]}, 422),
         "seed", "refuses seed"),
        (refusal(NOT_MAX_TOKENS), "max_tokens", None),
        (refusal("'n' must be 1"), "n", None),
        (refusal("best_of must be 1, n > 1 is not supported", "n"), "n", None),
        (refusal("logprobs are not available"), "logprobs", "refuses logprobs"),
    ],
)  # fmt: skip
def test_setting_that_a_server_refuses_is_left_out_from_then_on(reply: Reply, gone: str, said: str | None):
    said_so: list[str] = []
    sampling = {"temperature": 0.6, "top_p": 0.9, "max_tokens": 40, "seed": 5}
    with ChatServer(lambda asked, _: reply if gone in asked else completion("hi")) as server:
        policy = connected(server, say=said_so.append, logprobs=True)
        for _ in range(2):
            assert len(policy.complete(request(2, **sampling))) == 2
    assert [gone in asked for asked in server.requests].count(True) == 1
    kept = {"temperature", "top_p", "seed", "logprobs", "max_tokens"} - {gone}
    assert all(kept <= set(asked) for asked in server.requests)
    if gone == "max_tokens":
        assert all(asked["max_completion_tokens"] == 40 for asked in server.requests[1:])
    assert len(said_so) == (said is not None)
    assert said is None or said in said_so[0]


def test_server_may_refuse_everything():
    names = ["max_tokens", "max_completion_tokens", "seed", "temperature", "top_p"]

    def answer(asked: dict, number: int) -> Reply:
        refused = next((name for name in names if name in asked), None)
        return refusal(f"{refused} is unknown") if refused else completion("hi")

    said: list[str] = []
    with ChatServer(answer) as server:
        policy = connected(server, say=said.append)
        for _ in range(3):
            policy.complete(request(temperature=1.0, top_p=0.5, max_tokens=3, seed=1))
    assert len(server.requests) == 5 + 3
    assert len(said) == 4


def test_refused_temperature_is_refused_by_value():
    def answer(asked: dict, number: int) -> Reply:
        return completion("hi") if asked.get("temperature", 1) == 1 else refusal("only 1", "temperature")

    with ChatServer(answer) as server:
        policy = connected(server)
        for temperature in (0.6, 1.0, 0.6):
            policy.complete(request(temperature=temperature))
    assert [asked.get("temperature") for asked in server.requests] == [0.6, None, 1.0, None]


@pytest.mark.parametrize(
    "sentence",
    [
        "This model's maximum context length is 512 tokens. However, you requested 900 tokens.",
        "This model's maximum context length is 512 tokens. However, you requested 600 output tokens and your prompt "
        "contains at least 33 input tokens, for a total of at least 633 tokens.",
        "max_tokens is too large: 600. This model supports at most 512 completion tokens.",
        "Requested tokens (633) exceed context window of 512",
        "'max_tokens' or 'max_completion_tokens' is too large: 600. This model's maximum context length is 512.",
    ],
)
def test_limit_that_does_not_fit_is_left_out_for_that_request_alone(sentence: str):
    said: list[str] = []
    with ChatServer(
        lambda asked, _: refusal(sentence) if asked.get("max_tokens", 0) > 500 else completion("hi")
    ) as server:
        policy = connected(server, say=said.append)
        for limit in (600, 40, 700):
            policy.complete(request(max_tokens=limit))
    assert [asked.get("max_tokens") for asked in server.requests] == [600, None, 40, 700, None]
    assert len(said) == 1


def test_prompt_that_is_too_long_fails():
    with ChatServer(
        lambda _, number: refusal("This model's maximum context length is 512 tokens.")
    ) as server:
        with pytest.raises(PolicyError, match=r"answered 400: .*maximum context length") as caught:
            connected(server).complete(request(max_tokens=10, seed=1))
        assert not caught.value.fatal
    assert len(server.requests) == 2


def test_refusal_for_another_reason_is_not_blamed_on_a_setting():
    seeded = refusal("no content for n seeded toppings", "messages")
    with ChatServer(lambda _, number: seeded) as server, pytest.raises(PolicyError, match="answered 400"):
        connected(server).complete(request(2, temperature=0.5, seed=1))
    assert len(server.requests) == 1


# Keys, versions, trouble


@pytest.mark.parametrize(
    ("models", "version"),
    [
        (None, "openai:tiny"),
        (listed(), "openai:tiny"),
        (listed(root="tiny"), "openai:tiny"),
        (listed(root="/models/a"), "openai:tiny (/models/a)"),
        (listed(root=["x"]), "openai:tiny"),
        (Reply({"data": "tiny"}), "openai:tiny"),
        (Reply([1]), "openai:tiny"),
        (Reply(b"what?"), "openai:tiny"),
        (failure(404), "openai:tiny"),
    ],
)
def test_version_is_the_model_and_not_the_address(models: Reply | None, version: str):
    with ChatServer(lambda _, number: completion("hi"), models=models) as server:
        policy = connected(server)
        assert [policy.version for _ in range(3)] == [version] * 3
    assert server.greetings == 1


def test_version_does_not_depend_on_how_busy_the_server_was():
    with ChatServer(lambda _, number: completion("hi"), models=failure(503)) as server:
        policy = connected(server, max_retries=1)
        assert policy.complete(request())[0].text == "hi"
        with pytest.raises(PolicyError, match="answered 503"):
            assert policy.version
        server.models = listed(root="/models/a")
        assert policy.version == "openai:tiny (/models/a)"


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
        (Reply(b"[" * 100_000), "other than JSON|failed|holds no message", False),
        (completions([]), "holds no message", False),
        (
            Reply({"error": {"message": "buy more", "code": "insufficient_quota"}}, 429),
            "answered 429: .*buy more",
            True,
        ),
        (Reply({"error": {"message": "a\ud800b\nc"}}, 400), "answered 400: .*a", False),
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


def test_lone_surrogates_are_not_sent():
    with ChatServer(lambda _, number: completion("hi")) as server:
        connected(server).complete(Request("k", ({"role": "user", "content": "a\udfffb"},)))
    assert server.requests[0]["messages"] == [{"role": "user", "content": "a?b"}]


@pytest.mark.parametrize("header", [{"Retry-After": "0.01"}, {"retry-after-ms": "10"}])
def test_server_that_says_when_to_come_back_is_asked_again(header: dict[str, str]):
    busy = Reply({"error": {"message": "busy"}}, 429, headers=header)
    with ChatServer(lambda _, number: busy if number < 2 else completion("hi")) as server:
        assert ask(server).text == "hi"
    assert len(server.requests) == 3


def test_reply_that_breaks_off_is_asked_for_again():
    cut = completion("hi there")
    cut.cut = True
    with ChatServer(lambda _, number: cut if number == 0 else completion("hi")) as server:
        assert ask(server).text == "hi"
    with ChatServer(lambda _, number: cut) as server, pytest.raises(PolicyError, match="cannot be reached"):
        ask(server, max_retries=1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "prompt_tokens", "logprobs", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_whatever_comes_back_is_read_or_refused():
    replies: list[Reply] = []
    with ChatServer(lambda _, number: replies[-1]) as server:
        policy = connected(server, max_retries=0)

        @settings(max_examples=60, deadline=None)
        @given(
            JSON | st.lists(JSON, max_size=2).map(lambda c: {"choices": c}), st.sampled_from([200, 400, 422])
        )
        def attempt(body: object, status: int) -> None:
            replies.append(Reply(body, status))
            try:
                [reply] = policy.complete(request(temperature=0.5, max_tokens=5, seed=1))
            except PolicyError:
                return
            assert isinstance(reply.text, str) and reply.tokens >= 0

        attempt()


def test_server_that_dies_and_comes_back():
    dying = threading.Event()

    def answer(_: dict, number: int) -> Reply:
        dying.set()
        return Reply({}, delay=0.2, cut=True)

    with ChatServer(answer) as server:
        policy = connected(server, max_retries=1)
        outcome: list[object] = []

        def wait() -> None:
            try:
                outcome.append(policy.complete(request()))
            except PolicyError as error:
                outcome.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        dying.wait(30)
    waiting.join(30)
    [error] = outcome
    assert isinstance(error, PolicyError) and not error.fatal
    with pytest.raises(PolicyError, match="cannot be reached") as caught:  # still gone
        policy.complete(request())
    assert not caught.value.fatal
    with ChatServer(lambda _, number: completion("back"), port=server.port):
        assert policy.complete(request())[0].text == "back"


def test_machine_that_does_not_take_connections_is_said_to_be_out_of_reach():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        full = [socket.socket() for _ in range(4)]  # so that further ones hang
        for each in full:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        policy = OpenAIPolicy(url, "tiny", environ={}, timeout=0.3, max_retries=0)
        with pytest.raises(PolicyError, match="cannot be reached") as caught:
            policy.complete(request())
        for each in full:
            each.close()
    assert caught.value.fatal


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
        OpenAIPolicy(url, "tiny", environ={}).complete(request())
    assert caught.value.fatal


def test_key_refused_by_the_list_of_models_is_said_before_any_request():
    with (
        ChatServer(lambda _, number: completion("hi"), models=failure(401)) as server,
        pytest.raises(PolicyError, match="refused the API key"),
    ):
        ask(server)
    assert server.requests == []


def test_many_threads_greet_a_server_once():
    refused = failure(401)
    refused.delay = 0.5
    errors: list[object] = []
    with ChatServer(lambda _, number: completion("hi"), models=refused) as server:
        policy = connected(server)
        together = threading.Barrier(8)

        def attempt() -> None:
            together.wait(60)
            errors.append(outcome_of(policy, request()))

        threads = [threading.Thread(target=attempt) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert server.greetings < 8
        assert len(errors) == 8 and len(set(map(str, errors))) == 1
        server.models = Reply({"data": []})  # the key is accepted now
        assert policy.complete(request())[0].text == "hi"


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


def test_torn_last_line_is_left_out_of_a_replay(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    path.write_text('{"key": "a"}\n{"key": "b", "com')
    assert [record for _, record in read_records(path)] == [{"key": "a"}]
    path.write_text('{"key": "a"}\nand so on')
    with pytest.raises(ProposerError, match="line 2: not a JSON object"):
        list(read_records(path))


# Policies that record and replay


class Scripted:
    """A policy that says what it was given, in order."""

    name, version = "scripted", "v1"

    def __init__(self, *outcomes: list[Completion] | PolicyError) -> None:
        self._outcomes = iter(outcomes)
        self._lock = threading.Lock()

    def complete(self, request: Request) -> list[Completion]:
        with self._lock:
            outcome = next(self._outcomes)
        if isinstance(outcome, PolicyError):
            raise outcome
        return outcome

    def close(self) -> None:
        pass


def outcome_of(policy: Policy, asked: Request) -> list[Completion] | tuple[type, str, bool]:
    try:
        return policy.complete(asked)
    except PolicyError as error:
        return type(error), str(error), error.fatal


ANY_TEXT = st.text(st.characters(), max_size=30)  # lone surrogates included
COMPLETIONS = st.builds(
    Completion,
    text=ANY_TEXT,
    prompt_tokens=st.none() | st.integers(0, 10**9),
    completion_tokens=st.none() | st.integers(0, 10**9),
    finish_reason=st.none() | ANY_TEXT,
    logprobs=st.none() | st.lists(st.floats(max_value=0, allow_nan=False), max_size=4).map(tuple),
)
OUTCOMES = st.lists(COMPLETIONS, min_size=1, max_size=3) | st.builds(PolicyError, ANY_TEXT, st.booleans())


@settings(deadline=None)
@given(st.dictionaries(ANY_TEXT, OUTCOMES, max_size=5), ANY_TEXT)
def test_what_was_recorded_is_replayed_exactly(tmp_path_factory, said: dict, content: str):
    path = tmp_path_factory.mktemp("recording") / "said.jsonl"
    requests = {
        key: Request(key, ({"role": "user", "content": content},), n=len(o) if isinstance(o, list) else 1)
        for key, o in said.items()
    }
    recording = RecordingPolicy(Scripted(*said.values()), path)
    first = {key: outcome_of(recording, asked) for key, asked in requests.items()}
    recording.close()
    again = ReplayPolicy(path)
    assert {key: outcome_of(again, asked) for key, asked in requests.items()} == first
    assert again.version == ("v1" if said else "replay:said.jsonl")
    assert all(line.startswith('{"key": ') for line in path.read_text().splitlines())
    assert outcome_of(again, Request("never asked", ()))[0] is NoReply


def test_recording_from_many_threads_keeps_lines_whole(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    policy = RecordingPolicy(Scripted(*([Completion("x" * 50_000)] for _ in range(64))), path)
    keys = iter(range(64))
    threads = [
        threading.Thread(
            target=lambda: [policy.complete(request(key=f"solve/{k}")) for k in itertools.islice(keys, 8)]
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {record["key"] for _, record in read_records(path)} == {f"solve/{k}" for k in range(64)}


def test_later_record_of_a_key_counts_and_the_first_completions_are_taken(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    for texts in (["old"], ["a", "b", "c"]):  # opened anew, as by a resumed run
        policy = RecordingPolicy(Scripted([Completion(text) for text in texts]), path)
        policy.complete(request(len(texts)))
        policy.close()
    replay = ReplayPolicy(path)
    assert [c.text for c in replay.complete(request(2))] == ["a", "b"]
    with pytest.raises(NoReply, match="holds 3 of the 4 completions of propose/0"):
        replay.complete(request(4))


def test_end_of_a_recording_is_not_recorded(tmp_path: Path):
    policy = RecordingPolicy(Scripted(NoReply("no more")), tmp_path / "said.jsonl")
    with pytest.raises(NoReply):
        policy.complete(request())
    assert (tmp_path / "said.jsonl").read_text() == ""


def test_error_of_a_policy_without_a_version_is_recorded(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    with closed_port() as url:
        policy = make_policy(f"record:{path},openai:{url}#tiny")
        first = outcome_of(policy, request())
    assert outcome_of(ReplayPolicy(path), request()) == first
    assert first[2] is True


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux only")
def test_reply_that_cannot_be_written_down_is_not_handed_on():
    policy = RecordingPolicy(Scripted([Completion("hi")]), Path("/dev/full"))
    with pytest.raises(PolicyError, match="cannot record to /dev/full") as caught:
        policy.complete(request())
    assert caught.value.fatal


def test_recording_of_proposals_is_not_mixed_with_one_of_a_policy(tmp_path: Path):
    path = tmp_path / "said.jsonl"
    path.write_text('{"index": 0}\n')
    with pytest.raises(ProposerError, match="it exists and is not a recording of this kind"):
        RecordingPolicy(Scripted(), path)
    with pytest.raises(ProposerError, match="line 1: 'key' is missing"):
        ReplayPolicy(path)


GOOD = {
    "key": "a",
    "policy": "v",
    "messages": [],
    "completions": [{"text": "hi"}],
    "error": None,
    "note": "by hand",
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"key": 1}, "'key' is missing or of the wrong type"),
        ({"policy": 1}, "'policy'"),
        ({"completions": None}, "'completions'"),
        ({"completions": []}, "neither completions nor an error"),
        ({"completions": ["hi"]}, "something other than objects"),
        ({"completions": [{"text": None}]}, "'text'"),
        ({"completions": [{"text": "a", "prompt_tokens": True}]}, "'prompt_tokens'"),
        ({"completions": [{"text": "a", "logprobs": ["x"]}]}, "'logprobs'"),
        ({"error": 7}, "'error'"),
        ({"error": "gone", "fatal": "yes"}, "'fatal'"),
    ],
)
def test_record_that_is_none_is_named(tmp_path: Path, change: dict, sentence: str):
    path = tmp_path / "said.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD | change) + "\n")
    with pytest.raises(ProposerError, match=f"line 2: .*{sentence}|line 2: {sentence}"):
        ReplayPolicy(path)
    path.write_text(json.dumps(GOOD) + "\n")
    assert ReplayPolicy(path).complete(request(key="a")) == [Completion("hi")]
