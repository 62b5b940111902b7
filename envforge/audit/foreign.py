"""Tasks of other people's gyms as targets."""

from __future__ import annotations

from contextlib import ExitStack

from envforge.audit.target import Target
from envforge.config import SandboxConfig
from envforge.gyms.naming import gym_tasks
from envforge.sandbox import Evaluator


def gym_targets(name: str, config: SandboxConfig, stack: ExitStack) -> list[tuple[Target, Evaluator]]:
    """The tasks that `name` means, each with the evaluator that calls it. Raises UsageError.

    The sandbox that holds the gym is started with the first call, and closed with `stack`.
    """
    return [
        (Target(one.name, one.program, (one.name,), one.group), one.evaluator)
        for one in gym_tasks(name, config, stack)
    ]
