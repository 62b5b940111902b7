"""Fixtures that several test files share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envforge.sandbox import Evaluator, Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox at the best level of this machine."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def evaluator(sandbox: Sandbox) -> Evaluator:
    return Evaluator(sandbox)
