"""Work side by side that ends when the command does: Ctrl-C waits for no picture that nobody will look at."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

P = TypeVar("P")
T = TypeVar("T")


def side_by_side(work: Callable[[P], T], items: Sequence[P], workers: int) -> list[T]:
    """`work` on each of `items`, so many at once; the results in the order of the items.

    Raises the first exception of `work`; what has begun by then goes on in daemon threads and is forgotten.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, T] | BaseException] = queue.SimpleQueue()
    stopped = threading.Event()
    for place in range(len(items)):
        waiting.put(place)

    def run() -> None:
        try:
            while not stopped.is_set():
                place = waiting.get_nowait()
                done.put((place, work(items[place])))
        except queue.Empty:
            pass
        except BaseException as error:
            done.put(error)

    for _ in range(min(workers, len(items))):
        threading.Thread(target=run, name="crew", daemon=True).start()
    results: dict[int, T] = {}
    try:
        while len(results) < len(items):
            outcome = done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            results[outcome[0]] = outcome[1]
    finally:
        stopped.set()
    return [results[place] for place in range(len(items))]
