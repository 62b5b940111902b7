"""Rows with pictures taken apart and put together again: every row keeps its own pixels, in each layout there is.

Rows are told apart by a number that stands in their tokens, in their pixels and in everything that belongs to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.errors import UsageError
from envforge.training.sight import Sights, merged, parted, reordered, tolerant, without_pictures

PAD = 0
LAYOUTS = ("flat", "grid", "padded", "none")
DEPTH = 3  # numbers in a pixel, or patch

Rows = list[tuple[int, int]]  # (number, pictures) of each row
rows_of_a_batch = st.lists(st.integers(0, 2), min_size=1, max_size=6)


def batch(layout: str, rows: Rows, prompt: int, answer: int) -> dict[str, Any]:
    """What TRL hands on for `rows`: prompts `prompt` and completions `answer` tokens wide."""
    size = len(rows)
    numbers = torch.tensor([number for number, _ in rows])
    found: dict[str, Any] = {
        "prompt_ids": numbers[:, None].repeat(1, prompt),
        "prompt_mask": torch.ones(size, prompt, dtype=torch.long),
        "completion_ids": numbers[:, None].repeat(1, answer),
        "completion_mask": torch.ones(size, answer, dtype=torch.long),
        "advantages": numbers.float(),
        "num_items_in_batch": torch.tensor(7),
    }
    counts = [count for _, count in rows]
    if layout == "none" or not any(counts):
        return found
    found["num_images"] = counts
    if layout == "flat":
        found["pixel_values"] = _pixels([number for number, count in rows for _ in range(count)])
        found["image_sizes"] = torch.tensor([[number, 1] for number, count in rows for _ in range(count)])
    elif layout == "grid":  # a picture has as many patches as its row's number, at least one
        sides = [(number, 1 + number % 3) for number, count in rows for _ in range(count)]
        found["image_grid_thw"] = torch.tensor([[1, 1, side] for _, side in sides])
        found["pixel_values"] = _pixels([number for number, side in sides for _ in range(side)])
        types = torch.zeros(size, prompt + answer, dtype=torch.long)
        types[:, :prompt] = numbers[:, None]  # completions have none
        found["mm_token_type_ids"] = types
    else:
        most = max(counts)
        found["pixel_values"] = torch.stack(
            [
                torch.cat([_pixels([number] * count), torch.zeros(most - count, DEPTH)])
                for number, count in rows
            ]
        )
        found["pixel_attention_mask"] = found["pixel_values"].bool()
    return found


def _pixels(numbers: Sequence[int]) -> Any:
    return torch.tensor(numbers, dtype=torch.float).reshape(-1, 1).repeat(1, DEPTH)


def check(layout: str, tensors: dict[str, Any], wanted: Rows) -> None:
    """`tensors` hold the rows `wanted`, whatever they are padded with."""
    assert tensors["advantages"].tolist() == [number for number, _ in wanted]
    assert tensors["num_items_in_batch"] == 7
    for row, (number, _) in enumerate(wanted):
        for name in ("prompt_ids", "completion_ids"):
            assert {int(token) for token in tensors[name][row]} - {PAD} <= {number}
        assert tensors["prompt_ids"][row, -1] == number and tensors["completion_ids"][row, 0] == number
    if "pixel_values" not in tensors:
        assert layout == "none" or not any(count for _, count in wanted)
        return
    assert tensors["num_images"] == [count for _, count in wanted]
    if layout == "padded":
        for row, (number, count) in enumerate(wanted):
            seen = tensors["pixel_values"][row]
            assert torch.equal(seen[:count], _pixels([number] * count)) and not seen[count:].any()
            assert torch.equal(tensors["pixel_attention_mask"][row], seen.bool())
        return
    by_picture = [number for number, count in wanted for _ in range(count)]
    if layout == "flat":
        assert torch.equal(tensors["pixel_values"], _pixels(by_picture))
        assert tensors["image_sizes"][:, 0].tolist() == by_picture
        return
    assert tensors["image_grid_thw"].tolist() == [[1, 1, 1 + number % 3] for number in by_picture]
    patches = [number for number in by_picture for _ in range(1 + number % 3)]
    assert torch.equal(tensors["pixel_values"], _pixels(patches))
    prompt, whole = tensors["prompt_ids"].shape[1], tensors["mm_token_type_ids"].shape[1]
    assert whole == prompt + tensors["completion_ids"].shape[1]
    for row, (number, count) in enumerate(wanted):
        types = tensors["mm_token_type_ids"][row]
        assert not types[prompt:].any()
        assert types[prompt - 1] in ((number,) if count else (number, 0))


@settings(deadline=None)
@given(st.sampled_from(LAYOUTS), rows_of_a_batch, rows_of_a_batch, st.data())
def test_rows_of_two_rounds(layout: str, old: list[int], new: list[int], data: st.DataObject) -> None:
    """Either round may have no picture at all, and prompts and completions may be of another width."""
    first = [(1 + place, count) for place, count in enumerate(old)]
    second = [(101 + place, count) for place, count in enumerate(new)]
    both = [*first, *second]
    chosen = data.draw(st.lists(st.integers(0, len(both) - 1), min_size=1, max_size=8))
    widths = [data.draw(st.tuples(st.integers(1, 4), st.integers(1, 3))) for _ in range(2)]
    parts = [batch(layout, rows, *width) for rows, width in zip((first, second), widths)]
    check(layout, merged(parts[0], parts[1], chosen, PAD), [both[place] for place in chosen])


@settings(deadline=None)
@given(st.sampled_from(LAYOUTS), st.integers(1, 3), st.integers(1, 3), st.data())
def test_rows_in_another_order(layout: str, size: int, number: int, data: st.DataObject) -> None:
    """Micro-batches may have no picture although others have; all come from one batch."""
    counts = data.draw(st.lists(st.integers(0, 2), min_size=size * number, max_size=size * number))
    rows = [(1 + place, count) for place, count in enumerate(counts)]
    whole = batch(layout, rows, 3, 2)
    order = data.draw(st.permutations(range(len(rows))))
    once = reordered([whole], range(len(rows)), size)
    assert len(once) == number
    again = reordered(once, order, size)
    for place, part in enumerate(again):
        check(layout, part, [rows[row] for row in order[place * size : (place + 1) * size]])


@settings(deadline=None)
@given(st.sampled_from(LAYOUTS[:3]), st.lists(st.integers(0, 2), min_size=2, max_size=6), st.data())
def test_a_part_of_a_batch(layout: str, counts: list[int], data: st.DataObject) -> None:
    rows = [(1 + place, count) for place, count in enumerate(counts)]
    whole = batch(layout, rows, 3, 2)
    if "pixel_values" not in whole:
        return
    first = data.draw(st.integers(0, len(rows) - 1))
    last = data.draw(st.integers(first + 1, len(rows)))
    part = parted({**whole, "num_tiles": None, "image_position_ids": None}, first, last)
    tokens = {
        name: whole[name][first:last] for name in whole if name.startswith(("prompt", "completion", "adv"))
    }
    check(layout, {**part, **tokens}, rows[first:last])
    kept = without_pictures(part)
    assert "pixel_values" not in kept and "image_grid_thw" not in kept and "num_images" not in kept


@settings(deadline=None)
@given(st.sampled_from(("flat", "grid")), rows_of_a_batch, st.data())
def test_pictures_of_some_prompts(layout: str, counts: list[int], data: st.DataObject) -> None:
    """As a chunk of a batch is drawn: its own pixels, and its token types padded like its tokens."""
    rows = [(1 + place, count) for place, count in enumerate(counts)]
    whole = batch(layout, rows, 3, 2)
    images = [[number] * count or None for number, count in rows]
    fields = {
        name: whole[name] for name in ("pixel_values", "image_grid_thw", "image_sizes") if name in whole
    }
    if layout == "grid" and fields:
        fields["mm_token_type_ids"] = [[number] * (1 + place % 3) for place, (number, _) in enumerate(rows)]
    sights = Sights.of(images if any(counts) else None, fields)
    if sights is None:
        assert not any(counts)
        return
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=6))
    found = sights.rows(chosen)
    if not any(counts[row] for row in chosen):
        assert found is None
        return
    assert found is not None
    numbers = [rows[row][0] for row in chosen for _ in range(counts[row])]
    assert [one for row in found.images for one in row or ()] == numbers
    tensors = found.tensors(5)
    patches = [n for n in numbers for _ in range(1 + n % 3)] if layout == "grid" else numbers
    assert torch.equal(tensors["pixel_values"], _pixels(patches))
    if layout == "grid":
        lengths = [1 + row % 3 for row in chosen]
        assert [row.tolist() for row in tensors["mm_token_type_ids"]] == [
            [0] * (5 - length) + [rows[row][0]] * length for row, length in zip(chosen, lengths)
        ]


def test_tiles_that_tell_nothing_are_refused() -> None:
    """Five tiles of two pictures: nobody knows whose the third is. All rows together need not be told apart."""
    sights = Sights([["a"], ["b"], None], {"pixel_values": torch.zeros(5, DEPTH)})
    assert sights.rows([0, 1, 2]) is sights
    with pytest.raises(UsageError, match="cuts pictures into tiles"):
        sights.rows([0, 1])


def test_a_tolerant_processor_takes_none() -> None:
    class Strict:
        def __call__(self, images: Any = None, text: Any = None) -> Any:
            if images is not None and None in images:
                raise ValueError("None is no picture")
            return images, text

    processor = tolerant(Strict())
    assert processor([["a"], None], text="t") == ([["a"], []], "t")
    assert processor(text="t") == (None, "t")
    assert processor(images=[None, ["a"]]) == ([[], ["a"]], None)
    assert type(processor).__name__ == "Strict"  # what is saved as the class to load
