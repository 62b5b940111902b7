"""Pictures on their way through TRL: messages as processors take them, and tensors that have rows per picture.

Every field that a processor makes beside token ids (pixel values, grids, sizes) counts pictures or patches, not
rows. TRL takes such fields apart by row and puts them together again; what is done here with rows goes through that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from trl.trainer.utils import pad, split_pixel_values_by_grid, unsplit_pixel_values_by_grid

from envforge.errors import UsageError
from envforge.messages import parts_of
from envforge.policies.vision import opened

# What the loss takes beside token ids, where a batch holds pictures.
FIELDS = (
    "pixel_values",
    "image_grid_thw",
    "pixel_attention_mask",
    "spatial_shapes",
    "image_sizes",
    "token_type_ids",
    "mm_token_type_ids",
    "image_position_ids",
    "num_images",
    "num_tiles",
)
OF_TOKENS = ("token_type_ids", "mm_token_type_ids")  # one number for each token of prompt and completion
SIDES = {"prompt_ids": "left", "prompt_mask": "left"}  # everything else is padded on the right


def tolerant(processor: Any) -> Any:
    """`processor`, which from now on takes None among its pictures for a row without any: TRL hands in rows with and
    without pictures so, and processors refuse it. Its class keeps its name, which is what is saved."""
    kind = type(processor)

    def call(self: Any, images: Any = None, *rest: Any, **options: Any) -> Any:
        if isinstance(images, list):
            images = [[] if of_row is None else of_row for of_row in images]
        return kind.__call__(self, images, *rest, **options)

    processor.__class__ = type(kind.__name__, (kind,), {"__call__": call, "__module__": kind.__module__})
    return processor


def seen_messages(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`messages` with their contents in parts, pictures opened: the form that TRL looks for pictures in."""
    return [
        {
            **message,
            "content": [
                {"type": "text", "text": part}
                if isinstance(part, str)
                else {"type": "image", "image": opened(part)}
                for part in parts_of(message)
            ],
        }
        for message in messages
    ]


@dataclass(frozen=True, slots=True)
class Sights:
    """What a batch of prompts holds beside tokens: pictures by row (PIL; None or empty for a row without any), and
    what the processor made of them."""

    images: Sequence[Sequence[Any] | None]
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, images: Sequence[Sequence[Any] | None] | None, fields: Mapping[str, Any]) -> Sights | None:
        """From what TRL hands on; None where no row has a picture. Fields with a list of numbers for each row, one
        for each token, stay lists; all others become tensors."""
        if images is None:
            return None
        return cls(
            images, {name: value if _by_token(value) else _tensor(value) for name, value in fields.items()}
        )

    @property
    def counts(self) -> list[int]:
        """How many pictures each row has."""
        return [len(images or ()) for images in self.images]

    def rows(self, rows: Sequence[int]) -> Sights | None:
        """The part that belongs to `rows`; None where none of them has a picture. Raises UsageError for a model whose
        pixels do not tell to which picture they belong."""
        counts = self.counts
        if not any(counts[row] for row in rows):
            return None
        if list(rows) == list(range(len(counts))):
            return self
        known = {"image_grid_thw", "image_position_ids"} & self.fields.keys()
        if not known and len(self.fields["pixel_values"]) not in (sum(counts), len(counts)):
            raise UsageError(
                "this model cuts pictures into tiles, which cannot be dealt out: leave [generation] chunks at "
                "1, rows at 0 and [roles] generator_groups at 0"
            )
        split = _split({**self.fields, "num_images": counts})
        taken = unsplit_pixel_values_by_grid({name: _taken(value, rows) for name, value in split.items()})
        del taken["num_images"]
        return Sights([self.images[row] for row in rows], taken)

    def tensors(self, width: int) -> dict[str, Any]:
        """The fields as a model takes them, those of tokens padded on the left to `width`."""
        return {
            name: torch.tensor([[0] * (width - len(row)) + list(row) for row in value])
            if isinstance(value, list)
            else value
            for name, value in self.fields.items()
        }


def without_pictures(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` of a batch in which no row has a picture: an encoder given none at all breaks."""
    return {name: value for name, value in fields.items() if name not in FIELDS or name in OF_TOKENS}


def parted(fields: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    """The rows from `first` up to `last` of the fields that a loss takes."""
    given = {name: value for name, value in fields.items() if name in FIELDS and value is not None}
    taken = {name: _taken(value, range(first, last)) for name, value in _split(given).items()}
    return {**fields, **unsplit_pixel_values_by_grid(taken)}


def reordered(batches: Sequence[Mapping[str, Any]], order: Sequence[int], size: int) -> list[dict[str, Any]]:
    """The rows of all `batches` in another order, in batches of `size` rows. What is no row of anything stays."""
    split = [_split(dict(batch)) for batch in batches]
    whole: dict[str, Any] = {}
    for name, first in split[0].items():
        values = [batch[name] for batch in split]
        if all(isinstance(value, list) for value in values):
            whole[name] = [row for value in values for row in value]
        elif not isinstance(first, torch.Tensor | list) or (
            isinstance(first, torch.Tensor) and not first.ndim
        ):
            whole[name] = first
        else:
            whole[name] = torch.cat(
                [torch.cat(value) if isinstance(value, list) else value for value in values]
            )
    return [
        unsplit_pixel_values_by_grid(
            {name: _taken(value, order[at : at + size]) for name, value in whole.items()}
        )
        for at in range(0, len(order), size)
    ]


def merged(
    old: Mapping[str, Any], new: Mapping[str, Any], chosen: Sequence[int], pad_id: int
) -> dict[str, Any]:
    """The rows `chosen` out of those of `old`, counted from 0, followed by those of `new`. One of them may hold
    pictures and the other none."""
    counts = [len(tensors["prompt_ids"]) for tensors in (old, new)]
    split = [_split(dict(tensors)) for tensors in (old, new)]
    found: dict[str, Any] = {}
    for name in {**split[0], **split[1]}:
        values = [tensors.get(name) for tensors in split]
        some = values[0] if values[0] is not None else values[1]
        if not isinstance(some, torch.Tensor | list) or (isinstance(some, torch.Tensor) and not some.ndim):
            found[name] = some
        elif all(value is None or isinstance(value, list) for value in values):
            both = [_filled(value, some, count) for value, count in zip(values, counts)]
            found[name] = _taken([*both[0], *both[1]], chosen)
        else:
            tensors = [torch.cat(value) if isinstance(value, list) else value for value in values]
            some = tensors[0] if tensors[0] is not None else tensors[1]
            both = [_filled(value, some, count) for value, count in zip(tensors, counts)]
            if name in OF_TOKENS:  # as wide as the tokens that they are of
                both = [
                    part if value is not None else torch.zeros_like(part[:, :1]).expand(count, _width(of))
                    for part, value, count, of in zip(both, tensors, counts, split)
                ]
            found[name] = _taken(_stacked(name, both, split, pad_id), chosen)
    whole: dict[str, Any] = unsplit_pixel_values_by_grid(found)
    return whole


def _stacked(name: str, both: Sequence[Any], split: Sequence[Mapping[str, Any]], pad_id: int) -> Any:
    """The rows of two tensors in one, padded."""
    rows = [*both[0], *both[1]]
    if not rows[0].ndim:
        return torch.stack(rows)
    if name not in OF_TOKENS:
        fill = pad_id if name in ("prompt_ids", "completion_ids") else 0
        return pad(rows, padding_value=fill, padding_side=SIDES.get(name, "right"))
    # Prompt and completion stand side by side here: one is padded on the left, the other, all zeros, on the right.
    widths = [tensors["prompt_ids"].shape[1] for tensors in split]
    prompts = [row[:width] for part, width in zip(both, widths) for row in part]
    answers = [row[width:] for part, width in zip(both, widths) for row in part]
    return torch.cat(
        [
            pad(prompts, padding_value=0, padding_side="left"),
            pad(answers, padding_value=0, padding_side="right"),
        ],
        dim=1,
    )


def _width(tensors: Mapping[str, Any]) -> int:
    """Tokens of prompt and completion side by side, padding included."""
    return int(tensors["prompt_ids"].shape[1] + tensors["completion_ids"].shape[1])


def _filled(value: Any, like: Any, count: int) -> Any:
    """`value`; where there is none, `count` rows of nothing, of the kind that `like` has."""
    if value is not None:
        return value
    if isinstance(like, list):
        return [like[0][:0] if isinstance(like[0], torch.Tensor) else 0] * count
    return torch.zeros((count, *like.shape[1:]), dtype=like.dtype, device=like.device)


def _split(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with lists, one tensor for each row, where their tensors have no row for each.

    A model with masks over pixels has one for each, padded to the row with most pictures. TRL tells that from one row
    for each picture by counting, and takes the one for the other where every row has one picture.
    """
    if "pixel_attention_mask" in fields and "spatial_shapes" not in fields:
        return dict(fields)
    split: dict[str, Any] = split_pixel_values_by_grid(dict(fields))
    return split


def _taken(value: Any, rows: Sequence[int]) -> Any:
    """Some rows of a field; what has none stays as it is."""
    if isinstance(value, list):
        return [value[row] for row in rows]
    if isinstance(value, torch.Tensor) and value.ndim:
        return value[torch.tensor(list(rows), device=value.device, dtype=torch.long)]
    return value


def _by_token(value: Any) -> bool:
    """Whether a field holds a list of whole numbers for each row."""
    return (
        isinstance(value, list)
        and bool(value)
        and isinstance(value[0], list)
        and all(isinstance(number, int) for number in value[0])
    )


def _tensor(value: Any) -> Any:
    """What a processor made, which without being asked for tensors may be lists of arrays."""
    import numpy

    return value if isinstance(value, torch.Tensor) else torch.tensor(numpy.array(value))
