"""How the host holds a runner: two byte streams and a way to end it, whatever box is around it."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Protocol

SEND_SECONDS = 60.0  # without progress in handing over a request, before the runner counts as stuck
END_SECONDS = 2.0  # for a runner to end by itself once its input has ended
LAST_WORDS_BYTES = 600


class Channel(Protocol):
    """A started runner. One thread receives, any thread sends (one at a time), `end` comes from anywhere."""

    @property
    def name(self) -> str:
        """What runs it, for messages: a process id or a container."""

    def send(self, data: bytes) -> None:
        """Write all of `data`. Raises OSError when the runner is gone or takes nothing any more."""

    def receive(self, size: int) -> bytes:
        """At least one byte and at most `size`; empty at the end. Raises OSError when the runner is gone."""

    def kill(self) -> None:
        """End the runner at once, without waiting for it."""

    def end(self) -> None:
        """End the runner and everything in it, and wait until it is gone. Called once."""

    def release(self) -> None:
        """Give back what is left open, once nobody reads any more. Called once, after `end`."""

    def last_words(self) -> str:
        """The last lines on its standard error, or what else tells why it ended."""


def write_all(descriptor: int, data: bytes) -> None:
    """Write to a non-blocking descriptor. Raises TimeoutError after SEND_SECONDS without progress."""
    view = memoryview(data)
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    while view:
        if not poll.poll(SEND_SECONDS * 1000):
            raise TimeoutError("the runner takes nothing any more")
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            pass


def last_lines(text: bytes) -> str:
    """The end of what a runner wrote on standard error, on one line."""
    lines = text[-LAST_WORDS_BYTES:].decode("utf-8", "replace").strip().splitlines()
    return " / ".join(lines[-2:]) if lines else "it said nothing"


class ProcessChannel:
    """A runner that is a process of this machine; `after` is called once when it has ended."""

    def __init__(self, command: Sequence[str], after: Callable[[], None] | None = None) -> None:
        self._after = after
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={"LC_ALL": "C.UTF-8"},
                cwd="/",
                bufsize=0,
                start_new_session=True,  # Ctrl-C reaches the host alone, which then ends the runner
            )
        except BaseException:
            self._errors.close()
            if after is not None:
                after()
            raise
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)

    @property
    def name(self) -> str:
        return f"process {self._process.pid}"

    @property
    def pid(self) -> int:
        """The process id of the runner, or of the box around it."""
        return self._process.pid

    def send(self, data: bytes) -> None:
        write_all(self._input, data)

    def receive(self, size: int) -> bytes:
        return os.read(self._output, size)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._after is not None:
            self._after()

    def release(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()

    def last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - LAST_WORDS_BYTES))
        return last_lines(self._errors.read())
