"""`cuts`: half of each group drawn uniformly among the likeliest tokens (Mixed-CUTS, arXiv 2604.18493).

CUTS, constrained uniform top-k sampling, draws a token with equal chances from

    S = { v among the k likeliest tokens : p(v) >= threshold }

and leaves the first tokens of a response to ordinary sampling ("prefix protection"). The paper's constants are
k = 5, threshold = 0.03 and 5 first tokens. In Mixed-CUTS half of a group's responses are drawn so and half as
usual, and the advantage is taken over the whole group. Where the model solves everything in its usual way, the other
half fails now and then, or solves it in another way, and the group has a deviation again: with equal halves the
variance of the rewards is (v1 + v2) / 2 + (m1 - m2)^2 / 4, with the variances v and means m of the halves.

What the source leaves open, and what was chosen:

- An empty S, which takes a likeliest token below the threshold: that token is drawn. (Accounts of the paper differ
  between it and all k tokens.)
- The temperature. p is the model's own distribution, at temperature 1, as `generate` of transformers hands it to
  processors: before its temperature. All that remain get the same logit, so that any temperature draws them alike;
  but with top_p below 1, or top_k below the size of S, `generate` would cut S further.
- The update. The responses count as the policy's own; no ratio corrects for how they were drawn. The paper relies on
  k, the threshold and the clip for that bias, and so does this.
- Odd groups: the smaller half explores. A recipe refuses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envforge.recipe import ShapingConfig

if TYPE_CHECKING:
    from torch import Tensor


def explorers(size: int) -> list[bool]:
    """Which responses of a group of `size` are drawn by CUTS: the second half."""
    return [place >= size - size // 2 for place in range(size)]


def cuts_logits(logits: Tensor, rows: Tensor, k: int, threshold: float) -> Tensor:
    """`logits` (B, V) with equal ones for the members of S and minus infinity for the others in the chosen `rows`.

    `rows` (B,) is a boolean tensor; the other rows are handed on bit for bit. Tokens that had minus infinity never
    come back.
    """
    import torch

    best, places = torch.softmax(logits.float(), dim=-1).topk(min(k, logits.shape[-1]), dim=-1)
    kept = (best >= threshold) & (best > 0)
    kept[:, 0] = True  # the likeliest one, should none reach the threshold; else it is in anyway
    members = torch.zeros_like(logits, dtype=torch.bool).scatter(1, places, kept)
    flat = torch.full_like(logits, float("-inf")).masked_fill(members, 0.0)
    return torch.where(rows[:, None], flat, logits)


class CutsProcessor:
    """A logits processor for one call of `generate` of transformers: CUTS in the chosen rows of the batch.

    `rows` (B,) is a boolean tensor on the model's device. How long the prompts are, padding included, is seen at the
    first token, so that each call needs a processor of its own. Use it with sampling and without beams, with top_p
    = 1 and top_k off.
    """

    def __init__(self, rows: Tensor, config: ShapingConfig) -> None:
        self._rows = rows
        self._config = config
        self._prompt: int | None = None

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The scores (B, V) of the next token after `input_ids` (B, length so far)."""
        length = int(input_ids.shape[1])
        if self._prompt is None:
            self._prompt = length
        if length - self._prompt < self._config.cuts_warmup:
            return scores
        return cuts_logits(scores, self._rows, self._config.cuts_k, self._config.cuts_threshold)
