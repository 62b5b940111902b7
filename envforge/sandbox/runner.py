"""One running sandbox: its wire, its pulse, and the futures of the requests that are under way."""

from __future__ import annotations

import json
import struct
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from envforge.errors import SandboxError
from envforge.sandbox.channel import END_SECONDS, Channel

_LENGTHS = struct.Struct(">II")
START_SECONDS = 60.0
PULSE_SECONDS = 5.0  # of silence before a waiting request asks the runner whether it is alive
SILENCE_SECONDS = 30.0  # of silence, unanswered questions included, before the runner counts as dead


@dataclass(frozen=True, slots=True)
class RawReply:
    """What came back for one request: the supervisor's header and the child's frames, unchecked."""

    header: dict[str, Any]
    body: bytes


class RunnerDied(Exception):
    """The runner ended while the request was under way, after `silence` seconds in which it did nothing."""

    def __init__(self, silence: float = 0.0) -> None:
        super().__init__()
        self.silence = silence


class Runner:
    """Exchanges messages with a started runner; a thread of its own reads the replies."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last_words: str | None = None
        self._closing = threading.Lock()
        self._sending = threading.Lock()
        self._lock = threading.Lock()
        self._pending: dict[int, Future[RawReply]] = {}
        self._next = 1
        self._dead = False
        self._heard = time.monotonic()
        self._greeting: Future[RawReply] = Future()
        self._pending[0] = self._greeting
        self._reader = threading.Thread(target=self._read, name="sandbox-reader", daemon=True)
        self._reader.start()

    @property
    def channel(self) -> Channel:
        """What it runs in."""
        return self._channel

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
        with self._sending:
            with self._lock:
                if self._dead:
                    future.set_exception(RunnerDied())
                    return future
                number = self._next
                self._next += 1
                self._pending[number] = future
            head = json.dumps({"id": number, **header}).encode()
            try:
                self._channel.send(_LENGTHS.pack(len(head), len(body)) + head + body)
            except (OSError, ValueError):  # ValueError: another thread has closed the channel meanwhile
                self._channel.kill()  # half a message may be on the wire: nothing can follow it
                self._bury()
        return future

    def wait(self, future: Future[RawReply], seconds: float) -> RawReply:
        """The reply, within `seconds`.

        Raises RunnerDied when the runner ends or no longer shows a pulse, TimeoutError when only this reply
        is missing.
        """
        began = time.monotonic()  # silence before means nothing: there was no question
        deadline = began + seconds
        while True:
            left = deadline - time.monotonic()
            try:
                return future.result(max(0.0, min(left, PULSE_SECONDS)))
            except TimeoutError:
                silence = time.monotonic() - max(self._heard, began)
                if silence > SILENCE_SECONDS:
                    self._channel.kill()
                    raise RunnerDied(silence) from None
                if left <= 0.0:
                    raise
                if silence > PULSE_SECONDS:
                    self.send({"ping": True}, b"")

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
        self._bury()

    def _bury(self) -> None:
        """Fail everything that is under way."""
        with self._lock:
            self._dead = True
            left = list(self._pending.values())
            self._pending.clear()
        for future in left:
            future.set_exception(RunnerDied())

    def _exactly(self, size: int) -> bytes:
        chunks: list[bytes] = []
        while size:
            chunk = self._channel.receive(min(size, 1 << 20))
            if not chunk:
                raise EOFError
            self._heard = time.monotonic()
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)

    def last_words(self) -> str:
        """The end of what the runner wrote on standard error, for our own error messages."""
        return self._last_words if self._last_words is not None else self._channel.last_words()

    def close(self) -> None:
        """End the runner and everything in it. May be called again, and from any thread."""
        with self._closing:
            if self._last_words is not None:
                return
            with self._lock:
                self._dead = True
            # Whoever is writing must be done first: the descriptor could mean something else by then.
            if not self._sending.acquire(timeout=END_SECONDS):
                self._channel.kill()
                self._sending.acquire()
            try:
                self._channel.end()
            finally:
                self._sending.release()
            self._reader.join(5.0)
            self._last_words = self._channel.last_words()
            self._channel.release()
