"""The sandbox itself: its levels, what it believes, and what it is asked for."""

from __future__ import annotations

import importlib.util
import json
import random
import re
import signal
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import campaign
import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxes import ALL_LEVELS, DRAW, LEVELS, TAIL, Maker, drawn, processes

from envforge.config import SandboxConfig
from envforge.contract import Flavour, Instance
from envforge.errors import IsolationError, SandboxError
from envforge.locations import data_folder
from envforge.sandbox import (
    Evaluator,
    Failure,
    Level,
    Reply,
    Request,
    Sandbox,
    ScoreCall,
    Status,
    calls,
)
from envforge.sandbox.box import interpreter
from envforge.sandbox.ladder import PROBES, UNTRIED
from envforge.sandbox.reply import decode_frame, read_reply, split_frames
from envforge.sandbox.runner import RawReply

# Levels


def test_a_level_below_the_lowest_acceptable_one_is_refused() -> None:
    with pytest.raises(IsolationError, match="level 0 was asked for, but levels below 1 are refused"):
        Sandbox(SandboxConfig(use="0")).start()
    with pytest.raises(IsolationError, match="levels below 2 are refused"):
        Sandbox(SandboxConfig(use="1", isolation=2)).start()


def test_level_0_can_be_forced_and_says_what_gets_through(make: Maker) -> None:
    sandbox = make(0)
    assert sandbox.level is Level.LIMITS
    assert {"read a file", "UDP socket", "execute a program"} <= set(sandbox.reports[0].escaped)
    assert Evaluator(sandbox).instances(campaign.program(DRAW), [(5, 0)])[0].state["n"] == drawn(5)


@pytest.mark.parametrize(
    ("config", "tried"),
    [
        (SandboxConfig(), [3, 2, 1]),
        (SandboxConfig(isolation=0), [3, 2, 1, 0]),
        (SandboxConfig(isolation=3), [3]),
        (SandboxConfig(isolation=4), [4, 5]),
        (SandboxConfig(isolation=5), [5]),
        (SandboxConfig(use="2"), [2]),
        (SandboxConfig(use="5"), [5]),
    ],
)
def test_only_who_asks_for_a_container_gets_one(config: SandboxConfig, tried: list[int]) -> None:
    assert Sandbox(config)._candidates() == tried


def test_survey_tries_every_level(sandbox: Sandbox) -> None:
    reports = sandbox.survey()
    assert [report.level for report in reports] == [5, 4, 3, 2, 1, 0]
    assert all(report.reason for report in reports)
    available = [report for report in reports if report.available]
    assert {report.level for report in available} >= {0, 1, int(sandbox.level)}
    for report in available:
        tried = {name for name in PROBES if name not in UNTRIED.get(report.level, ())}
        assert {*report.escaped, *report.stopped} == tried and not {*report.escaped} & {*report.stopped}
        must = {name for name in tried if PROBES[name] <= report.level}
        assert must <= {*report.stopped}, report
    assert available[-1].escaped, "level 0 stops nothing"


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_every_level_runs_the_same_program_alike(level: int, make: Maker) -> None:
    sandbox = make(level)
    assert sandbox.level == level and not sandbox.reports[0].escaped
    evaluator = Evaluator(sandbox)
    assert evaluator.isolation == str(level)
    found = evaluator.instances(campaign.program(GRAPH, Flavour.NETWORKX), [(5, 0), (6, 1)])
    for seed, instance in zip((5, 6), found):
        graph = networkx.gnp_random_graph(10, 0.4, seed=random.Random(seed))
        assert instance.state["edges"] == sorted(map(list, graph.edges))
    answers = [
        ScoreCall(calls.state_text(i.state), answer) for i in found for answer in (i.reference, "none")
    ]
    assert evaluator.scores(campaign.program(GRAPH, Flavour.NETWORKX), answers) == [1.0, 0.0, 1.0, 0.0]


@pytest.fixture
def fake_bwrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program of the given text in bubblewrap's place."""

    def put(text: str) -> None:
        path = tmp_path / "bwrap"
        path.write_text(text)
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return put


LYING = f"""#!{interpreter()}
import os, sys
arguments = sys.argv[1:]
places = {{arguments[i + 2]: arguments[i + 1] for i, a in enumerate(arguments) if a == "--ro-bind"}}
command = [places.get(a, a) for a in arguments[arguments.index("-s") - 1:]]
os.execv(command[0], command)
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "bubblewrap \\(bwrap\\) is not installed"),
        (
            "#!/bin/sh\necho bwrap: no permissions to create a namespace >&2\nexit 1\n",
            "no permissions to create",
        ),
        ("#!/bin/sh\nexit 0\n", "it said nothing"),
        ("no program at all", "Exec format error"),
        (LYING, "these attacks got through: host files"),
    ],
    ids=["missing", "refused", "silent", "broken", "boxing nothing"],
)
def test_a_box_that_fails_means_level_1_and_says_why(
    text: str | None, reason: str, fake_bwrap: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is None:
        monkeypatch.setenv("PATH", "/nonexistent")
    else:
        fake_bwrap(text)
    with Sandbox(SandboxConfig(workers=1)) as sandbox:
        assert sandbox.level is Level.CONFINED
        grouped, boxed, confined = sandbox.reports
        assert not grouped.available and not boxed.available and confined.available
        assert re.search(reason, boxed.reason), boxed.reason
    with pytest.raises(IsolationError, match=reason):
        Sandbox(SandboxConfig(isolation=2)).start()


def test_an_interpreter_that_is_not_there_is_named() -> None:
    with pytest.raises(IsolationError, match="/nonexistent/python"):
        Sandbox(python="/nonexistent/python").start()


# What is believed

READY, LOADED = b'{"ready":true}', b'{"loaded":true}'
CLEAN = {"exit": 0, "cut": None, "cpu": 0.0, "wall": 0.0, "rss": 9.0}


def framed(*frames: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(frame)) + frame for frame in frames)


def read(body: bytes, calls: int = 1, **header: Any) -> Reply:
    return read_reply(RawReply({**CLEAN, **header}, body), calls)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=8), st.binary(max_size=3))
def test_frames_come_apart_as_they_were_put_together(frames: list[bytes], tail: bytes) -> None:
    body = framed(*frames) + tail
    assert split_frames(body, len(frames)) == (frames, tail)
    assert split_frames(body, 3) == (frames[:3], framed(*frames[3:]) + tail)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(JSON, st.booleans())
def test_json_is_read_as_it_was_written(value: Any, ascii: bool) -> None:
    assert decode_frame(json.dumps(value, ensure_ascii=ascii).encode()) == value


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\xff", b"{", b"1 2", b"NaN", b"-Infinity", b"[1e999]", b"-1e999", b'"\\ud800"', b'{"\\udfff":1}',
        b"9" * 5000, b"[" * 65 + b"]" * 65, b"[" * 200_000, b'{"a":' * 100_000, b'"' + b"x" * 2**18 + b'"',
        b'"\xed\xa0\x80"', b"{'a':1}", b'{"a":01}',
    ],
    ids=lambda frame: repr(frame[:12]),
)  # fmt: skip
def test_what_is_not_strict_json_is_refused(frame: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        decode_frame(frame)
    assert read(framed(READY, LOADED, frame)).failure.status is Status.FORGED


ERROR = {"e": "E", "m": "m", "l": 1, "f": "f"}


@pytest.mark.parametrize(
    ("frames", "tail"),
    [
        ([], b""),
        ([b'{"v":1}', b'{"v":1}'], b""),
        ([b'{"v":1}'], b"\0"),
        ([b'{"v":1}'], b"\0\0\0\x09x"),
        ([b'{"v":1,"w":2}'], b""),
        ([b"[1]"], b""),
        ([b"{}"], b""),
        *(([json.dumps({**ERROR, **change}).encode()], b"") for change in (
            {"l": -1}, {"l": True}, {"l": 10**30}, {"l": "1"}, {"e": 1}, {"m": None}, {"f": []}, {"x": 1},
        )),
    ],
)  # fmt: skip
def test_frames_that_no_honest_child_writes_are_forged(frames: list[bytes], tail: bytes) -> None:
    reply = read(framed(READY, LOADED, *frames) + tail)
    assert reply.failure is not None and reply.failure.status is Status.FORGED
    assert reply.results == ()


def test_a_forged_frame_is_pinned_to_its_call() -> None:
    reply = read(framed(READY, LOADED, b'{"v":1}', b'{"v":2}', b"NaN", b'{"v":4}'), 4)
    assert reply.failure.status is Status.FORGED and reply.reached == 2


def test_how_loading_went_is_checked_too() -> None:
    refused = json.dumps({"loaded": False, **ERROR}).encode()
    reply = read(framed(READY, refused))
    assert reply.failure == Failure(Status.RAISED, "E: m", 1, "f", "E") and not reply.loaded
    for body in (framed(READY, refused, b'{"v":1}'), framed(READY, b"[]"), framed(READY, b'{"loaded":1}')):
        assert read(body).failure.status is Status.FORGED
    assert read(framed(READY)).failure.status is Status.FORGED


def test_what_fails_before_confinement_is_ours() -> None:
    for body, header in ((framed(b'{"fault":"OSError"}'), {"exit": 70 << 8}), (b"", {"exit": 9}), (b"", {})):
        with pytest.raises(SandboxError):
            read(body, **header)


@pytest.mark.parametrize("number", range(1, 65))
def test_every_signal_has_a_name(number: int) -> None:
    failure = read(framed(READY, LOADED), exit=number).failure
    named = {signal.SIGSYS: Status.FORBIDDEN, signal.SIGXCPU: Status.CPU, signal.SIGPROF: Status.CPU,
             signal.SIGALRM: Status.WALL, signal.SIGKILL: Status.CPU}  # fmt: skip
    assert failure.status is named.get(number, Status.CRASHED) and failure.message


def test_an_end_outweighs_every_result() -> None:
    body = framed(READY, LOADED, b'{"v":1.0}')
    assert read(body).results == (1.0,)
    for header, status in (
        ({"exit": 70 << 8}, Status.CRASHED),
        ({"cut": "wall", "exit": 9}, Status.WALL),
        ({"cut": "output", "exit": 9}, Status.OUTPUT),
        ({"rss": 513.0}, Status.MEMORY),
    ):
        reply = read(body, **header)
        assert reply.failure.status is status and reply.results == () and reply.reached == 1


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=200),
    st.integers(0, 3),
    st.integers(0, 0xFFFF),
    st.sampled_from([None, "wall", "output"]),
)
def test_no_bytes_raise_anything_unforeseen(noise: bytes, calls: int, status: int, cut: str | None) -> None:
    ready, loaded = framed(READY), framed(READY, LOADED)
    for body in (noise, framed(noise), ready + noise, loaded + noise, loaded + framed(noise)):
        try:
            reply = read(body, calls, exit=status, cut=cut)
        except SandboxError:
            assert not body.startswith(ready)
        else:
            clean = status == 0 and cut is None and len(reply.results) == calls
            assert clean if reply.failure is None else reply.results == ()


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ([], Status.FORGED),
        ({"state": {}, "prompt": "x" * 20}, Status.FORGED),
        ({"state": [], "prompt": "x" * 20, "reference": "1"}, Status.FORGED),
        ({"state": {}, "prompt": 1, "reference": "1"}, Status.FORGED),
        ({"state": {}, "prompt": "x" * 20, "reference": None}, Status.FORGED),
        ({"state": {"x": "y" * 70_000}, "prompt": "x" * 20, "reference": "1"}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 19, "reference": "1"}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 8001, "reference": "1"}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 20, "reference": ""}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 20, "reference": "1" * 2001}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 20, "reference": " 1"}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 20, "reference": "a</answer>"}, Status.RAISED),
        ({"state": {}, "prompt": "x" * 20, "reference": "\\boxed{1}"}, Status.RAISED),
    ],
)
def test_instances_are_checked_by_the_host(value: Any, status: Status) -> None:
    found = calls._instance(campaign.program(DRAW), (0, 0), value)
    assert isinstance(found, Failure) and found.status is status


@pytest.mark.parametrize("value", [True, 1, "1.0", None, 1.5, -0.1, [], {}])
def test_scores_are_checked_by_the_host(value: Any) -> None:
    assert calls._scored(value).status is Status.FORGED


# The system-call filter

KILL, DENY, ALLOW = 0x80000000, 0x0005000D, 0x7FFF0000
EXEC = 4


@pytest.fixture(scope="module")
def seccomp() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seccomp", data_folder("sandbox") / "seccomp.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def filtered(code: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the kernel's interpreter of classic BPF would return, for the five instructions that are used."""
    data = struct.pack("<IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    lines = list(struct.iter_unpack("<HBBI", code))
    at = value = 0
    while True:
        operation, on_true, on_false, k = lines[at]
        at += 1
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, k)
        elif operation == 0x06:
            return int(k)
        else:
            holds = {0x15: value == k, 0x35: value >= k, 0x45: bool(value & k)}[operation]
            at += on_true if holds else on_false


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_filter_lets_its_table_pass_and_nothing_else(arch: str, seccomp: ModuleType) -> None:
    code, audit = seccomp.assemble(arch), seccomp.AUDIT_ARCH[arch]
    allowed, denied = set(seccomp.ALLOWED[arch].values()), set(seccomp.DENIED[arch].values())
    mapping = set(seccomp.WITHOUT_EXEC[arch].values())
    assert (
        len(allowed) == len(seccomp.ALLOWED[arch])
        and not allowed & denied
        and not (allowed | denied) & mapping
    )
    for number in [*range(600), 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]:
        action = ALLOW if number in allowed | mapping else DENY if number in denied else KILL
        assert filtered(code, audit, number) == action, number
        assert filtered(code, audit, number, *[2**64 - 1] * 6) == (KILL if number in mapping else action), (
            number
        )
        assert filtered(code, audit, number | 0x40000000) == KILL
        for other in {0x40000003, 0xC000003E, 0xC00000B7, 0x40000028, 0} - {audit}:
            assert filtered(code, other, number) == KILL
    for number in mapping:
        for protection in range(16):
            action = KILL if protection & EXEC else ALLOW
            assert filtered(code, audit, number, 0, 4096, protection) == action
            assert filtered(code, audit, number, 0, 4096, protection | 0xABCD_0000_0000_0000) == action


def test_filter_needs_a_known_architecture(seccomp: ModuleType) -> None:
    with pytest.raises(KeyError):
        seccomp.assemble("riscv64")


@pytest.mark.parametrize("level", LEVELS)
def test_every_other_system_call_kills(level: int, make: Maker, seccomp: ModuleType) -> None:
    """All numbers that kernels have today, really called."""
    sandbox = make(level)
    arch = seccomp.machine()
    spared = {
        *seccomp.ALLOWED[arch].values(),
        *seccomp.DENIED[arch].values(),
        *seccomp.WITHOUT_EXEC[arch].values(),
    }
    if arch == "x86_64":
        spared |= {335, 336}  # uretprobe, uprobe: no filter is asked, and outside of a probe they only fail
    numbers = [number for number in range(480) if number not in spared]
    call = "ctypes.CDLL(None).syscall(n, 0, 0, 0, 0, 0, 0)"
    source = f'import ctypes\ndef generate(rng, n):\n    return {{"n": {call}}}\n{TAIL}'
    replies = sandbox.run_many([Request("instance", source, [[0, number]]) for number in numbers])
    survived = [
        n for n, reply in zip(numbers, replies) if getattr(reply.failure, "status", None) != Status.FORBIDDEN
    ]
    assert survived == []


# Calls


def test_batches_and_fresh_processes_agree(evaluator: Evaluator) -> None:
    program, draw = campaign.program(DRAW), random.Random(7)
    keys = [(draw.randrange(2**63), draw.randrange(10)) for _ in range(500)]
    batched = evaluator.instances(program, keys)
    assert batched == evaluator.instances(program, keys, fresh=True)
    assert [(i.seed, i.difficulty, i.state["n"]) for i in batched] == [(s, d, drawn(s)) for s, d in keys]
    answers = [ScoreCall(calls.state_text(i.state), draw.choice([i.reference, "0"])) for i in batched]
    scores = evaluator.scores(program, answers)
    assert scores[:100] == evaluator.scores(program, answers[:100], fresh=True)
    assert scores == [float(i.reference == call.answer) for i, call in zip(batched, answers)]
    derived = evaluator.derivations(program, [i.state for i in batched], prompt_first=False)
    assert derived == [(i.prompt, i.reference) for i in batched]


BREAKING = f'''"""Breaks at some difficulties, each in its own way."""
import ctypes, os
def generate(rng, n):
    if n == 7:
        os._exit(0)
    if n == 18:
        ctypes.string_at(0)
    if n == 19:
        os.fork()
    if n == 40:
        raise ValueError("at forty")
    if n == 55:
        os.write(3, bytes(9))
        os._exit(0)
    return {{"n": n}}
{TAIL}'''
BROKEN = {7: Status.FORGED, 18: Status.CRASHED, 19: Status.FORBIDDEN, 40: Status.RAISED, 55: Status.FORGED}


def test_a_batch_that_breaks_is_pinned_to_the_right_call(evaluator: Evaluator) -> None:
    found = evaluator.instances(campaign.program(BREAKING), [(0, n) for n in range(64)])
    assert {n: value.status for n, value in enumerate(found) if isinstance(value, Failure)} == BROKEN
    assert all(value.state == {"n": n} for n, value in enumerate(found) if isinstance(value, Instance))
    assert found[40].line == 11 and found[40].function == "generate" and "at forty" in str(found[40])


def test_a_program_that_breaks_at_every_call_costs_a_process_per_call(sandbox: Sandbox) -> None:
    source = f"import os\ndef generate(rng, n):\n    os._exit(0)\n{TAIL}"
    before = sandbox.counters.requests
    found = Evaluator(sandbox).instances(campaign.program(source), [(0, n) for n in range(200)])
    assert {value.status for value in found} == {Status.FORGED}
    assert sandbox.counters.requests - before < 300


def test_a_program_that_does_not_load_is_asked_once(sandbox: Sandbox) -> None:
    before = sandbox.counters.requests
    found = Evaluator(sandbox).instances(campaign.program("def generate(:\n"), [(0, n) for n in range(8)])
    assert {(value.status, value.error) for value in found} == {(Status.RAISED, "SyntaxError")}
    assert sandbox.counters.requests == before + 1


GRAPH = f'''"""Draws a graph."""
import networkx
def generate(rng, n):
    graph = networkx.gnp_random_graph(10, 0.4, seed=rng)
    return {{"n": networkx.number_connected_components(graph), "edges": sorted(map(list, graph.edges))}}
{TAIL}'''


def test_networkx_draws_the_same_graphs_inside_and_outside(evaluator: Evaluator) -> None:
    found = evaluator.instances(campaign.program(GRAPH, Flavour.NETWORKX), [(seed, 0) for seed in range(10)])
    for seed, instance in enumerate(found):
        graph = networkx.gnp_random_graph(10, 0.4, seed=random.Random(seed))
        assert instance.state["edges"] == sorted(map(list, graph.edges))


@pytest.mark.parametrize(
    "level", LEVELS[:2]
)  # a container's image has nothing but networkx: test_container.py
def test_nothing_beside_networkx_can_be_imported(level: int, tmp_path: Path) -> None:
    (tmp_path / "networkx").symlink_to(Path(networkx.__file__).parent)
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("here = True\n")
    source = f'import networkx\ndef generate(rng, n):\n    import numpy\n    return {{"n": 1}}\n{TAIL}'
    sandbox = Sandbox(SandboxConfig(isolation=level, use=str(level), workers=1))
    sandbox._library = tmp_path
    try:
        reply = sandbox.run(Request("instance", source, [[0, 0]], flavour=Flavour.NETWORKX))
        assert reply.results[0].error == "ModuleNotFoundError"
        assert sandbox.run(Request("instance", GRAPH, [[0, 0]], flavour=Flavour.NETWORKX)).failure is None
    except IsolationError as error:
        campaign.missing(str(error), level)
    finally:
        sandbox.close()


@pytest.mark.parametrize("level", [LEVELS[0], LEVELS[-1]])
def test_hash_seeds_are_what_was_asked_for(level: int, make: Maker) -> None:
    source = f'def generate(rng, n):\n    return {{"n": hash("envforge")}}\n{TAIL}'
    sandbox = make(level)
    seeds = [*range(20), 0, 1]
    replies = sandbox.run_many([Request("instance", source, [[0, 0]], hash_seed=seed) for seed in seeds])
    hashes = [reply.results[0]["state"]["n"] for reply in replies]
    assert hashes[20:] == hashes[:2] and len(set(hashes)) == 20
    for seed in (1, 19):
        line = "print(hash('envforge'))"
        ours = subprocess.run(
            [interpreter(), "-c", line], capture_output=True, env={"PYTHONHASHSEED": str(seed)}, check=True
        )
        assert int(ours.stdout) == hashes[seed]
    assert len(processes(sandbox, "zygote.main()")) <= 18  # the longest idle make room


def test_clock_and_unseeded_randomness_follow_the_salt(sandbox: Sandbox) -> None:
    state = '{"n": time.time(), "r": random.random()}'
    source = f"import random, time\ndef generate(rng, n):\n    return {state}\n{TAIL}"
    replies = sandbox.run_many([Request("instance", source, [[0, 0]], salt=salt) for salt in (0, 0, 1)])
    first, again, other = (reply.results[0]["state"] for reply in replies)
    assert first == again and first["n"] != other["n"] and first["r"] != other["r"]


@pytest.mark.parametrize("level", [LEVELS[0], LEVELS[-1]])
def test_cpu_limit_holds_when_every_timer_and_signal_is_off(level: int, make: Maker) -> None:
    attack = campaign.load(campaign.ATTACKS / "spin_without_timers.py")
    sandbox = make(level, wall_factor=1000.0)
    reply = sandbox.run(campaign.request_for(attack, "generate", 1))
    assert reply.failure.status is Status.CPU
    assert 2.0 <= reply.cpu < 5.0
    assert sandbox.counters.retries == 0, "the kernel's hard limit was taken for a kill from outside"


def test_what_happened_is_counted(make: Maker) -> None:
    sandbox = make(1)
    Evaluator(sandbox).instances(campaign.program(DRAW), [(seed, 0) for seed in range(10)])
    assert (sandbox.counters.requests, sandbox.counters.calls, sandbox.counters.failures) == (1, 10, {})
    sandbox.run(Request("instance", "import os\nos._exit(0)", [[0, 0]]))
    assert sandbox.counters.failures == {"forged result": 1} and sandbox.counters.cpu_seconds > 0
