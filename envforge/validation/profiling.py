"""The profile of a program that passed L4: what composition, novelty and the pool need to know about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from envforge.contract import Instance, Profile

_WINDOW = 3  # words
_SHAPES = 16
_SHAPED = 200  # characters: folding repeats takes time that grows with their cube


def profile_of(levels: Sequence[Sequence[Instance]], floors: Sequence[float]) -> Profile:
    """Summarise the sample; deterministic in it."""
    instances = [instance for level in levels for instance in level]
    numbers = [_integer(instance.reference) for instance in instances]
    whole = [number for number in numbers if number is not None]
    every = len(whole) == len(instances)
    keys = [
        key
        for key in instances[0].state
        if all(type(instance.state.get(key)) is int for instance in instances)
    ]
    shingles: set[int] = set()
    for level in levels:
        for instance in level[:4]:
            shingles |= prompt_shingles(instance.prompt)
    return Profile(
        answer_is_integer=every,
        answer_range=(min(whole), max(whole)) if every else None,
        integer_keys=tuple(keys),
        guess_floors=tuple(round(floor, 4) for floor in floors),
        prompt_shingles=frozenset(shingles),
        answer_shapes=frozenset(sorted({answer_shape(i.reference) for i in instances})[:_SHAPES]),
        prompt_template=mask_numbers(levels[len(levels) // 2][0].prompt),
    )


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= 400 and re.fullmatch(r"-?[0-9]+", text) else None


def mask_numbers(prompt: str) -> str:
    """The prompt as a template: digit runs become `#`, and a list of them becomes one."""
    masked = re.sub(r"[0-9]+", "#", prompt.lower())
    return re.sub(r"#(?:[\s,;:()\[\]{}|/.+-]+#)+", "#", masked)


def prompt_shingles(prompt: str) -> frozenset[int]:
    """Hashed windows of three words over the masked prompt."""
    words = re.findall(r"[a-z]+|#", mask_numbers(prompt))
    windows = {" ".join(words[i : i + _WINDOW]) for i in range(max(1, len(words) - _WINDOW + 1))}
    return frozenset(
        int.from_bytes(hashlib.blake2b(window.encode(), digest_size=6).digest(), "big") for window in windows
    )


def answer_shape(reference: str) -> str:
    """`12, 7` becomes `9, 9`, `red blue` becomes `a a`; repeats of one shape fold into one."""
    shape = re.sub(r"[0-9]+", "9", reference)
    shape = re.sub(r"[^\W\d_]+", "a", shape)
    shape = re.sub(r"(\s)\s+", r"\1", shape)
    if len(shape) > _SHAPED:
        shape = shape[:_SHAPED].rstrip(" ,;")
    return re.sub(r"(\S+?)(?:(\s*[\s,;]\s*)\1)+(?!\S)", r"\1\2...", shape)[:40]
