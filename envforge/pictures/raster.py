"""SVG to PNG: checked, rewritten, drawn by resvg in a process of its own.

resvg holds the interpreter's lock while it draws and can panic on extreme numbers, so it never runs in the host's
process. A drawing process serves one picture at a time and is kept for the next; as many run at once as threads draw,
up to the number of processors. The only fonts are the two shipped here; nothing is read from the system.

The same SVG gives the same bytes in any process on one kind of machine with one version of resvg. Other processor
architectures may round the edges of shapes differently.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from envforge.errors import EnvforgeError, UsageError
from envforge.pictures import fonts
from envforge.pictures.drawer import DRAWN, REPLY, REQUEST
from envforge.pictures.errors import PictureError
from envforge.pictures.geometry import Box
from envforge.pictures.glyphs import outlined
from envforge.pictures.markup import Element, without, written
from envforge.pictures.svgpolicy import examined
from envforge.pictures.vocabulary import SILENT

MAX_PIXELS_SIDE = 4096
# Far above what the policy lets through, even on a crowded machine: 1 to 2 s at 640 by 640 (measured).
DRAWING_SECONDS = 20.0
SECONDS_PER_PIXEL = 6e-6
START_SECONDS = 60.0
ATTEMPTS = 2  # a drawing process may be ended by what is not the picture's fault


def rasterise(svg: str, width: int | None = None, height: int | None = None) -> bytes:
    """The PNG of an SVG document (opaque RGBA), `width` pixels wide.

    The other side follows from the viewBox; with `height` too the picture is as large as fits into both; with neither
    it is as wide as the viewBox. What the SVG leaves unpainted is white. Thread-safe.

    Raises PictureError when the SVG breaks the policy (`check_svg`) or cannot be drawn, UsageError for a size that no
    picture can have, and EnvforgeError when the rasteriser cannot be started.
    """
    root, view = examined(svg)
    pixels = _width(view, width, height)
    ratio = (view.bottom - view.top) / (view.right - view.left)
    seconds = DRAWING_SECONDS + SECONDS_PER_PIXEL * pixels * pixels * ratio
    return _studio(os.getpid()).draw(_canonical(root, pixels, max(1, round(pixels * ratio))), seconds)


def _width(view: Box, width: int | None, height: int | None) -> int:
    """The width in pixels to draw at."""
    wide, high = view.right - view.left, view.bottom - view.top
    scales = [side / units for side, units in ((width, wide), (height, high)) if side is not None]
    scale = min(scales, default=1.0)
    if min(wide, high) * scale < 1 or max(wide, high) * scale >= MAX_PIXELS_SIDE + 1:
        raise UsageError(
            f"a picture of {wide:g} by {high:g} cannot be drawn {wide * scale:.0f} by {high * scale:.0f} pixels "
            f"large; choose a size from 1 to {MAX_PIXELS_SIDE} pixels a side"
        )
    return max(1, round(wide * scale))


def _canonical(root: Element, width: int, height: int) -> str:
    """The document as the rasteriser gets it: nothing silent, the size in pixels, texts as paths, no kerning.

    Without kerning a text is as wide as its advance widths say, which is what a canvas can know. The viewBox is
    stretched to whole pixels.
    """
    kept = {name: value for name, value in root.attributes.items() if name != "version"}
    size = {"width": str(width), "height": str(height), "preserveAspectRatio": "none", "kerning": "0"}
    return written(outlined(replace(without(root, SILENT), attributes={**kept, **size})))


class _Drawer:
    """One drawing process, used by one thread at a time."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("resvg")
        if found is None or found.origin is None:
            raise EnvforgeError(
                "pictures cannot be drawn: resvg is missing; install it with pip install resvg"
            )
        script = Path(__file__).with_name("drawer.py")
        folder = Path(found.origin).parent.parent
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script), str(folder), str(fonts.REGULAR), str(fonts.BOLD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a panic prints a trace there
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            bufsize=0,
            start_new_session=True,  # Ctrl-C reaches the host alone
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)
        try:
            self._read(1, time.monotonic() + START_SECONDS)
        except (OSError, EOFError) as error:
            self.close()
            raise EnvforgeError(
                "the process that draws pictures does not start; see whether python -c 'import resvg' works"
            ) from error
        except BaseException:
            self.close()
            raise

    def draw(self, svg: str, seconds: float) -> tuple[int, bytes]:
        """The reply to one request. Raises TimeoutError, OSError or EOFError when none comes."""
        data = svg.encode("utf-8")
        end = time.monotonic() + seconds
        self._write(REQUEST.pack(len(data)) + data, end)
        status, length = REPLY.unpack(self._read(REPLY.size, end))
        return status, self._read(length, end)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def _write(self, data: bytes, end: float) -> None:
        rest = memoryview(data)
        while rest:
            _await(self._input, select.POLLOUT, end)
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(self._input, rest) :]

    def _read(self, size: int, end: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            _await(self._output, select.POLLIN, end)
            part = os.read(self._output, min(size - len(parts), 1 << 20))
            if not part:
                raise EOFError("the drawing process ended")
            parts += part
        return bytes(parts)


def _await(descriptor: int, event: int, end: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
        raise TimeoutError("the drawing process does not answer")


class _Studio:
    """The drawing processes of this process."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._idle: list[_Drawer] = []
        self._seats = threading.BoundedSemaphore(os.cpu_count() or 1)

    def draw(self, svg: str, seconds: float) -> bytes:
        """The PNG. Raises PictureError when the picture was refused, or failed in fresh processes as well."""
        why = ""
        for _ in range(ATTEMPTS):
            try:
                with self._drawer() as drawer:
                    status, data = drawer.draw(svg, seconds)
            except TimeoutError:
                why = f"the rasteriser did not finish it in {seconds:.0f} s"
            except (OSError, EOFError):
                why = "the rasteriser broke down over it"
            else:
                if status == DRAWN:
                    return data
                raise PictureError(f"the picture cannot be drawn: {data.decode('utf-8', 'replace')}")
        raise PictureError(f"the picture cannot be drawn: {why}")

    def close(self) -> None:
        """End the idle processes, unless they belong to the process that this one was forked from."""
        while self._idle and os.getpid() == self._owner:
            self._idle.pop().close()

    @contextlib.contextmanager
    def _drawer(self) -> Iterator[_Drawer]:
        """A drawing process for one picture; one that failed in the middle is ended, not kept."""
        with self._seats:
            try:
                drawer = self._idle.pop()
            except IndexError:
                drawer = _Drawer()
            try:
                yield drawer
            except BaseException:
                drawer.close()
                raise
            self._idle.append(drawer)


@cache
def _studio(process: int) -> _Studio:
    """The studio of the process with that id, made at its first picture. A forked process makes its own: it must not
    write into its parent's pipes. (Two first pictures at once may make two, of which one draws once.)"""
    studio = _Studio()
    atexit.register(studio.close)
    return studio
