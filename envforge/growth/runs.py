"""Runs: their row in the registry, and which of them may be gone on with."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envforge import __version__
from envforge.config import Config, as_dict
from envforge.contract import DEFAULT_MAX_DIFFICULTY
from envforge.errors import UsageError
from envforge.registry import Registry, RunRecord
from envforge.reward import bounds
from envforge.sandbox import Sandbox


def begin(
    registry: Registry,
    sandbox: Sandbox,
    config: Config,
    proposer: str,
    command: list[str] | None,
    policy: str | None = None,
    notes: Mapping[str, Any] | None = None,
) -> RunRecord:
    """Record a new run. `policy` is the version of the one that reviews and calibrates; `notes` are kept with the
    run's configuration (what `resume` needs to know)."""
    number = registry.start_run(
        proposer=proposer,
        seed=config.growth.seed,
        config={**as_dict(config), "process": _process(), "notes": dict(notes or {})},
        version=__version__,
        isolation=str(sandbox.level.value),
        command=command,
        policy=policy,
    )
    return registry.run(number)


def check(config: Config) -> None:
    """Refuse settings that only the first candidate would trip over: bounds of the reward that cross, and levels that
    not every program has. Raises UsageError."""
    bounds(config.reward)
    beyond = [level for level in config.calibration.levels if level > DEFAULT_MAX_DIFFICULTY]
    if beyond:
        raise UsageError(
            f"[calibration] levels: {beyond[0]} is not a level of every program, and a run has to probe each at the "
            f"same ones: name levels from 0 to {DEFAULT_MAX_DIFFICULTY}"
        )


def resumable(registry: Registry, number: int | None, kind: str = "grow") -> RunRecord:
    """The run of `kind` to go on with, marked as running again: `number`, or the newest that did not finish.

    Raises UsageError when there is none, when `number` is a run of another kind, or when the process that runs it is
    still there, RegistryError when it is finished.
    """
    run = registry.run(number) if number is not None else registry.latest_unfinished_run(kind)
    if run is None:
        raise UsageError(
            f"no unfinished run of 'envforge {kind}' in this registry: start one without --resume"
        )
    if run.kind != kind:
        raise UsageError(
            f"run {run.id} is one of 'envforge {run.kind}': go on with it by 'envforge {run.kind} --resume'"
        )
    process = run.config.get("process", {})
    if run.state == "running" and process != _process() and _alive(process):
        raise UsageError(f"run {run.id} is going on in process {process['pid']}: stop that one first")
    return registry.resume_run(run.id, {**run.config, "process": _process()})


def _process() -> dict[str, Any]:
    pid = os.getpid()
    return {"host": socket.gethostname(), "pid": pid, "started": _started(pid)}


def _started(pid: int) -> str | None:
    """When a process started, in ticks since boot: a pid alone may have been given to another by now."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def _alive(process: dict[str, Any]) -> bool:
    same_host = process.get("host") == socket.gethostname()
    return same_host and process.get("started") is not None and _started(process["pid"]) == process["started"]
