"""Requests in flight: many at once to one policy, never more than agreed, the furthest candidates first."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from envforge.policies import Completion, NoReply, Policy, PolicyError, Request
from envforge.policies.clock import Clock

PRIORITIES = {"solve": 0, "review": 1, "repair": 2, "propose": 3}  # what is begun is finished first (ours)
POLICY = "policy"  # the name under which a flight's clock counts

Reply = Future[list[Completion]]


@dataclass(frozen=True, slots=True)
class Usage:
    """What requests came to. Tokens are those that the backend told; a request that failed told none."""

    requests: int = 0  # answered or failed, each counted once whatever its retries
    failures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.failures + other.failures,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


class Meter:
    """What a flight's requests came to so far, in all and by role; safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._roles: dict[str, Usage] = {}

    @property
    def total(self) -> Usage:
        """Over all roles."""
        return sum(self.roles.values(), Usage())

    @property
    def roles(self) -> dict[str, Usage]:
        """By role, in the order in which they first appeared."""
        with self._lock:
            return dict(self._roles)

    @property
    def requests(self) -> int:
        """Requests answered or failed."""
        return self.total.requests

    @property
    def failures(self) -> int:
        """Requests that failed."""
        return self.total.failures

    @property
    def prompt_tokens(self) -> int:
        """Tokens read."""
        return self.total.prompt_tokens

    @property
    def completion_tokens(self) -> int:
        """Tokens written."""
        return self.total.completion_tokens

    @property
    def tokens(self) -> int:
        """Tokens read and written."""
        return self.total.tokens

    @property
    def busy_seconds(self) -> float:
        """Wall-clock seconds during which at least one request was under way."""
        return self._clock.seconds(POLICY)

    def add(self, role: str, usage: Usage) -> None:
        """Count `usage` for `role`."""
        with self._lock:
            self._roles[role] = self._roles.get(role, Usage()) + usage


class Flight:
    """Requests to one policy, a limited number at once, from any thread.

    Requests of later roles go first (`PRIORITIES`), in order of arrival within a role: candidates already begun
    are finished before new ones are. Threads are daemons, unlike those of an executor: Ctrl-C must not wait
    minutes for a reply that nobody will read. They end when nothing waits.
    """

    def __init__(self, policy: Policy, concurrency: int, clock: Clock | None = None) -> None:
        """`clock` may be shared with other work, to see how much of it goes on at the same time."""
        if concurrency < 1:
            raise ValueError("a flight needs room for one request")
        self.policy = policy
        self.clock = clock or Clock()
        self.meter = Meter(self.clock)
        self._concurrency = concurrency
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, Request, Reply]] = []  # a heap; the number decides between equals
        self._numbers = itertools.count()
        self._threads = 0
        self._under_way = 0
        self._closed = False
        self._fatal: PolicyError | None = None

    @property
    def waiting(self) -> int:
        """Requests that have not been sent."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """Requests that have been sent and not been answered."""
        return self._under_way

    def submit(self, request: Request) -> Reply:
        """The reply to come. It raises PolicyError; after a fatal one it does so at once."""
        reply: Reply = Future()
        with self._lock:
            fatal, closed = self._fatal, self._closed
            if fatal is None and not closed:
                priority = PRIORITIES.get(role_of(request), len(PRIORITIES))
                heapq.heappush(self._waiting, (priority, next(self._numbers), request, reply))
                if self._threads < self._concurrency:
                    self._start()
        if closed:
            _drop(reply)
        elif fatal is not None:
            reply.set_exception(_again(fatal))
        return reply

    def gather(self, requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
        """The replies to all of `requests`, in their order; errors are returned. Blocks until all are there."""
        replies = [self.submit(request) for request in requests]
        try:
            return [_outcome(reply) for reply in replies]
        except BaseException:  # Ctrl-C, or a bug in the policy: nobody will read the rest
            for reply in replies:
                reply.cancel()
            raise

    def close(self) -> None:
        """Drop what was not sent: its futures are cancelled. What is under way is not waited for."""
        with self._lock:
            self._closed = True
            dropped, self._waiting = self._waiting, []
        for *_, reply in dropped:
            _drop(reply)

    def _start(self) -> None:
        """One more thread; called with the lock held. Those there are carry on when the machine gives no more."""
        try:
            threading.Thread(target=self._work, name="envforge-flight", daemon=True).start()
        except RuntimeError:
            if not self._threads:
                raise
            return
        self._threads += 1

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                *_, request, reply = heapq.heappop(self._waiting)
                fatal = self._fatal
                self._under_way += 1
            try:
                if reply.set_running_or_notify_cancel():
                    self._answer(request, reply, fatal)
            finally:
                with self._lock:
                    self._under_way -= 1

    def _answer(self, request: Request, reply: Reply, fatal: PolicyError | None) -> None:
        if fatal is not None:
            reply.set_exception(_again(fatal))
            return
        role = role_of(request)
        try:
            with self.clock.during(POLICY):
                completions = self.policy.complete(request)
        except BaseException as error:  # handed to whoever asks for the result
            if not isinstance(error, NoReply):  # the end of a recording is no failure, and nobody was asked
                self.meter.add(role, Usage(1, 1))
            if isinstance(error, PolicyError) and error.fatal:
                with self._lock:
                    self._fatal = self._fatal or error
            reply.set_exception(error)
            return
        self.meter.add(
            role,
            Usage(
                1,
                0,
                sum(c.prompt_tokens or 0 for c in completions),
                sum(c.completion_tokens or 0 for c in completions),
            ),
        )
        reply.set_result(completions)


def role_of(request: Request) -> str:
    """What a request is for: its key up to the first "/"."""
    return request.key.partition("/")[0]


def _outcome(reply: Reply) -> list[Completion] | PolicyError:
    try:
        return reply.result()
    except PolicyError as error:
        return error
    except CancelledError:
        return PolicyError("the request was dropped before it was sent")


def _drop(reply: Reply) -> None:
    if reply.cancel():
        reply.set_running_or_notify_cancel()  # wakes those who wait for it


def _again(error: PolicyError) -> PolicyError:
    """The same error once more: one object raised in several threads would gather all their tracebacks."""
    return PolicyError(str(error), fatal=True)
