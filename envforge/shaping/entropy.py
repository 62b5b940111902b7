"""`entropy`: advantages shaped by the entropy of the tokens (MSSR, arXiv 2512.18215).

The advantage A of token t, at which the policy's distribution had the entropy H_t, becomes

    A + min(weight * H_t, |A| / cap)

with H_t taken as a number, through which no gradient flows. What is added is never negative: where the policy was
unsure, a good response is praised a little more and a bad one blamed a little less, so that the policy does not
become certain too soon. The second term of the minimum keeps it small beside the advantage; a response without an
advantage gets nothing.

The form is that of "Reasoning with Exploration" (arXiv 2506.14758), which names the constants alpha and kappa and
wants kappa above 1. MSSR calls them lambda and gamma, and needs it where each prompt has one response.

What the source leaves open, and what was chosen:

- The constants. The authors' code has weight 0.4 and cap 2; accounts of the paper give gamma = 0.4 and lambda = 2,
  the other way round. With a cap of 0.4 a token of a bad response could get up to 2.5 times its advantage added,
  and be rewarded. The code's values are the default, and a cap below 1 is refused.
- The entropy. The paper writes it as an expectation over the response so far; here it is that of the distribution
  of the next token, in nats, at the temperature of the rollouts, which is what TRL computes.
- Groups. MSSR draws one response per prompt and normalises over the batch. Here A is the advantage within a group,
  whatever its scale.
- Roles. All advantages are shaped alike. Those of generator responses are made smaller before, so that the cap is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envforge.recipe import ShapingConfig

if TYPE_CHECKING:
    from torch import Tensor


def entropy_shaped(advantages: Tensor, entropies: Tensor, mask: Tensor, config: ShapingConfig) -> Tensor:
    """The advantages of all tokens, (B, T), from those of the responses, (B,), or of their tokens, (B, T).

    `entropies` (B, T) are those of the tokens in nats, `mask` (B, T) is 1 where a token counts. Tokens that do not
    count keep the plain advantage, whatever their entropy. The result has the type of `advantages` and no gradient.
    """
    import torch

    plain = advantages.detach()
    if plain.dim() == 1:
        plain = plain[:, None]
    plain = plain.expand(entropies.shape)
    bonus = torch.minimum(
        config.entropy_weight * entropies.detach().to(plain.dtype), plain.abs() / config.entropy_cap
    )
    return torch.where(mask.bool(), plain + bonus.clamp(min=0.0), plain)
