"""How a command ends: errors become one line on standard error, and every ending has its exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import cast

from envforge.errors import EnvforgeError, UsageError

FAILED = 1  # a check failed, or something outside could not do its part
USAGE = 2
BUG = 70
INTERRUPTED = 130
BROKEN_PIPE = 141

_SHOW_CURSOR = "\x1b[?25h"


class Finding(EnvforgeError):
    """The command did its work, and what it looked at is not in order. The message says what was found."""

    exit_code = FAILED


def guarded(command: Callable[[], object]) -> int:
    """Run `command` and return the exit code. The only place that prints errors.

    An exception that is neither the user's nor the outside world's is a bug of ours and keeps its traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail
    stop = _Stop()
    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM)
        if signal.getsignal(number) is not signal.SIG_IGN  # as nohup and background jobs want it
    }
    try:
        code = _run(command, stop)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout.fileno())
        code = BROKEN_PIPE
    except KeyboardInterrupt:
        code = _interrupted(stop)
    # After an interruption threads may still have to end, and nobody's patience may end in a traceback.
    for number, handler in before.items():
        signal.signal(number, signal.SIG_IGN if stop.asked else handler)
    return code


def _run(command: Callable[[], object], stop: _Stop) -> int:
    try:
        returned = command()
    except BrokenPipeError:
        raise
    except Exception as error:
        # Whatever goes wrong on the way out after Ctrl-C, the user asked for the end.
        return _interrupted(stop) if stop.asked else _failed(error)
    if stop.asked:  # typer turns KeyboardInterrupt into an exit code
        return _interrupted(stop)
    return returned if isinstance(returned, int) else 0


def _failed(error: Exception) -> int:
    """Say what went wrong; the exit code for it."""
    import typer

    # Click's base class, wherever this typer keeps its click.
    click_error = cast(type[Exception], typer.BadParameter.__mro__[2])
    if isinstance(error, EnvforgeError):
        _say(f"Error: {error}")
        return error.exit_code
    if isinstance(error, click_error):
        error.show()  # type: ignore[attr-defined]
        return int(error.exit_code)  # type: ignore[attr-defined]
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    traceback.print_exception(error)
    return BUG


def _interrupted(stop: _Stop) -> int:
    _say(stop.farewell)
    return INTERRUPTED


def _say(message: str) -> None:
    from envforge.cli.display import plain

    print(plain(message), file=sys.stderr, flush=True)


class _Stop:
    """Turns the first Ctrl-C or SIGTERM into KeyboardInterrupt and ends the process at the second.

    Ending at once is safe at any moment: the registry holds whole decisions only, and the sandbox ends when
    its standard input closes.
    """

    def __init__(self) -> None:
        self.asked = False
        self.farewell = "interrupted"

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
            os.write(sys.stderr.fileno(), f"{cursor}{self.farewell}\n".encode("utf-8", "replace"))
            os._exit(INTERRUPTED)
        self.asked = True
        raise KeyboardInterrupt


def on_interrupt(farewell: str) -> None:
    """What to say from now on when Ctrl-C or SIGTERM ends the command."""
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if isinstance(handler, _Stop):
            handler.farewell = farewell


def _silence(descriptor: int) -> None:
    """Whoever read our output has gone: let the interpreter's last flush go nowhere."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, descriptor)
    os.close(sink)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write `path` into a UsageError of one sentence."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
