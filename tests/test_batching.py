"""Batches: everybody gets their own result, whatever else is in the batch."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sandboxes

from envforge.policies import PolicyError
from envforge.policies.batching import Batcher


def test_each_caller_gets_its_own_result_from_few_batches() -> None:
    batches: list[list[int]] = []

    def run(items: list[int]) -> list[int]:
        batches.append(items)
        return [item * item for item in items]

    batcher = Batcher(run, size=8, wait=0.05)
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda item: batcher.submit(item).result(), range(64)))
    batcher.close()
    assert results == [item * item for item in range(64)]
    assert sorted(item for batch in batches for item in batch) == list(range(64))
    assert max(map(len, batches)) <= 8
    assert len(batches) < 64, "nothing was gathered"


def test_an_error_goes_to_its_caller_only() -> None:
    batcher = Batcher(
        lambda items: [PolicyError(f"no {item}") if item % 2 else item for item in items], size=4, wait=0.05
    )
    futures = [batcher.submit(item) for item in range(4)]
    assert [future.result() for future in futures[::2]] == [0, 2]
    for item in (1, 3):
        with pytest.raises(PolicyError, match=f"no {item}"):
            futures[item].result()
    batcher.close()


@pytest.mark.parametrize("error", [PolicyError("broken", fatal=True), RuntimeError("broken")])
def test_a_batch_that_fails_fails_for_all_and_the_next_one_runs(error: Exception) -> None:
    def run(items: list[int]) -> list[int]:
        if 0 in items:
            raise error
        return items

    batcher = Batcher(run, size=2, wait=0.5)
    for future in [batcher.submit(0), batcher.submit(1)]:
        with pytest.raises(type(error), match="broken") as caught:
            future.result()
        assert getattr(caught.value, "fatal", True)
    assert batcher.submit(2).result() == 2
    batcher.close()


def test_a_result_too_few_is_nobodys_result() -> None:
    batcher = Batcher(lambda items: items[1:], size=2, wait=0.0)
    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        batcher.submit(0).result()
    batcher.close()


def test_close_fails_what_waits_and_refuses_more() -> None:
    started, go = threading.Event(), threading.Event()

    def run(items: list[int]) -> list[int]:
        started.set()
        assert go.wait(sandboxes.PATIENCE_SECONDS)
        return items

    batcher = Batcher(run, size=1)
    first = batcher.submit(0)
    assert started.wait(sandboxes.PATIENCE_SECONDS)
    waiting = [batcher.submit(item) for item in (1, 2, 3)]
    batcher.close()
    batcher.close()
    go.set()
    assert first.result() == 0
    for future in waiting:
        with pytest.raises(PolicyError, match="closed before it answered"):
            future.result(sandboxes.PATIENCE_SECONDS)
    with pytest.raises(PolicyError, match="has been closed"):
        batcher.submit(4)
    batcher.join(sandboxes.PATIENCE_SECONDS)


def test_a_cancelled_item_is_not_run() -> None:
    seen: list[int] = []
    go = threading.Event()

    def run(items: list[int]) -> list[int]:
        seen.extend(items)
        assert go.wait(sandboxes.PATIENCE_SECONDS)
        return items

    batcher = Batcher(run, size=1)
    batcher.submit(0)
    dropped, kept = batcher.submit(1), batcher.submit(2)
    assert dropped.cancel()
    go.set()
    assert kept.result() == 2
    assert seen == [0, 2]
    batcher.close()
