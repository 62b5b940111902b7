"""Fixtures that several test files share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import campaign
import pytest
import sandboxes

from envforge.errors import SandboxError
from envforge.sandbox import Evaluator, Level, Sandbox
from envforge.sandbox.box import Machine
from envforge.sandbox.container import Engine


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Ctrl-C means here what it means at a terminal: a job started in the background inherits it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def widthless() -> None:
    """No terminal's width is inherited: pytest-xdist sets one in its workers, and pages would be narrower there."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def signals(interruptible: None) -> Iterator[None]:
    """What a test did to the process's signals ends with it: a command that was interrupted in here ignores them."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox at the best level of this machine."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def evaluator(sandbox: Sandbox) -> Evaluator:
    return Evaluator(sandbox)


@pytest.fixture
def make() -> Iterator[sandboxes.Maker]:
    """Makes sandboxes at exactly one level; closes them."""
    with sandboxes.maker() as factory:
        yield factory


@pytest.fixture(scope="session")
def machine() -> Machine:
    """What runners are made of here."""
    return Sandbox().machine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The Docker engine of this machine."""
    try:
        found = Engine()
    except SandboxError as error:
        campaign.missing(str(error), Level.DOCKER)
    yield found
    found.close()


@pytest.fixture(scope="session")
def image(engine: Engine, machine: Machine) -> str:
    """The image of the container levels."""
    return engine.image(machine)
