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

_SHOW_CURSOR = b"\x1b[?25h"


class Interrupted(EnvforgeError):
    """Ctrl-C or SIGTERM came; the message says how to go on."""

    exit_code = INTERRUPTED


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
    with _stoppable():
        try:
            code = _exit_code(command)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            _silence(sys.stdout.fileno())
            return BROKEN_PIPE


def _exit_code(command: Callable[[], object]) -> int:
    import typer

    # Click's base class, wherever this typer keeps its click.
    click_error = cast(type[Exception], typer.BadParameter.__mro__[2])
    try:
        returned = command()
        if returned == INTERRUPTED:  # typer makes this of a KeyboardInterrupt
            _say("interrupted")
        return returned if isinstance(returned, int) else 0
    except BrokenPipeError:
        raise
    except Interrupted as error:
        _say(str(error))
        return INTERRUPTED
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted")
        return INTERRUPTED
    except EnvforgeError as error:
        if stop_asked():  # whatever else went wrong on the way out, the user asked for the end
            _say("interrupted")
            return INTERRUPTED
        _say(f"Error: {error}")
        return error.exit_code
    except click_error as error:
        error.show()  # type: ignore[attr-defined]
        return int(error.exit_code)  # type: ignore[attr-defined]
    except Exception:
        if stop_asked():
            _say("interrupted")
            return INTERRUPTED
        traceback.print_exc()
        return BUG


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

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            if sys.stderr.isatty():
                os.write(sys.stderr.fileno(), _SHOW_CURSOR)
            os._exit(INTERRUPTED)
        self.asked = True
        raise KeyboardInterrupt


def stop_asked() -> bool:
    """Whether Ctrl-C or SIGTERM came already."""
    handlers = (signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM))
    return any(isinstance(handler, _Stop) and handler.asked for handler in handlers)


@contextmanager
def _stoppable() -> Iterator[None]:
    stop = _Stop()
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup and background jobs want it
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        if not stop_asked():  # else threads may still have to end, and a second Ctrl-C must stay silent
            for number, handler in before.items():
                signal.signal(number, handler)


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
