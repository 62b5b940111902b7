"""The process that runs one environment program for one request, and then is gone.

It reads its request from the only descriptor it holds, confines itself, compiles the program, makes the calls
and writes frames: a 4-byte big-endian length and that many bytes of JSON. The first says that confinement
stands, the second how loading went, then comes one per call. From the second on frames are claims: whoever
controls this process can write them, so the host re-checks everything that it can.

A request is a JSON object: `op`, `source`, `items` (one per call), `states` (JSON texts that items refer to),
`memory` (bytes), `cpu` and `wall` (seconds per call), `total_cpu` (seconds), `frame` (the most bytes of a result; the
host refuses more), `salt` (disturbs clock and global random state), `strict` (verify after each call that the state
did not change) and `precise` (write each frame at once, so that it can be told how far a process came).
"""

import builtins
import gc
import json
import os
import random
import signal
import struct
import sys
import time
import types
from collections.abc import Callable
from typing import Any

import inspection
import packages
import probes
from confinement import Confinement

_FILE = "<environment>"
_exit, _read, _write = os._exit, os.read, os.write
_pack, _setitimer, _gmtime = struct.pack, signal.setitimer, time.gmtime
_Random = random.Random
# Made once: json.dumps makes an encoder for every call that has options.
_encode = json.JSONEncoder(ensure_ascii=False).encode
_encode_finite = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_encode_ascii = json.JSONEncoder().encode  # for texts that may hold lone surrogates
_decode_start = json.JSONDecoder().raw_decode
MAX_PICTURE_BYTES = 512 * 1024
MAX_DEPTH = 60  # the host refuses deeper nesting: say it here as the program's fault
BUFFER_BYTES = 16 * 1024  # of frames before they are written, unless the request asks for each at once
READY = '{"ready":true}'
LOADED = '{"loaded":true}'

Call = Callable[..., Any]


class ContractError(Exception):
    """The program broke a rule that only this process can see."""


def serve(descriptor: int, confinement: Confinement) -> None:
    """Handle the one request on `descriptor`; never returns.

    Without the first frame a failure is ours; afterwards it is held against the program.
    """
    try:
        request = _decode(_receive(descriptor).decode("utf-8"))
        if request["op"] == "probe":
            _probe(descriptor, request, confinement)
        confinement.enter(request["memory"], request["total_cpu"])
        _send(descriptor, READY)
    except BaseException as error:
        _send(descriptor, _encode_ascii({"fault": f"{type(error).__name__}: {error}"}))
        _exit(70)
    try:
        _work(descriptor, request)
    except BaseException:
        _exit(71)
    _exit(0)


def _receive(descriptor: int) -> bytes:
    size = struct.unpack(">I", _exactly(descriptor, 4))[0]
    return _exactly(descriptor, size)


def _exactly(descriptor: int, size: int) -> bytes:
    chunks = []
    while size:
        chunk = _read(descriptor, min(size, 1 << 20))
        if not chunk:
            raise EOFError("the request ended early")
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _send(descriptor: int, text: str) -> None:
    data = text.encode("utf-8")
    _write_all(descriptor, _pack(">I", len(data)) + data)


def _write_all(descriptor: int, data: bytes | bytearray) -> None:
    written = 0
    while written < len(data):
        written += _write(descriptor, data[written:] if written else data)


def _probe(descriptor: int, request: dict[str, Any], confinement: Confinement) -> None:
    """Attack ourselves with one of our own probes, inside all layers or (`boxed`) inside the box alone."""
    name, argument = request["items"][0]
    attack = probes.PROBES[name]
    if name in probes.CHILD_PROBES:
        confinement.enter(request["memory"], request["total_cpu"])
    _send(descriptor, READY)
    _send(descriptor, LOADED)
    _send(descriptor, _encode_ascii({"v": attack(argument)}))
    _exit(0)


def _work(descriptor: int, request: dict[str, Any]) -> None:
    op, source = request["op"], request["source"]
    gc.enable()
    if op == "inspect":
        _arm(request)
        _send(descriptor, LOADED)
        _send(descriptor, '{"v":' + _encode_ascii(inspection.inspect(source)) + "}")
        _exit(0)
    if request["salt"]:
        (packages.settle if op in GYM else isolate_time)(request["salt"])
    _arm(request)
    try:
        module = _load(source)
    except BaseException as error:
        _send(descriptor, _encode_ascii({"loaded": False, **_failure(error, "import")}))
        _exit(0)
    _send(descriptor, LOADED)
    run = {"instance": _instance, "derive": _derive, "render": _render, "score": _score, **GYM}[op]
    states, strict, precise = request.get("states", []), request["strict"], request["precise"]
    most, frames = request["frame"], bytearray()
    for item in request["items"]:
        _arm(request)
        try:
            frame = run(module, item, states, strict).encode("utf-8")
            if len(frame) > most:
                raise ContractError(f"{op} returned {len(frame)} bytes as JSON, more than {most}")
        except BaseException as error:
            frame = _encode_ascii(_failure(error, op)).encode("utf-8")
        frames += _pack(">I", len(frame)) + frame
        if precise or len(frames) > BUFFER_BYTES:
            _write_all(descriptor, frames)
            frames.clear()
    _write_all(descriptor, frames)


def _arm(request: dict[str, Any]) -> None:
    """Give the next call its CPU and wall time; both timers end the process."""
    _setitimer(signal.ITIMER_PROF, request["cpu"])
    _setitimer(signal.ITIMER_REAL, request["wall"])


def _load(source: str) -> dict[str, Any]:
    module = types.ModuleType("environment")
    sys.modules["environment"] = module  # dataclasses look their module up
    namespace = module.__dict__
    exec(compile(source, _FILE, "exec", dont_inherit=True), namespace)
    return namespace


def _instance(module: dict[str, Any], item: list[int], states: list[str], strict: bool) -> str:
    seed, difficulty = item
    state = module["generate"](random.Random(seed), difficulty)
    if not isinstance(state, dict):
        raise ContractError(f"generate returned {_kind(state)}, not a JSON object (dict)")
    text = _encode_finite(state)
    copy = _decode(text)
    if copy != state:
        raise ContractError(
            "the state does not survive a JSON round trip unchanged (a tuple or non-string key?)"
        )
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _refuse_depth(copy)
    derived = _describe(module, copy, prompt_first=True)
    if _encode(copy) != text:
        raise ContractError("prompt or reference changed the state")
    return '{"v":{"state":' + text + "," + derived + "}}"


def _refuse_depth(state: dict[str, Any]) -> None:
    level: list[Any] = [state]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in (node.values() if isinstance(node, dict) else node)]
        level = [node for node in level if isinstance(node, (dict, list))]
        if not level:
            return
    raise ContractError(f"the state is nested deeper than {MAX_DEPTH}")


def _derive(module: dict[str, Any], item: list[Any], states: list[str], strict: bool) -> str:
    index, prompt_first = item
    return '{"v":{' + _describe(module, _decode(states[index]), prompt_first) + "}}"


def _describe(module: dict[str, Any], state: dict[str, Any], prompt_first: bool) -> str:
    if prompt_first:
        prompt, reference = module["prompt"](state), module["reference"](state)
    else:
        reference, prompt = module["reference"](state), module["prompt"](state)
    for name, value in (("prompt", prompt), ("reference", reference)):
        if type(value) is not str:
            raise ContractError(f"{name} returned {_kind(value)}, not str")
    return '"prompt":' + _encode(prompt) + ',"reference":' + _encode(reference)


def _render(module: dict[str, Any], item: list[int], states: list[str], strict: bool) -> str:
    text = states[item[0]]
    state = _decode(text)
    picture = module["render"](state)
    if type(picture) is not str:
        raise ContractError(f"render returned {_kind(picture)}, not str")
    size = len(picture.encode("utf-8"))
    if size > MAX_PICTURE_BYTES:
        raise ContractError(f"render returned {size} bytes of SVG, more than {MAX_PICTURE_BYTES}")
    if _encode(state) != _encode(_decode(text)):
        raise ContractError("render changed the state")
    return '{"v":' + _encode(picture) + "}"


def _score(module: dict[str, Any], item: list[Any], states: list[str], strict: bool) -> str:
    index, answer = item
    text = states[index]
    state = _decode(text)
    value = module["score"](state, answer)
    if type(value) is not float:
        raise ContractError(f"score returned {_kind(value)}, not float")
    if not 0.0 <= value <= 1.0:
        raise ContractError(f"score returned {value!r}, outside 0 to 1")
    if strict and _encode(state) != _encode(_decode(text)):
        raise ContractError("score changed the state")
    return '{"v":' + repr(value) + "}"


def _gym_make(module: dict[str, Any], item: list[int], states: list[str], strict: bool) -> str:
    return sys.modules["gyms"].make(module["task"], item)  # type: ignore[no-any-return]


def _gym_score(module: dict[str, Any], item: list[Any], states: list[str], strict: bool) -> str:
    return sys.modules["gyms"].score(module["task"], item, strict)  # type: ignore[no-any-return]


def _gym_stream(module: dict[str, Any], item: list[int], states: list[str], strict: bool) -> str:
    return sys.modules["gyms"].stream(module["task"], item)  # type: ignore[no-any-return]


GYM: dict[str, Callable[..., str]] = {
    "gym-make": _gym_make,
    "gym-score": _gym_score,
    "gym-stream": _gym_stream,
}


def _decode(text: str) -> Any:
    """The value of a JSON text without white space around it, as all are that come here."""
    return _decode_start(text)[0]


def _kind(value: object) -> str:
    return (
        f"{type(value).__name__} {str(value)[:40]!r}"
        if isinstance(value, (str, int))
        else type(value).__name__
    )


def _failure(error: BaseException, where: str) -> dict[str, Any]:
    """The error as data: type, message, and the last line of the program that it came through."""
    line, function, trace = 0, where, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line, function = trace.tb_lineno, trace.tb_frame.f_code.co_name
        trace = trace.tb_next
    try:
        message = str(error)[:400].encode("utf-8", "replace").decode()
    except BaseException:
        message = "(its message cannot be shown)"
    return {"e": type(error).__name__[:80], "m": message, "l": line, "f": function[:80]}


def isolate_time(salt: int) -> None:
    """Clocks stand still at a time that depends on the salt, so that replay under another salt shows their use.

    An unseeded random.Random is seeded with the salt, likewise. The zygote does this for salt 0, the usual one,
    before it forks; the child of a request with another salt does it again.
    """
    now = 1_700_000_000.0 + salt * 86_461.5
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, name, lambda: now)
        setattr(time, name + "_ns", lambda: int(now * 1e9))
    time.gmtime = time.localtime = lambda seconds=None: _gmtime(now if seconds is None else seconds)
    time.clock_gettime = lambda clock: now
    time.clock_gettime_ns = lambda clock: int(now * 1e9)
    for name in ("ctime", "asctime", "strftime"):
        time.__dict__.pop(name, None)
    for name in ("datetime", "_datetime"):
        sys.modules.pop(name, None)

    class Random(_Random):
        """Random whose default seed is the salt instead of the system's entropy."""

        def __init__(self, x: Any = None) -> None:
            super().__init__(salt if x is None else x)

        def seed(self, a: Any = None, version: int = 2) -> None:
            super().seed(salt if a is None else a, version)

    random.Random = Random  # type: ignore[misc]
    hidden = random._inst = Random()
    for name in dir(random):
        if isinstance(getattr(getattr(random, name), "__self__", None), _Random):
            setattr(random, name, getattr(hidden, name))


def close_imports() -> None:
    """From here on only what is loaded can be imported: no finder, no path, no cache of importers."""
    sys.meta_path.clear()
    sys.path.clear()
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    for name in ("site", "sitecustomize"):
        sys.modules.pop(name, None)
    for name in ("copyright", "credits", "license"):
        setattr(builtins, name, None)
