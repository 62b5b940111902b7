"""MiniLM embeddings: needs `envforge[embed]`, so it runs by `make embed` in an environment of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envforge.config import NoveltyConfig
from envforge.contract import LibraryEntry
from envforge.embedding import Embedder, available, choose, cosine
from envforge.novelty import NoveltyGate
from envforge.sandbox import Sandbox
from envforge.validation import Validator
from envforge.verdict import Examination

PROGRAMS = Path(__file__).parent.parent / "programs" / "correct"

if not available():
    if os.environ.get("ENVFORGE_REQUIRE_EMBED"):
        pytest.fail("envforge[embed] is not installed here: run `make embed`", pytrace=False)
    pytest.skip("envforge[embed] is not installed here: `make embed` runs these", allow_module_level=True)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def test_near_texts_are_nearer_than_far_ones(embedder: Embedder) -> None:
    sort = embedder.embed("Sort these numbers by swapping neighbours.", "def f(a): return sorted(a)")
    order = embedder.embed("Put the numbers in order with neighbour swaps.", "def g(b): return sorted(b)")
    road = embedder.embed(
        "What does the cheapest route between two towns cost?", "import heapq\nheapq.heappop(q)"
    )
    assert len(sort.prompt) == len(sort.code) == 384
    assert sum(value * value for value in sort.prompt) == pytest.approx(1.0, abs=1e-5)
    assert cosine(sort.prompt, order.prompt) > cosine(sort.prompt, road.prompt) + 0.2
    assert cosine(sort.code, order.code) > cosine(sort.code, road.code)


def test_long_texts_are_read_to_their_end(embedder: Embedder) -> None:
    start = "word " * 600
    assert (
        embedder.embed(start, "x").prompt != embedder.embed(start + "colour graph vertices " * 60, "x").prompt
    )


def test_embedding_is_deterministic(embedder: Embedder) -> None:
    assert embedder.embed("A prompt.", "code") == Embedder().embed("A prompt.", "code")


def examined(sandbox: Sandbox, source: str) -> Examination:
    examination = Validator(sandbox).examine(source)
    assert examination.passed
    return examination


def test_gate_rejects_a_reworded_copy_and_keeps_a_new_program(embedder: Embedder, sandbox: Sandbox) -> None:
    one = examined(sandbox, (PROGRAMS / "roman_ledger.py").read_text("utf-8"))
    two = examined(sandbox, (PROGRAMS / "signed_determinant.py").read_text("utf-8"))
    assert one.program and one.profile and two.program and two.profile
    gate = NoveltyGate(NoveltyConfig(), embedder)
    entry = LibraryEntry(one.program, one.profile, 0, frozenset({one.id}))
    assert gate.judge(two.program, two.profile, [entry]).passed
    again = examined(sandbox, one.source.replace("def reference", "# said again\ndef reference"))
    assert again.program and again.profile
    verdict = gate.judge(again.program, again.profile, [entry])
    assert not verdict.passed and verdict.evidence["measure"] == "all-MiniLM-L6-v2"
    assert verdict.evidence["similarity"] > 0.95


def test_settings() -> None:
    assert choose("off") is None
    assert isinstance(choose("on"), Embedder) and isinstance(choose("auto"), Embedder)
