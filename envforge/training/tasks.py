"""What one group of responses answers: an instance to solve, or a program to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from envforge.contract import Program
from envforge.policies import Completion
from envforge.pool import Ticket
from envforge.proposers import Plan


@dataclass(frozen=True, slots=True)
class SolverTask:
    """An instance, drawn from the pool. `state` is its JSON text, as the scorer takes it; `messages` hold the picture
    of a visual environment, as `envforge.messages` has it."""

    ticket: Ticket
    messages: tuple[dict[str, Any], ...]
    state: str
    program: Program
    floor: float  # the guess floor that L4 measured at this level


@dataclass(frozen=True, slots=True)
class GeneratorTask:
    """A request for programs. `written` holds the responses when another policy than the learner writes them."""

    plan: Plan
    messages: tuple[dict[str, Any], ...]
    written: tuple[Completion, ...] = ()


Task = SolverTask | GeneratorTask
