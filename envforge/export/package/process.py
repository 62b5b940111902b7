"""The one sandbox of a process: started when it is first needed, ended with the process, never shared with a fork."""

from __future__ import annotations

import os
import threading
from multiprocessing import util

from envforge.config import SandboxConfig, change
from envforge.errors import UsageError
from envforge.sandbox import Evaluator, Sandbox


class _Held:
    """What this process has. A fork begins with nothing: its parent's sandbox answers to its parent."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.config = SandboxConfig()
        self.evaluator: Evaluator | None = None
        self.inherited: list[Evaluator | None] = []  # kept, so that nothing of them is finalised in a fork

    def forked(self) -> None:
        self.lock = threading.Lock()  # another thread of the parent may have had it
        self.inherited.append(self.evaluator)
        self.evaluator = None


_HELD = _Held()
os.register_at_fork(after_in_child=_HELD.forked)


def configure(isolation: int | str | None = None, workers: int | None = None) -> None:
    """Choose the lowest acceptable isolation level (number or name) and how many programs run at once, before the
    first use. Raises UsageError afterwards, and for a level that does not exist."""
    options = {"isolation": isolation, "workers": workers}
    given = {name: value for name, value in options.items() if value is not None}
    with _HELD.lock:
        if _HELD.evaluator is not None:
            raise UsageError(
                "the sandbox of this process was started already: configure it before the first use"
            )
        _HELD.config = change(_HELD.config, given, "configure()", "sandbox")


def evaluator() -> Evaluator:
    """The evaluator of this process. Thread-safe. Raises IsolationError and SandboxError."""
    with _HELD.lock:
        if _HELD.evaluator is None:
            sandbox = Sandbox(_HELD.config)
            try:
                sandbox.start()
            except BaseException:
                sandbox.close()
                raise
            # Unlike atexit, this is also called at the end of a process that multiprocessing has forked.
            util.Finalize(None, sandbox.close, exitpriority=10)
            _HELD.evaluator = Evaluator(sandbox)
        return _HELD.evaluator
