"""Flights: limits, order, errors and counts, with real threads and a real server; clocks, moved by hand."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, wait

import pytest
from chat_server import ChatServer, Reply, completion, failure
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.policies import Completion, NoReply, PolicyError, Request
from envforge.policies.clock import Clock
from envforge.policies.flight import POLICY, Flight, Usage
from envforge.policies.openai import OpenAIPolicy

HELLO = ({"role": "user", "content": "hello"},)
LONG = 60.0  # seconds; a test that waits so long has failed


class Gated:
    """A policy that answers when it is let; the key decides what it says."""

    name, version = "gated", "v1"

    def __init__(self, open: bool = True) -> None:
        self.gate = threading.Event()
        self.asked: list[str] = []
        self.called = threading.Semaphore(0)
        if open:
            self.gate.set()

    def complete(self, request: Request) -> list[Completion]:
        self.asked.append(request.key)
        self.called.release()
        assert self.gate.wait(LONG)
        match request.key.rpartition("/")[2]:
            case "bad":
                raise PolicyError("no")
            case "fatal":
                raise PolicyError("never", fatal=True)
            case "none":
                raise NoReply("the end")
            case "bug":
                raise ZeroDivisionError("ours")
        return [Completion(request.key, 3, 2)] * request.n

    def close(self) -> None:
        raise AssertionError("a flight does not close its policy")


def asked(*keys: str) -> list[Request]:
    return [Request(key, HELLO) for key in keys]


def texts(outcomes: list[list[Completion] | PolicyError]) -> list[str]:
    return [str(o) if isinstance(o, PolicyError) else o[0].text for o in outcomes]


def test_replies_come_in_the_order_of_the_requests():
    keys = [f"{role}/{i}" for i in range(20) for role in ("propose", "solve", "other")]
    assert texts(Flight(Gated(), 4).gather(asked(*keys))) == keys
    assert Flight(Gated(), 4).gather([]) == []


def test_later_roles_go_first_and_each_role_in_order_of_arrival():
    policy = Gated(open=False)
    flight = Flight(policy, 1)
    first = flight.submit(Request("propose/0", HELLO))
    assert policy.called.acquire(timeout=LONG)
    roles = ("chat", "propose", "repair", "review", "solve")
    rest = [flight.submit(request) for request in asked(*(f"{role}/{i}" for i in (1, 2) for role in roles))]
    assert (flight.waiting, flight.under_way) == (10, 1)
    policy.gate.set()
    wait([first, *rest], LONG)
    assert policy.asked == ["propose/0", *(f"{role}/{i}" for role in reversed(roles) for i in (1, 2))]


def test_errors_stop_nothing_else():
    flight = Flight(Gated(), 2)
    assert texts(flight.gather(asked("solve/1", "solve/bad", "solve/none", "solve/2"))) == [
        "solve/1",
        "no",
        "the end",
        "solve/2",
    ]
    assert flight.meter.total == Usage(3, 1, 6, 4)  # the end of a recording is no request


def test_fatal_error_fails_what_waits_and_what_follows_at_once():
    policy = Gated(open=False)
    flight = Flight(policy, 1)
    replies = [flight.submit(request) for request in asked("solve/fatal", "solve/1", "solve/2")]
    policy.gate.set()
    errors = [reply.exception(LONG) for reply in replies]
    errors.append(flight.submit(Request("solve/3", HELLO)).exception(0))  # at once
    assert [str(error) for error in errors] == ["never"] * 4
    assert all(isinstance(error, PolicyError) and error.fatal for error in errors)
    assert len(set(map(id, errors))) == 4
    assert policy.asked == ["solve/fatal"]
    assert flight.meter.total == Usage(1, 1)


def test_bug_of_a_policy_is_not_taken_for_an_error_of_a_server():
    flight = Flight(Gated(), 2)
    with pytest.raises(ZeroDivisionError):
        flight.gather(asked("solve/1", "solve/bug", "solve/2"))
    assert texts(flight.gather(asked("solve/3"))) == ["solve/3"]


def test_closing_drops_what_was_not_sent_and_does_not_wait():
    policy = Gated(open=False)
    flight = Flight(policy, 1)
    sent, *dropped = [flight.submit(request) for request in asked("solve/0", "solve/1", "solve/2")]
    assert policy.called.acquire(timeout=LONG)
    gathered: list[list[Completion] | PolicyError] = []
    gathering = threading.Thread(target=lambda: gathered.extend(flight.gather(asked("solve/3"))))
    gathering.start()
    while flight.waiting < 3:
        pass
    dropped[0].cancel()  # by its owner
    flight.close()
    gathering.join(LONG)
    assert [str(outcome) for outcome in gathered] == ["the request was dropped before it was sent"]
    assert wait(dropped, LONG).not_done == set()
    assert all(reply.cancelled() for reply in dropped)
    with pytest.raises(CancelledError):
        flight.submit(Request("solve/4", HELLO)).result(0)
    policy.gate.set()
    assert sent.result(LONG)[0].text == "solve/0"
    flight.close()  # twice does no harm
    assert policy.asked == ["solve/0"]


def test_cancelled_request_is_not_sent():
    policy = Gated(open=False)
    flight = Flight(policy, 1)
    replies = [flight.submit(request) for request in asked("solve/0", "solve/1", "solve/2")]
    assert policy.called.acquire(timeout=LONG)
    assert replies[1].cancel()
    policy.gate.set()
    assert replies[2].result(LONG)[0].text == "solve/2"
    assert policy.asked == ["solve/0", "solve/2"]


def test_threads_are_daemons_and_end_when_nothing_waits():
    def ours() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "envforge-flight"]

    before = set(ours())
    policy = Gated(open=False)
    flight = Flight(policy, 3)
    replies = [flight.submit(request) for request in asked(*(f"solve/{i}" for i in range(9)))]
    threads = [thread for thread in ours() if thread not in before]
    assert len(threads) == 3
    assert all(thread.daemon for thread in threads)
    policy.gate.set()
    wait(replies, LONG)
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()
    assert texts(flight.gather(asked("solve/again"))) == ["solve/again"]


def test_flight_without_room_is_refused():
    with pytest.raises(ValueError, match="room for one request"):
        Flight(Gated(), 0)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(["propose", "repair", "review", "solve", "odd"]), st.integers(1, 3)),
        max_size=30,
    ),
    st.integers(1, 8),
)
def test_every_request_is_counted_once(plan: list[tuple[str, int]], concurrency: int):
    flight = Flight(Gated(), concurrency)
    requests = [Request(f"{role}/{i}", HELLO, n=n) for i, (role, n) in enumerate(plan)]
    outcomes = flight.gather(requests)
    assert [len(o) for o in outcomes if isinstance(o, list)] == [n for _, n in plan]
    expected: dict[str, Usage] = {}
    for role, n in plan:
        expected[role] = expected.get(role, Usage()) + Usage(1, 0, 3 * n, 2 * n)
    assert flight.meter.roles == expected
    assert flight.meter.total == sum(expected.values(), Usage())
    meter = flight.meter
    assert (meter.requests, meter.failures, meter.tokens) == (len(plan), 0, 5 * sum(n for _, n in plan))
    assert meter.tokens == meter.prompt_tokens + meter.completion_tokens
    assert (flight.waiting, flight.clock.seconds() >= meter.busy_seconds) == (0, True)


def test_two_hundred_requests_never_more_than_sixteen_at_once():
    replies = {
        0: failure(429, **{"Retry-After": "0.01"}),
        1: failure(500),
        2: Reply(b"{"),
        3: completion("", "length"),
    }

    together = threading.Barrier(16)

    def answer(request: dict, number: int) -> Reply:
        if number < 16:  # none is answered before sixteen are there
            together.wait(LONG)
        reply = replies.get(number % 20) if number < 100 else None
        reply = reply or completion(request["messages"][0]["content"])
        return Reply(reply.body, reply.status, 0.01, reply.headers)

    requests = [
        Request(f"{role}/{i}", ({"role": "user", "content": f"{role}/{i}"},))
        for i in range(50)
        for role in ("propose", "repair", "review", "solve")
    ]
    with ChatServer(answer) as server:
        policy = OpenAIPolicy(server.url, "tiny", timeout=LONG, max_retries=8, environ={})
        flight = Flight(policy, 16)
        outcomes = flight.gather(requests)
        policy.close()
    assert server.at_once == 16
    assert server.greetings == 1
    failed = [o for o in outcomes if isinstance(o, PolicyError)]
    assert all("other than JSON" in str(error) for error in failed)
    assert len(failed) == 5  # of the 5 replies that were no JSON: the rest was tried again
    for request, outcome in zip(requests, outcomes):
        if isinstance(outcome, list):
            [reply] = outcome
            assert reply.text == ("" if reply.finish_reason == "length" else request.key)
    assert flight.meter.total == Usage(200, 5, 195 * 11, 195 * 7)
    assert {role: usage.requests for role, usage in flight.meter.roles.items()} == dict.fromkeys(
        ("propose", "repair", "review", "solve"), 50
    )
    assert 0 < flight.meter.busy_seconds <= flight.clock.seconds()


# Clocks


class Hand:
    """A clock that is moved by hand."""

    time = 100.0

    def __call__(self) -> float:
        return self.time


def test_overlap_of_two_kinds_of_work():
    hand = Hand()
    clock = Clock(hand)
    hand.time += 1  # nothing
    with clock.during("policy"):
        hand.time += 2
        with clock.during("policy"), clock.during("sandbox"):
            hand.time += 4  # both
        hand.time += 8
    with clock.during("sandbox"):
        hand.time += 16
        assert clock.seconds("sandbox") == 20  # up to now
    assert (clock.seconds(), clock.seconds("policy"), clock.seconds("policy", "sandbox")) == (31, 14, 4)
    assert clock.share("policy") == 14 / 31
    assert clock.seconds("never") == 0


def test_share_of_no_time_is_zero():
    assert Clock(Hand()).share("policy") == 0.0


def test_work_that_fails_ends_too():
    hand = Hand()
    clock = Clock(hand)
    with pytest.raises(ZeroDivisionError), clock.during("policy"):
        hand.time += 1
        raise ZeroDivisionError
    hand.time += 1
    assert clock.seconds("policy") == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 20)), max_size=8))
def test_seconds_are_those_of_the_union_of_intervals(intervals: list[tuple[str, int, int]]):
    """Against a count second by second."""
    hand = Hand()
    clock = Clock(hand)
    start = hand.time
    changes = [(begin, 1, clock.during(name)) for name, begin, _ in intervals]
    changes += [(begin + length, 2, change[2]) for (_, begin, length), change in zip(intervals, changes)]
    for time, kind, block in sorted(changes, key=lambda change: change[:2]):
        hand.time = start + time
        block.__enter__() if kind == 1 else block.__exit__(None, None, None)
    hand.time = start + 50
    active = [{name for name, begin, length in intervals if begin <= s < begin + length} for s in range(50)]
    for names in ("a", "b", "ab", "abc", ""):
        assert clock.seconds(*names) == sum(set(names) <= now for now in active)


def test_flights_and_other_work_share_a_clock():
    policy = Gated(open=False)
    clock = Clock()
    flight = Flight(policy, 2, clock)
    reply = flight.submit(Request("solve/0", HELLO))
    assert policy.called.acquire(timeout=LONG)
    with clock.during("sandbox"):
        while not clock.seconds(POLICY, "sandbox"):
            pass
    policy.gate.set()
    reply.result(LONG)
    assert 0 < clock.seconds(POLICY, "sandbox") <= flight.meter.busy_seconds <= clock.seconds()
