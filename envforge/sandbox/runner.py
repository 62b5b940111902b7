"""One running sandbox: the process, its wire, and the futures of the requests that are under way."""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import tempfile
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from envforge.errors import SandboxError
from envforge.sandbox.box import Launch, Level

_LENGTHS = struct.Struct(">II")
START_SECONDS = 60.0
SEND_SECONDS = 60.0  # without progress in handing over a request, before the runner counts as stuck


@dataclass(frozen=True, slots=True)
class RawReply:
    """What came back for one request: the supervisor's header and the child's frames, unchecked."""

    header: dict[str, Any]
    body: bytes


class RunnerDied(Exception):
    """The runner ended while the request was under way."""


class Runner:
    """Starts the runner's process and exchanges messages with it; a thread of its own reads the replies."""

    def __init__(self, launch: Launch, level: Level, workers: int) -> None:
        config = {"level": min(level, 1), "workers": workers, "library": launch.library, "user": launch.user}
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*launch.command, json.dumps(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            bufsize=0,
            start_new_session=True,  # Ctrl-C reaches the host alone, which then ends the runner
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        self._last_words: str | None = None
        self._closing = threading.Lock()
        self._lock = threading.Lock()
        self._pending: dict[int, Future[RawReply]] = {}
        self._next = 1
        self._dead = False
        self._greeting: Future[RawReply] = Future()
        self._pending[0] = self._greeting
        self._reader = threading.Thread(target=self._read, name="sandbox-reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id of the runner, or of the box around it."""
        return self._process.pid

    @property
    def dead(self) -> bool:
        return self._dead

    def greet(self) -> dict[str, Any]:
        """Wait until the first zygote is ready; its layers. Raises SandboxError with the runner's last words."""
        try:
            reply = self._greeting.result(START_SECONDS)
        except (RunnerDied, TimeoutError):
            self.close()
            raise SandboxError(f"the sandbox did not start: {self.last_words()}") from None
        layers: dict[str, Any] = reply.header["layers"]
        return layers

    def send(self, header: dict[str, Any], body: bytes) -> Future[RawReply]:
        """Hand a request over; the future fails with RunnerDied when the runner ends first."""
        future: Future[RawReply] = Future()
        with self._lock:
            if self._dead:
                future.set_exception(RunnerDied())
                return future
            number = self._next
            self._next += 1
            self._pending[number] = future
            head = json.dumps({"id": number, **header}).encode()
            try:
                self._write(_LENGTHS.pack(len(head), len(body)) + head + body)
            except OSError:
                self._dead = True  # half a message may be on the wire: nothing can follow it
                self._process.kill()
                self._pending.pop(number, None)
                future.set_exception(RunnerDied())
        return future

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        poll = select.poll()
        poll.register(self._input, select.POLLOUT)
        while view:
            if not poll.poll(SEND_SECONDS * 1000):
                raise TimeoutError("the runner takes nothing any more")
            try:
                view = view[os.write(self._input, view) :]
            except BlockingIOError:
                pass

    def _read(self) -> None:
        try:
            while True:
                head, body = _LENGTHS.unpack(self._exactly(_LENGTHS.size))
                header = json.loads(self._exactly(head))
                reply = RawReply(header, self._exactly(body))
                with self._lock:
                    future = self._pending.pop(header["id"], None)
                if future is not None:
                    future.set_result(reply)
        except (EOFError, OSError, ValueError):
            pass
        with self._lock:
            self._dead = True
            left = list(self._pending.values())
            self._pending.clear()
        for future in left:
            if not future.done():
                future.set_exception(RunnerDied())

    def _exactly(self, size: int) -> bytes:
        chunks: list[bytes] = []
        while size:
            chunk = os.read(self._output, min(size, 1 << 20))
            if not chunk:
                raise EOFError
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)

    def last_words(self) -> str:
        """The end of what the runner wrote on standard error, for our own error messages."""
        if self._last_words is not None:
            return self._last_words
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 600))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return " / ".join(lines[-2:]) if lines else "it said nothing"

    def close(self) -> None:
        """End the runner and everything in it. May be called again, and from any thread."""
        with self._closing:
            if self._last_words is not None:
                return
            with self._lock:
                self._dead = True
                assert self._process.stdin is not None and self._process.stdout is not None
                self._process.stdin.close()
            try:
                self._process.wait(2.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._reader.join(5.0)
            self._process.stdout.close()
            self._last_words = self.last_words()
            self._errors.close()
