"""What came back from a child, taken apart and checked: nothing in it is believed before."""

from __future__ import annotations

import enum
import json
import math
import os
import signal
import struct
from dataclasses import dataclass
from typing import Any

from envforge.contract import MEMORY_BYTES
from envforge.errors import SandboxError
from envforge.sandbox.runner import RawReply

MAX_FRAME_BYTES = 256 * 1024  # of a result, unless its request says otherwise
MAX_DEPTH = 64


class Status(enum.StrEnum):
    """Why a call gave no value. All of them are the program's doing; what is ours raises SandboxError."""

    RAISED = "raised"  # an exception, or a return value that the contract refuses
    CPU = "out of CPU time"
    WALL = "out of wall time"
    MEMORY = "out of memory"
    FORBIDDEN = "forbidden system call"
    CRASHED = "crashed"
    OUTPUT = "too much output"
    FORGED = "forged result"
    HOSTILE = "hostile"  # took the runner down again and again, alone in it


@dataclass(frozen=True, slots=True)
class Failure:
    """What a program did instead of returning a value."""

    status: Status
    message: str
    line: int = 0  # in the program's source, 0 when unknown
    function: str = ""
    error: str = ""  # exception type, for RAISED

    def __str__(self) -> str:
        place = f" (line {self.line}, in {self.function})" if self.line else ""
        return f"{self.status.value}: {self.message}{place}"


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of one request.

    Either `failure` is None and `results` has one entry per item (a JSON value, or a Failure for a call that
    raised), or the process as a whole failed: then nothing that it said counts, and `reached` is the number
    of calls that it claims to have finished before.
    """

    results: tuple[Any, ...] = ()
    failure: Failure | None = None
    reached: int = 0
    loaded: bool = True
    cpu: float = 0.0
    wall: float = 0.0
    rss_mib: float = 0.0


def read_reply(raw: RawReply, calls: int, most: int = MAX_FRAME_BYTES, memory: int = MEMORY_BYTES) -> Reply:
    """Turn a raw reply into a checked one; see docs/sandbox.md on what is believed and what is not.

    `most` is what a result may take in bytes, `memory` what the process may.

    Raises SandboxError when the process failed before it was confined, which is our fault.
    """
    header = raw.header
    figures = {"cpu": header["cpu"], "wall": header["wall"], "rss_mib": header["rss"]}
    frames, tail = split_frames(raw.body, calls + 3)
    if not frames:
        if header["cut"] is None:
            raise SandboxError(f"a sandbox process failed before it was confined ({_ending(header['exit'])})")
        return Reply(failure=_death(header, memory), **figures)
    if frames[0] != b'{"ready":true}':
        raise SandboxError(
            f"a sandbox process could not confine itself: {frames[0].decode('utf-8', 'replace')}"
        )
    done = len(frames) - 2
    if header["cut"] is not None or header["exit"] != 0 or header["rss"] * 2**20 > memory:
        return Reply(failure=_death(header, memory), reached=max(0, done), loaded=done >= 0, **figures)
    results: list[Any] = []
    try:
        loaded = decode_frame(frames[1], most) if len(frames) > 1 else None
        if not isinstance(loaded, dict) or type(loaded.get("loaded")) is not bool:
            raise ValueError("it ended without saying whether the program loaded")
        if not loaded["loaded"]:
            if len(frames) > 2 or tail:
                raise ValueError("frames after a failed load")
            return Reply(failure=_raised(loaded), loaded=False, **figures)
        for frame in frames[2:]:
            results.append(_result(frame, most))
        if tail:
            raise ValueError("bytes after the last frame")
        if done != calls:
            raise ValueError(f"{done} results for {calls} calls")
    except (ValueError, RecursionError) as error:
        forged = Failure(Status.FORGED, str(error)[:300])
        return Reply(failure=forged, reached=len(results), loaded=len(frames) > 1, **figures)
    return Reply(results=tuple(results), reached=done, **figures)


def split_frames(body: bytes, most: int) -> tuple[list[bytes], bytes]:
    """The complete frames in `body`, at most `most`, and what is left after the last one."""
    frames: list[bytes] = []
    position = 0
    while position + 4 <= len(body) and len(frames) < most:
        size = struct.unpack_from(">I", body, position)[0]
        if position + 4 + size > len(body):
            break
        frames.append(body[position + 4 : position + 4 + size])
        position += 4 + size
    return frames, body[position:]


def broken(raw: RawReply, cpu_limit: float) -> bool:
    """Whether the process was taken down by something that a confined program cannot do by itself.

    Its zygote died, or it never got as far as the program, or it was killed although it had CPU time left: by the
    machine's memory killer, for instance.
    """
    header = raw.header
    if header["status"] == "died":
        return True
    if header["cut"] is not None:
        return False
    killed = os.WIFSIGNALED(header["exit"]) and os.WTERMSIG(header["exit"]) == signal.SIGKILL
    return not raw.body or (killed and float(header["cpu"]) < cpu_limit)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is no finite number")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def decode_frame(frame: bytes, most: int = MAX_FRAME_BYTES) -> Any:
    """Decode one frame: UTF-8, no NaN or infinity, bounded size and depth, no lone surrogates."""
    if len(frame) > most:
        raise ValueError(f"a result larger than {most >> 10} KiB")
    value = _DECODER.decode(frame.decode("utf-8"))
    if frame.count(b"[") + frame.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if b"\\u" in frame:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(node, dict):
            stack += [(child, depth + 1) for child in node.values()]
        elif isinstance(node, list):
            stack += [(child, depth + 1) for child in node]
    return deepest


def _result(frame: bytes, most: int) -> Any:
    value = decode_frame(frame, most)
    if isinstance(value, dict) and set(value) == {"v"}:
        return value["v"]
    if isinstance(value, dict) and set(value) == {"e", "m", "l", "f"}:
        return _raised(value)
    raise ValueError("a frame that is neither a value nor an error")


def _raised(value: dict[str, Any]) -> Failure:
    name, message, line, function = (value.get(key) for key in ("e", "m", "l", "f"))
    if not (isinstance(name, str) and isinstance(message, str) and isinstance(function, str)):
        raise ValueError("an error frame of the wrong form")
    if type(line) is not int or not 0 <= line < 1 << 31:
        raise ValueError("an error frame without a line number")
    status = Status.MEMORY if name == "MemoryError" else Status.RAISED
    text = message if name == "ContractError" else f"{name}: {message}" if message else name
    return Failure(status, text[:500], line, function[:80], name[:80])


_SIGNALS: dict[int, tuple[Status, str]] = {
    signal.SIGSYS: (Status.FORBIDDEN, "made a system call that the sandbox does not allow"),
    signal.SIGXCPU: (Status.CPU, "used up its CPU time"),
    signal.SIGPROF: (Status.CPU, "used up its CPU time"),
    signal.SIGALRM: (Status.WALL, "used up its wall-clock time"),
}


def _ending(status: int) -> str:
    """A wait status in words."""
    if not os.WIFSIGNALED(status):
        return f"ended with exit status {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"ended by {name}"


def _death(header: dict[str, Any], memory: int) -> Failure:
    """Name the end of a process that did not finish cleanly."""
    if header["cut"] == "wall":
        return Failure(Status.WALL, "used up its wall-clock time")
    if header["cut"] == "output":
        return Failure(Status.OUTPUT, "wrote more than its results may hold")
    status = header["exit"]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return Failure(Status.CPU, "used up its CPU time")  # by the kernel's hard limit; else it is `broken`
    if os.WIFSIGNALED(status):
        known, message = _SIGNALS.get(os.WTERMSIG(status), (Status.CRASHED, _ending(status)))
        return Failure(known, message)
    if status != 0:
        return Failure(Status.CRASHED, _ending(status))
    return Failure(Status.MEMORY, f"used {header['rss']:.0f} MiB, more than {memory >> 20}")
