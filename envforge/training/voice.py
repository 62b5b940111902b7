"""The model in training as a policy: many threads ask, and only the main thread may let it speak."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from envforge.policies import Completion, PolicyError, Request

Answers = Sequence[list[Completion] | PolicyError]
Answer = Callable[[Sequence[Request]], Answers]

GATHER_SECONDS = 0.05  # how long the first request of a batch waits for company (ours)
LOOK_SECONDS = 0.2  # how often `done` is looked at when nothing calls `wake` (ours)


class Voice:
    """A policy whose requests wait until the main thread serves them. Implements `Policy`.

    What is answered together depends on how the threads were scheduled; what each request gets must not, so whoever
    answers draws every completion from the seed of its own request.
    """

    def __init__(self, name: str = "learner", version: str = "") -> None:
        self.name = name
        self.version = version  # set anew whenever the weights have moved, as in "run-3/step-40"
        self._changed = threading.Condition()
        self._waiting: list[tuple[Request, Future[list[Completion]]]] = []
        self._refusal = ""  # why nothing is taken in; empty while requests are welcome

    def complete(self, request: Request) -> list[Completion]:
        """Blocks until the main thread has answered. Raises PolicyError."""
        reply: Future[list[Completion]] = Future()
        with self._changed:
            if self._refusal:
                raise PolicyError(self._refusal, fatal=True)
            self._waiting.append((request, reply))
            self._changed.notify_all()
        return reply.result()

    def open(self) -> None:
        """Take requests in again after `serve` has failed or the voice was closed."""
        with self._changed:
            self._refusal = ""

    def close(self) -> None:
        """Free whoever waits, with an error, and take nothing in any more."""
        self._refuse("the model in training is not asked any more", None)

    def wake(self) -> None:
        """Have `serve` look at once whether it is done. From any thread."""
        with self._changed:
            self._changed.notify_all()

    def serve(self, done: Callable[[], bool], answer: Answer) -> None:
        """Answer what is asked, a batch at a time, until `done()` holds and nothing waits.

        `answer` gets all that waits and returns one reply for each, in order; a PolicyError among them goes to that
        caller only. When it raises, Ctrl-C included, everybody who waits or asks later gets an error until `open`
        is called, and the exception goes on.
        """
        try:
            while batch := self._gather(done):
                try:
                    replies = answer([request for request, _ in batch])
                    if len(replies) != len(batch):
                        raise RuntimeError(f"{len(replies)} answers to {len(batch)} requests")
                except BaseException:
                    with self._changed:  # they are still to be told
                        self._waiting = [*batch, *self._waiting]
                    raise
                for (_, future), reply in zip(batch, replies):
                    if isinstance(reply, PolicyError):
                        future.set_exception(reply)
                    else:
                        future.set_result(list(reply))
        except BaseException as error:
            said = str(error) or type(error).__name__
            self._refuse(f"the model in training could not answer: {said}", error)
            raise

    def _gather(self, done: Callable[[], bool]) -> list[tuple[Request, Future[list[Completion]]]]:
        """Everything that waits, once something does; empty at the end."""
        with self._changed:
            while not self._waiting:
                if done():
                    return []
                self._changed.wait(LOOK_SECONDS)
            deadline = time.monotonic() + GATHER_SECONDS
            while (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            batch, self._waiting = self._waiting, []
        return batch

    def _refuse(self, reason: str, cause: BaseException | None) -> None:
        with self._changed:
            self._refusal = reason
            freed, self._waiting = self._waiting, []
            self._changed.notify_all()
        for _, future in freed:
            error = PolicyError(reason, fatal=True)  # one each: several threads raise it
            error.__cause__ = cause
            future.set_exception(error)
