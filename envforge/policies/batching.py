"""Batches out of calls: many threads hand in one item each, and a backend that works on many at once gets them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from envforge.policies import PolicyError

Item = TypeVar("Item")
Result = TypeVar("Result")
GATHER_SECONDS = 0.01  # how long the first item of a batch waits for company (ours)


class Batcher(Generic[Item, Result]):
    """Runs `run` on batches of what was submitted, one batch at a time, in one daemon thread.

    Items are taken in the order in which they came. What arrives while a batch runs makes up the next one, so
    under load the gathering costs nothing.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Result | PolicyError]],
        size: int,
        wait: float = GATHER_SECONDS,
    ) -> None:
        """`run` returns one result per item, in order; a PolicyError among them goes to that item's caller only.

        When it raises, every item of the batch has failed. `size`: items in a batch at most; `wait`: seconds.
        """
        self._run, self._size, self._wait = run, size, wait
        self._items: queue.SimpleQueue[tuple[Item, Future[Result]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, item: Item) -> Future[Result]:
        """The result to come. Raises PolicyError once it is closed."""
        future: Future[Result] = Future()
        with self._lock:
            if self._closed:
                raise PolicyError("the policy has been closed", fatal=True)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="envforge-batches", daemon=True)
                self._thread.start()
            self._items.put((item, future))
        return future

    def close(self) -> None:
        """Fail what waits and end the thread once the batch under way is done. Does not wait for it."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._items.put(None)

    def join(self, timeout: float) -> None:
        """Wait until the thread has ended, `timeout` seconds at most."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _work(self) -> None:
        while (batch := self._gather()) is not None:
            taken = [(item, future) for item, future in batch if future.set_running_or_notify_cancel()]
            if taken:
                self._answer([item for item, _ in taken], [future for _, future in taken])

    def _gather(self) -> list[tuple[Item, Future[Result]]] | None:
        """The next batch; None at the end, when what was left has been failed."""
        batch: list[tuple[Item, Future[Result]]] = []
        deadline = 0.0
        while len(batch) < self._size:
            try:
                entry = self._items.get(timeout=max(0.0, deadline - time.monotonic()) if batch else None)
            except queue.Empty:
                break
            if entry is None or self._closed:
                self._fail([*batch, *([entry] if entry else [])])
                return None
            if not batch:
                deadline = time.monotonic() + self._wait
            batch.append(entry)
        return batch

    def _fail(self, left: list[tuple[Item, Future[Result]]]) -> None:
        while True:
            for _, future in left:
                if future.set_running_or_notify_cancel():
                    future.set_exception(PolicyError("the policy was closed before it answered", fatal=True))
            try:
                entry = self._items.get_nowait()
            except queue.Empty:
                return
            left = [entry] if entry is not None else []

    def _answer(self, items: list[Item], futures: list[Future[Result]]) -> None:
        try:
            results = self._run(items)
            if len(results) != len(items):
                raise RuntimeError(f"{len(results)} results for {len(items)} items")
        except BaseException as error:
            for future in futures:
                # One object raised in several threads would gather all their tracebacks.
                own = PolicyError(str(error), error.fatal) if isinstance(error, PolicyError) else error
                future.set_exception(own)
            return
        for future, result in zip(futures, results):
            if isinstance(result, PolicyError):
                future.set_exception(result)
            else:
                future.set_result(result)
