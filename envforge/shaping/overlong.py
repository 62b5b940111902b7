"""`overlong`: soft punishment of responses that come near the limit (DAPO, arXiv 2503.14476, section 3.4).

With n tokens, the limit L and a buffer of B tokens before it, equation 13 adds to a response's reward

    0                    if n <= L - B
    ((L - B) - n) / B    if L - B < n <= L
    -1                   if n > L

DAPO's numbers are L = 20480 and B = 4096: up to 16384 tokens cost nothing, and at the limit the full 1 is lost.

Left open by the source: the size of the buffer for other limits, which is taken as a share of the limit here (a
fifth, as in DAPO) and not rounded to whole tokens; and the size of the punishment for other rewards. DAPO's rewards
are -1 and 1, two apart, ours 0 and 1: `overlong_penalty = 0.5` keeps its proportion, the default keeps its number.
"""

from __future__ import annotations

from envforge.recipe import ShapingConfig


def overlong_penalty(tokens: int, limit: int, config: ShapingConfig) -> float:
    """What a response of `tokens` tokens, its end token included, loses when at most `limit` are drawn.

    From 0 down to -config.overlong_penalty, never rising with `tokens`. Raises ValueError for a limit below 1 and
    for a negative number of tokens.
    """
    if limit < 1 or tokens < 0:
        raise ValueError(f"{tokens} tokens of at most {limit}: there is no such response")
    buffer = config.overlong_buffer * limit
    share = (tokens - (limit - buffer)) / buffer
    return -config.overlong_penalty * min(max(share, 0.0), 1.0)
