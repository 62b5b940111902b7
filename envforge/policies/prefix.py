"""What all prompts of a batch begin with (the system message, a worked example), computed once for all rows.

Exact but for rounding. Only for models whose cache keeps every position of every layer; others, such as those with
sliding windows or recurrent states, are left to compute whole rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WORTH = 8  # tokens; below, the extra pass costs more than it saves (ours)


def prompt_inputs(
    model: Any, prompts: Sequence[Sequence[int]], pad: int, device: Any, share: bool = True
) -> dict[str, Any]:
    """What `model.generate` takes for `prompts`: token ids and attention mask, each (rows, width), and the cache of
    what they share, None where there is none.

    Without `share` whole rows are computed: some models that see keep positions of their own between calls.
    """
    import torch

    shared, cache = shared_prefix(prompts) if share else 0, None
    if shared:
        cache = _prefilled(model, torch.tensor([list(prompts[0][:shared])], device=device), len(prompts))
    ids, mask = padded(prompts, pad, shared if cache is not None else 0)
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device), "past_key_values": cache}


def shared_prefix(prompts: Sequence[Sequence[int]]) -> int:
    """How many tokens all `prompts` begin with. At least one token of each stays outside; 0 when too few."""
    if len(prompts) < 2:
        return 0
    ordered = sorted(list(prompt) for prompt in prompts)
    first, last = ordered[0], ordered[-1]  # all others lie between these two
    limit = min(len(prompt) for prompt in prompts) - 1
    length = next((place for place in range(limit) if first[place] != last[place]), limit)
    return length if length >= WORTH else 0


def padded(prompts: Sequence[Sequence[int]], pad: int, shared: int) -> tuple[Any, Any]:
    """Token ids and attention mask, each (rows, width). Padding stands between the first `shared` tokens and the
    rest, so that all rows begin and end alike."""
    import torch

    width = max(len(prompt) for prompt in prompts)
    ids = torch.full((len(prompts), width), pad, dtype=torch.long)
    mask = torch.zeros((len(prompts), width), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        gap = width - len(prompt)
        ids[row, :shared] = torch.tensor(list(prompt[:shared]))
        ids[row, shared + gap :] = torch.tensor(list(prompt[shared:]))
        mask[row, :shared] = mask[row, shared + gap :] = 1
    return ids, mask


def _prefilled(model: Any, prefix: Any, rows: int) -> Any:
    """The cache of the token ids `prefix`, (1, tokens), for `rows` rows; None where it cannot be shared."""
    cache = model(input_ids=prefix, use_cache=True, logits_to_keep=1).past_key_values
    if not sharable(cache):
        return None
    cache.batch_repeat_interleave(rows)
    return cache


def sharable(cache: Any) -> bool:
    """Whether `cache` is plain keys and values of every position."""
    from transformers.cache_utils import DynamicCache, DynamicLayer

    return type(cache) is DynamicCache and all(type(layer) is DynamicLayer for layer in cache.layers)
