"""Mutators of bytes: each makes another file out of a program's file, with no regard for grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from fuzz import hostile

Mutator = Callable[
    [bytes, bytes, random.Random], bytes
]  # the file, another program's file, the random stream
_TOKEN = re.compile(rb"\w+|[ \t]+|\n|.", re.DOTALL)
_NUMBER = re.compile(rb"\b\d+\b")
LENGTHS = (1, 1, 1, 2, 4, 16, 100, 1000)
DEPTHS = (2, 30, 95, 105, 199, 201, 1000, 8000, 30_000)


def _range(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice(LENGTHS))


def flip_bits(data: bytes, other: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 1, 2, 5, 50))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def random_bytes(data: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + rng.randbytes(rng.choice(LENGTHS)) + data[rng.choice((start, end)) :]


def drop_bytes(data: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def double_bytes(data: bytes, other: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 1, 3, 30)) + data[end:]


def swap_bytes(data: bytes, other: bytes, rng: random.Random) -> bytes:
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(4))
    a, b, c, d = cuts
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def cross_over(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """The beginning of one program and the end of another."""
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def truncate(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """The beginning alone, which may be nothing, or the end alone."""
    place = rng.choice((0, 1, *[rng.randrange(len(data) + 1)] * 4))
    return data[:place] if rng.random() < 0.5 else data[place:]


def insert_special(data: bytes, other: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 10))):
        place = rng.choice((0, len(data), *[rng.randrange(len(data) + 1)] * 4))
        data = data[:place] + rng.choice(hostile.BYTES) + data[place:]
    return data


def special_in_text(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """A special run within a word of a string or comment, where the program as a whole may survive it."""
    words = list(re.finditer(rb"[a-z]{3,} [a-z]{3,}", data))
    if not words:
        return data
    place = rng.choice(words).start() + 3
    return data[:place] + rng.choice(hostile.BYTES) + data[place:]


def other_encoding(data: bytes, other: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    name = rng.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-7", "cp037"))
    cookie = rng.choice(("", f"# -*- coding: {name} -*-\n", f"#!python\n# coding={name}\n"))
    return (cookie + text).encode(name, "replace")


def line_ends(data: bytes, other: bytes, rng: random.Random) -> bytes:
    end = rng.choice(
        (b"\r\n", b"\r", b"\n\r", b"\x0c\n", b"\n\x0c", b"\x0b\n", b"\x85\n", b" \n", b"\\\n", b"\n\n", b"")
    )
    share = rng.choice((0.01, 0.1, 1.0))
    return b"".join(
        end if part == b"\n" and rng.random() < share else part for part in re.split(rb"(\n)", data)
    )


def shuffle_lines(data: bytes, other: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    choice, place = rng.randrange(4), rng.randrange(len(lines))
    if choice == 0:
        rng.shuffle(lines)
    elif choice == 1:
        del lines[place]
    elif choice == 2:
        lines[place:place] = lines[place : place + 3] * rng.choice((1, 2, 200))
    else:
        lines.insert(place, rng.choice(other.split(b"\n")))
    return b"\n".join(lines)


def change_indents(data: bytes, other: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    for _ in range(rng.choice((1, 1, 3, 30))):
        place = rng.randrange(len(lines))
        indent = rng.choice(
            (b"", b" ", b"\t", b"    ", b"        ", b" \t", b"\x0c", b"\xc2\xa0", b" " * 5000)
        )
        lines[place] = indent + lines[place].lstrip()
    return b"\n".join(lines)


def long_line(data: bytes, other: bytes, rng: random.Random) -> bytes:
    line = rng.choice(
        (b"# " + b"x" * 40_000, b"x = " + b"1 + " * 7000 + b"1", b"x = '" + b"y" * 20_000 + b"'")
    )
    line = rng.choice((line, b"x = [" + b"0," * 14_000 + b"]", b"x = " + b"a." * 9000 + b"b", b";" * 20_000))
    lines = data.split(b"\n")
    lines.insert(rng.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


_BRACKETS = (
    (b"(", b")"), (b"[", b"]"), (b"{", b"}"), (b"([{", b"}])"), (b"f'{", b"}'"), (b"-", b""), (b"a[", b"]"),
    (b"lambda:", b""), (b"not ", b""), (b"a(", b")"), (b"{1:", b"}"), (b"(", b""), (b"'''", b"'''"),
)  # fmt: skip


def deep_brackets(data: bytes, other: bytes, rng: random.Random) -> bytes:
    opening, closing = rng.choice(_BRACKETS)
    depth, place = rng.choice(DEPTHS), rng.randrange(len(data) + 1)
    numbers = list(_NUMBER.finditer(data))
    if numbers and rng.random() < 0.7:  # around a number, which may be an expression
        number = rng.choice(numbers)
        return (
            data[: number.start()] + opening * depth + number.group() + closing * depth + data[number.end() :]
        )
    return data[:place] + opening * depth + closing * depth + data[place:]


def shuffle_tokens(data: bytes, other: bytes, rng: random.Random) -> bytes:
    tokens, foreign = _TOKEN.findall(data) or [b" "], _TOKEN.findall(other) or [b" "]
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        choice, place = rng.randrange(4), rng.randrange(len(tokens))
        if choice == 0:
            there = rng.randrange(len(tokens))
            tokens[place], tokens[there] = tokens[there], tokens[place]
        elif choice == 1:
            tokens[place] = rng.choice(foreign)
        elif choice == 2:
            tokens.insert(place, rng.choice(tokens))
        elif len(tokens) > 1:
            del tokens[place]
    return b"".join(tokens)


def change_digits(data: bytes, other: bytes, rng: random.Random) -> bytes:
    numbers = list(_NUMBER.finditer(data))
    if not numbers:
        return data
    number = rng.choice(numbers)
    new = rng.choice(
        (b"0", b"1", b"7", b"99", b"2", b"3", b"1e9", b"1_0", b"0x1F", b"9" * 20, b"9" * 4301, b"1j", b".5")
    )
    return data[: number.start()] + new + data[number.end() :]


# Family of a mutant -> its mutators and its share among the mutants of bytes, in parts per thousand.
FAMILIES: dict[str, tuple[int, tuple[Mutator, ...]]] = {
    "bits": (180, (flip_bits,)),
    "runs": (220, (random_bytes, drop_bytes, double_bytes, swap_bytes, truncate, cross_over)),
    "specials": (180, (insert_special, special_in_text)),
    "encodings": (60, (other_encoding,)),
    "lines": (120, (line_ends, shuffle_lines, change_indents, long_line)),
    "brackets": (60, (deep_brackets,)),
    "tokens": (180, (shuffle_tokens, shuffle_tokens, change_digits)),
}
