"""From SVG to PNG: sizes, ground, fonts, equal bytes, and drawing processes that break, hang, fork and end."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from envforge.errors import EnvforgeError, UsageError
from envforge.pictures import PictureError, differing, raster, rasterise
from envforge.pictures.fingerprints import opened
from envforge.pictures.markup import NAMESPACE

HALF_RED = (
    f'<svg xmlns="{NAMESPACE}" viewBox="0 0 200 100"><rect width="100" height="100" fill="#ff0000"/></svg>'
)
WORDS = (
    f'<svg xmlns="{NAMESPACE}" viewBox="0 0 200 100"><circle cx="50" cy="50" r="30" fill="#1d4ed8" stroke="#111"/>'
    '<text x="10" y="60" font-size="24" font-weight="bold">Kept 7</text>'
    '<text x="10" y="90" font-size="24" transform="rotate(-10 10 90)">turned</text></svg>'
)


@pytest.fixture
def studio(monkeypatch: pytest.MonkeyPatch):
    """Drawing processes of this test's own."""
    own = raster._Studio()
    monkeypatch.setattr(raster, "_studio", lambda process: own)
    yield own
    own.close()


def drawer_pids(studio: raster._Studio) -> list[int]:
    return [drawer._process.pid for drawer in studio._idle]


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (None, None, (200, 100)),
        (640, None, (640, 320)),
        (None, 50, (100, 50)),
        (50, 1000, (50, 25)),
        (1000, 50, (100, 50)),
        (3, None, (3, 2)),
    ],
)
def test_sizes(width: int | None, height: int | None, size: tuple[int, int]) -> None:
    assert opened(rasterise(HALF_RED, width, height)).size == size


@pytest.mark.parametrize(("width", "height"), [(0, None), (-5, None), (1, None), (5000, None), (None, 2600)])
def test_a_size_that_no_picture_has_is_the_callers_mistake(width: int | None, height: int | None) -> None:
    with pytest.raises(UsageError, match="choose a size"):
        rasterise(HALF_RED, width, height)


def test_what_is_not_painted_is_white_and_what_is_keeps_its_colour() -> None:
    image = opened(rasterise(HALF_RED))
    assert image.getpixel((50, 50)) == (255, 0, 0)
    assert image.getpixel((150, 50)) == (255, 255, 255)


def test_a_viewbox_away_from_the_origin_and_a_size_of_the_root() -> None:
    moved = HALF_RED.replace('viewBox="0 0 200 100"', 'viewBox="50 0 100 100" width="400" height="400"')
    image = opened(rasterise(moved))
    assert image.size == (100, 100)
    assert image.getpixel((25, 50)) == (255, 0, 0) and image.getpixel((75, 50)) == (255, 255, 255)


def test_letters_come_from_the_shipped_faces_only() -> None:
    """Both weights are there, the generic name means the same face, and kerning moves nothing."""
    plain = WORDS.replace(' font-weight="bold"', "")
    named = WORDS.replace("<text ", '<text font-family="sans-serif" ')
    assert differing(rasterise(WORDS), rasterise(plain)) > 0.01
    assert differing(rasterise(WORDS), rasterise(named)) == 0.0
    together = f'<svg xmlns="{NAMESPACE}" viewBox="0 0 200 100"><text y="60" font-size="40">AVAV</text></svg>'
    apart = together.replace(
        "AVAV", "".join(f'<tspan x="{n * 40 * 1401 / 2048}">{c}</tspan>' for n, c in enumerate("AVAV"))
    )
    assert differing(rasterise(together), rasterise(apart)) < 0.01


def test_two_processes_give_the_same_bytes() -> None:
    code = (
        "import hashlib, sys; from envforge.pictures import rasterise; "
        "print(hashlib.sha256(rasterise(sys.argv[1], 640)).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, WORDS],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] == hashlib.sha256(rasterise(WORDS, 640)).hexdigest()


def test_a_picture_that_breaks_the_policy_reaches_no_rasteriser(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(process: int) -> raster._Studio:
        raise AssertionError("it was to be drawn")

    monkeypatch.setattr(raster, "_studio", never)
    with pytest.raises(PictureError, match="use") as caught:
        rasterise(f'<svg xmlns="{NAMESPACE}" viewBox="0 0 99 99"><use/><image/></svg>')
    assert len(caught.value.sentences) == 2


def test_silent_parts_do_not_change_the_bytes() -> None:
    told = HALF_RED.replace("<rect", "<title>The answer is 7</title><desc>7</desc><rect")
    assert rasterise(told) == rasterise(HALF_RED)


def test_a_panic_of_the_rasteriser_is_a_picture_error(studio: raster._Studio) -> None:
    """Past the policy on purpose: numbers at which resvg panics. The process serves the next picture."""
    body = '<g transform="scale(1e5)"><g transform="scale(1e5)"><circle r="9" stroke="red"/></g></g>'
    panics = f'<svg xmlns="{NAMESPACE}" viewBox="0 0 640 640">{body}</svg>'
    with pytest.raises(PictureError, match="cannot be drawn: PanicException"):
        studio.draw(panics, 20)
    before = drawer_pids(studio)
    assert rasterise(HALF_RED)
    assert drawer_pids(studio) == before


def test_a_picture_that_takes_too_long_ends_with_its_process(studio: raster._Studio) -> None:
    planes = '<rect width="640" height="640" fill-opacity=".5"/>' * 20_000
    with pytest.raises(PictureError, match="did not finish"):
        studio.draw(f'<svg xmlns="{NAMESPACE}" viewBox="0 0 640 640">{planes}</svg>', 0.1)
    assert drawer_pids(studio) == []
    assert rasterise(HALF_RED)


def test_a_process_ended_from_outside_is_replaced(studio: raster._Studio) -> None:
    expected = rasterise(HALF_RED)
    (pid,) = drawer_pids(studio)
    os.kill(pid, signal.SIGKILL)
    assert rasterise(HALF_RED) == expected
    assert drawer_pids(studio) not in ([], [pid])


def test_a_process_that_is_stopped_is_replaced(studio: raster._Studio) -> None:
    rasterise(HALF_RED)
    (pid,) = drawer_pids(studio)
    os.kill(pid, signal.SIGSTOP)
    assert studio.draw(HALF_RED, 2.0)
    assert pid not in drawer_pids(studio)


def test_threads_draw_side_by_side_each_its_own_picture(studio: raster._Studio) -> None:
    pictures = [HALF_RED.replace("#ff0000", f"#{n:02x}0000") for n in range(0, 240, 10)]
    drawn: dict[str, bytes] = {}

    def draw(part: list[str]) -> None:
        for one in part:
            drawn[one] = rasterise(one, 64)

    threads = [threading.Thread(target=draw, args=(pictures[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, picture in enumerate(pictures):
        assert opened(drawn[picture]).getpixel((5, 5)) == (number * 10, 0, 0)
    assert 1 <= len(drawer_pids(studio)) <= (os.cpu_count() or 1)


def test_a_forked_process_draws_with_processes_of_its_own() -> None:
    """In a program of its own: both draw, and the end of the child ends nothing of the parent's."""
    code = f"""
import os, sys
from envforge.pictures import rasterise, raster
svg = {HALF_RED!r}
first = rasterise(svg)
child = os.fork()
if child == 0:
    sys.exit(0 if rasterise(svg) == first else 3)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
pids = [d._process.pid for d in raster._studio(os.getpid())._idle]
assert rasterise(svg) == first
assert pids == [d._process.pid for d in raster._studio(os.getpid())._idle]
sys.exit(code)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_outlives_a_killed_host() -> None:
    code = f"""
import os, signal
from envforge.pictures import rasterise, raster
rasterise({HALF_RED!r})
print(*[d._process.pid for d in raster._studio(os.getpid())._idle], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    (pid,) = map(int, done.stdout.split())
    for _ in range(200):
        if not Path(f"/proc/{pid}/stat").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text():
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("the drawing process outlived its host")


def test_a_missing_rasteriser_is_told_with_the_remedy(
    studio: raster._Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EnvforgeError, match="pip install resvg") as caught:
        rasterise(HALF_RED)
    assert not isinstance(caught.value, PictureError)


def test_the_first_words_of_a_process_can_be_drawn_by_many_threads_at_once() -> None:
    """Fonts are unpacked when they are first read; in a process of its own, so that this is the first time."""
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from envforge.pictures.glyphs import outlined\n"
        "from envforge.pictures.markup import parse, written\n"
        "words = ''.join(map(chr, range(33, 127))).translate({38: None, 60: None, 62: None})\n"
        f'svg = f\'<svg xmlns="{NAMESPACE}" viewBox="0 0 640 640"><text font-weight="bold">{{words}}</text>\''
        "f'<text>{words}</text></svg>'\n"
        "with ThreadPoolExecutor(16) as pool:\n"
        "    found = set(pool.map(lambda _: written(outlined(parse(svg))), range(64)))\n"
        "assert len(found) == 1, len(found)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
