"""Views of a picture for training: padded, turned, tinted, coarser, blurred, noisy, compressed, and still readable.

A view is drawn from a seed and a strength from 0 (the picture itself, byte for byte) to 1. Every effect has a limit
beyond which small labels or named colours would be lost; at strength 1 each reaches up to its own. The same PNG, seed
and strength give the same bytes with the same version of Pillow.
"""

from __future__ import annotations

import dataclasses
import io
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envforge.contract import derive_seed
from envforge.errors import UsageError
from envforge.pictures.fingerprints import opened

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PADDING = 0.08  # of the picture's width, on every side
MAX_ANGLE = 3.0  # degrees, either way
MAX_TINT = 0.12  # share of the tint's colour
MIN_RESOLUTION = 0.5  # of the sides
MAX_BLUR = 1.0  # pixels of a picture that is 640 wide, before it is made coarser
MAX_NOISE = 12  # levels of 255, either way
WORST_QUALITY = 40  # of JPEG; 95 is hardly seen
CHANCE = 0.5  # that an effect is used at all
_WHITE = (255, 255, 255)
_TINTS = ((255, 240, 210), (220, 235, 255), (235, 255, 230), (200, 200, 200), (255, 225, 225))


@dataclass(frozen=True, slots=True)
class View:
    """What is done to a picture, in this order. The defaults do nothing."""

    padding: float = 0.0  # share of the width, on every side, in the colour of the top left corner
    angle: float = 0.0  # degrees, to the left
    tint: tuple[int, int, int] = _WHITE
    tint_share: float = 0.0
    blur: float = 0.0  # radius in pixels of a picture that is 640 wide
    resolution: float = 1.0  # factor of both sides
    noise: int = 0  # levels, either way
    noise_seed: int = 0
    quality: int = 0  # of JPEG; 0: not compressed


def sample(seed: int, strength: float) -> View:
    """The view of that seed. Raises UsageError for a strength that is not from 0 to 1."""
    if not 0 <= strength <= 1:
        raise UsageError(f"the strength of views is {strength}; it must lie between 0 and 1")
    if strength == 0:
        return View()
    rng = random.Random(derive_seed("view", seed))

    def amount() -> float:
        """From 0 to the strength, 0 half of the time. Draws equally often whatever comes out."""
        used, size = rng.random() < CHANCE, rng.random()
        return size * strength if used else 0.0

    compressed = amount()
    return View(
        padding=round(MAX_PADDING * amount(), 4),
        angle=round(MAX_ANGLE * amount() * rng.choice((-1, 1)), 3),
        tint=rng.choice(_TINTS),
        tint_share=round(MAX_TINT * amount(), 4),
        blur=round(MAX_BLUR * amount(), 3),
        resolution=round(1 - (1 - MIN_RESOLUTION) * amount(), 4),
        noise=round(MAX_NOISE * amount()),
        noise_seed=rng.getrandbits(32),
        quality=round(95 - (95 - WORST_QUALITY) * compressed) if compressed else 0,
    )


def view(png: bytes, seed: int, strength: float) -> tuple[bytes, dict[str, Any]]:
    """The view of a PNG that the seed and the strength give, and the record of what was done (fields of `View`).

    The record of a picture that stays as it is is empty, and its bytes are the same. The view's size differs from the
    picture's where it is padded, turned or made coarser.
    """
    drawn = sample(seed, strength)
    done = apply(png, drawn)
    return done, {} if done is png else dataclasses.asdict(drawn)


def apply(png: bytes, view: View) -> bytes:
    """The PNG as `view` shows it; the same bytes when it does nothing."""
    if dataclasses.replace(view, tint=_WHITE, noise_seed=0) == View():
        return png
    image = opened(png)
    wide = image.width
    image = _placed(image, view)
    if view.tint_share:
        from PIL import Image

        image = Image.blend(image, Image.new("RGB", image.size, view.tint), view.tint_share)
    image = _softened(image, view, wide)
    if view.noise:
        image = _noisy(image, view)
    if view.quality:
        image = _compressed(image, view.quality)
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _placed(image: Image, view: View) -> Image:
    """Padded and turned. Nothing is cut off: the picture grows."""
    from PIL import Image, ImageOps

    ground = image.getpixel((0, 0))
    assert isinstance(ground, tuple)
    colour = (int(ground[0]), int(ground[1]), int(ground[2]))
    if view.padding:
        image = ImageOps.expand(image, round(view.padding * image.width), fill=colour)
    if view.angle:
        image = image.rotate(view.angle, Image.Resampling.BICUBIC, expand=True, fillcolor=colour)
    return image


def _softened(image: Image, view: View, wide: int) -> Image:
    """Blurred and made coarser; `wide` is the width of the picture that the blur's radius refers to."""
    from PIL import Image, ImageFilter

    if view.blur:
        image = image.filter(ImageFilter.GaussianBlur(view.blur * wide / 640))
    if view.resolution < 1:
        size = (max(1, round(image.width * view.resolution)), max(1, round(image.height * view.resolution)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return image


def _noisy(image: Image, view: View) -> Image:
    """Grey noise, even from -noise to +noise; Pillow's own noise cannot be seeded."""
    from PIL import Image, ImageChops

    grain = random.Random(view.noise_seed).randbytes(image.width * image.height)
    levels = Image.frombytes("L", image.size, grain).point(
        [round(level * 2 * view.noise / 255) for level in range(256)]
    )
    return ImageChops.add(image, Image.merge("RGB", (levels,) * 3), offset=-view.noise)


def _compressed(image: Image, quality: int) -> Image:
    from PIL import Image

    data = io.BytesIO()
    image.save(data, "JPEG", quality=quality, subsampling=0)
    with Image.open(data, formats=("JPEG",)) as decoded:
        return decoded.convert("RGB")
