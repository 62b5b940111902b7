"""Threads that nobody waits for at the end: a candidate may be waiting minutes for a reply when Ctrl-C comes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Crew:
    """Runs calls in up to `size` daemon threads, begun in the order in which they were handed in.

    An executor of the standard library would be joined when the interpreter exits.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size, self._name = size, name
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = 0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """The result of `call`, to come. From one thread only."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(call())
            except BaseException as error:  # handed to whoever asks for the result
                future.set_exception(error)

        self._calls.put(work)
        if self._threads < self._size:
            self._threads += 1
            threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()
        return future

    def close(self) -> None:
        """Let the threads end once they have nothing to do. What was handed in is still begun."""
        for _ in range(self._threads):
            self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
