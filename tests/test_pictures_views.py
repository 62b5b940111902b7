"""Views of pictures for training: strength 0 is the picture itself, any other stays within what can be read."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops, ImageStat

from envforge.errors import UsageError
from envforge.pictures import View, apply, rasterise, sample, view
from envforge.pictures.fingerprints import opened
from envforge.pictures.markup import NAMESPACE

PICTURE = rasterise(
    f'<svg xmlns="{NAMESPACE}" viewBox="0 0 320 240"><rect width="320" height="240" fill="#f6f1e4"/>'
    '<circle cx="90" cy="90" r="50" fill="#b00020"/><rect x="180" y="90" width="90" height="70" fill="#1d4ed8"/>'
    '<text x="60" y="200" font-size="24">A = 7</text></svg>'
)
EFFECTS = {
    "padding": View(padding=0.08),
    "angle": View(angle=-3.0),
    "tint": View(tint=(255, 240, 210), tint_share=0.12),
    "blur": View(blur=1.0),
    "resolution": View(resolution=0.5),
    "noise": View(noise=12, noise_seed=3),
    "quality": View(quality=40),
}


def unlikeness(first: bytes, second: bytes) -> float:
    """The mean difference of two PNGs of one size, in levels of 255."""
    return max(ImageStat.Stat(ImageChops.difference(opened(first), opened(second))).mean)


@given(st.integers(0, 2**63 - 1))
def test_strength_0_is_the_picture_byte_for_byte(seed: int) -> None:
    assert view(PICTURE, seed, 0) == (PICTURE, {})


@given(st.integers(0, 2**63 - 1), st.floats(0, 1))
def test_every_view_stays_within_its_limits(seed: int, strength: float) -> None:
    drawn = sample(seed, strength)
    assert 0 <= drawn.padding <= 0.08 * strength + 1e-4
    assert abs(drawn.angle) <= 3.0 * strength + 1e-3
    assert 0 <= drawn.tint_share <= 0.12 * strength + 1e-4
    assert 0 <= drawn.blur <= strength + 1e-3
    assert 1 - 0.5 * strength - 1e-4 <= drawn.resolution <= 1
    assert 0 <= drawn.noise <= 12 * strength + 0.5
    assert drawn.quality == 0 or drawn.quality >= 95 - 55 * strength - 0.5


@given(st.integers(0, 2**63 - 1))
@settings(max_examples=15, deadline=None)
def test_a_view_is_repeated_from_its_seed_and_from_its_record(seed: int) -> None:
    done, record = view(PICTURE, seed, 0.8)
    assert view(PICTURE, seed, 0.8) == (done, record)
    if record:
        assert apply(PICTURE, View(**record)) == done
        assert dataclasses.asdict(sample(seed, 0.8)) == record
    else:
        assert done == PICTURE


def test_seeds_give_different_views_that_use_every_effect() -> None:
    drawn = [sample(seed, 1.0) for seed in range(60)]
    assert len(set(drawn)) == 60
    for field in ("padding", "angle", "tint_share", "blur", "noise", "quality"):
        assert 10 < sum(bool(getattr(one, field)) for one in drawn) < 50
    assert 10 < sum(one.resolution < 1 for one in drawn) < 50


@pytest.mark.parametrize("name", EFFECTS)
def test_an_effect_changes_the_picture_and_leaves_it_readable(name: str) -> None:
    done = apply(PICTURE, EFFECTS[name])
    image = opened(done)
    assert done != PICTURE
    if name == "padding":
        assert image.size == (320 + 2 * 26, 240 + 2 * 26)
        middle = image.crop((26, 26, 346, 266))
        assert ImageChops.difference(middle, opened(PICTURE)).getbbox() is None
        assert image.getpixel((1, 1)) == (0xF6, 0xF1, 0xE4)
    elif name == "angle":
        assert image.width > 320 and image.height > 240  # nothing is cut off
        assert image.getpixel((0, 0)) == (0xF6, 0xF1, 0xE4)
    elif name == "resolution":
        assert image.size == (160, 120)
    else:
        assert image.size == (320, 240)
        assert 0.1 < unlikeness(done, PICTURE) < 16


@pytest.mark.parametrize("name", ["tint", "blur", "noise", "quality"])
def test_colours_keep_their_names(name: str) -> None:
    image = opened(apply(PICTURE, EFFECTS[name]))
    red, blue = image.getpixel((90, 90)), image.getpixel((225, 125))
    assert red[0] > 100 + max(red[1:]) and blue[2] > 100 + max(blue[:2])


def test_noise_is_even_around_the_picture() -> None:
    grey = rasterise(
        f'<svg xmlns="{NAMESPACE}" viewBox="0 0 99 99"><rect width="99" height="99" fill="#808080"/></svg>'
    )
    image = opened(apply(grey, View(noise=10, noise_seed=1)))
    assert ImageStat.Stat(image).mean == pytest.approx([128] * 3, abs=0.5)
    assert image.getextrema() == ((118, 138),) * 3


@pytest.mark.parametrize("strength", [-0.1, 1.01, float("nan")])
def test_a_strength_beyond_0_to_1_is_refused(strength: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        view(PICTURE, 1, strength)
