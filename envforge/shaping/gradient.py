"""`gradient`: rewards scaled by how new a response's gradient feature is within its group (G2RL, arXiv 2512.15687).

Feature of a response (section 2.2): with the output head W, one row for each token of the vocabulary, the realized
token y_t (e(y) is 1 at y and 0 elsewhere) and the distribution p_t it was drawn from,

    phi_t = W^T (e(y_t) - p_t)        Phi = mean of phi_t over the response's tokens

which is, up to the temperature, the gradient of log p(y_t) by the last hidden state: how the response would move the
model. It takes a forward pass and no backward pass.

Score of response i in its group (section 2.3): with the cosines S_ij of the features and the rewards r_j in -1 to 1,

    w_ij = exp(r_j) / sum of exp(r_k) over k other than i
    nu_i = max(0, 1 - sum of w_ij S_ij^2 over j other than i)

1 where no other response, the good ones above all, moves the model along the same line, 0 where they all do. As the
cosine is squared, a response that pushes the opposite way counts as known, too.

Shaped reward (sections 2.4 and 2.5): r_i f_i, with a bounded factor f_i that rises with nu_i.

What the source leaves open, and what was chosen:

- The factor. Equation 12 is f = 1 + lambda r nu' with nu' a bounded rising function of nu, such as its min-max
  normalisation. With r = -1 that gives -1 + lambda nu', so a new wrong response would be punished less. The text
  says the opposite (new and wrong is punished more, near-misses less than -1), and that what is redundant counts for
  less. This implements the text: f = 1 + lambda (2 nu' - 1), nu' the min-max normalisation within the group, so f
  lies between 1 - lambda and 1 + lambda and a group without differences has f = 1 throughout.
- lambda is not given. Ours is 0.5, and at most 1, so that no factor is negative. The paper's clip of the shaped
  reward to -3 to 3 then never acts (it stays within -2 to 2) and is left out.
- Rewards. The paper's are -1 and 1; scores here are 0 to 1, and 0 times any factor is 0. `gradient_shaped` takes a
  score s to r = 2 s - 1, scales, and comes back: (r f + 1) / 2, which lies between -lambda / 2 and 1 + lambda / 2.
  The advantage within a group does not notice such a change of units.
- Differences of nu below 1e-4 are those of rounding, and are not blown up to the full range. Two responses always
  have the same nu, so that groups of two are left alone.
- A response with a zero feature (no token, or none that was not certain) moves nothing: it has f = 1, and is no
  reference for others.

Beware: dividing by the deviation makes any difference large. In a group whose scores are all equal the shaped rewards
still differ, and the normalised advantages come from the features alone. The paper wants that for correct responses
(section 4); whether such groups are dropped as dead is decided by whoever looks at scores or at shaped rewards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envforge.recipe import ShapingConfig

if TYPE_CHECKING:
    from torch import Tensor

ROUNDING = 1e-4  # differences of scores below it are those of single precision (ours)
SLICE = 16_384  # rows of the head that are multiplied at once, so that no second copy of it is made (ours)


def sequence_features(
    logits: Tensor, completion_ids: Tensor, mask: Tensor, head_weight: Tensor, temperature: float = 1.0
) -> Tensor:
    """Phi of each response, (B, H) in single precision.

    `logits` (B, T, V) are those from which the tokens `completion_ids` (B, T) were drawn: position t predicts token
    t. `mask` (B, T) is 1 where a token belongs to the response. `head_weight` (V, H) are the weights of the output
    head, whole, on the same device.

    The residuals e(y_t) - p_t are added up over the response first, (B, V), and meet the head once: nothing of size
    T x V x H or T x H is made, and beside the logits only one response's probabilities, (T, V).
    """
    import torch

    with torch.no_grad():
        batch, _, size = logits.shape
        residuals = torch.zeros((batch, size), dtype=torch.float32, device=logits.device)
        for row in range(batch):
            counted = mask[row].bool()
            if not bool(counted.any()):
                continue
            tokens = completion_ids[row][counted]
            chances = torch.softmax(logits[row][counted].float() / temperature, dim=-1)
            chosen = torch.ones_like(tokens, dtype=torch.float32)
            residuals[row].index_add_(0, tokens, chosen).sub_(chances.sum(dim=0)).div_(len(tokens))
        features = torch.zeros((batch, head_weight.shape[1]), dtype=torch.float32, device=logits.device)
        for first in range(0, size, SLICE):
            last = min(first + SLICE, size)
            features += residuals[:, first:last] @ head_weight[first:last].float()
        return features


def exploration_scores(features: Tensor, rewards: Tensor) -> Tensor:
    """nu of each response of one group, (G,), from 0 to 1; `features` (G, D), `rewards` (G,) from 0 to 1.

    1 for all of a group in which there is nothing to compare with.
    """
    import torch

    with torch.no_grad():
        wide = features.detach().float()
        lengths = wide.norm(dim=1)
        directions = wide / lengths.clamp(min=torch.finfo(wide.dtype).tiny)[:, None]
        cosines = directions @ directions.T
        weights = torch.exp(2.0 * rewards.to(wide) - 1.0) * (lengths > 0)
        weights = weights[None, :].repeat(len(wide), 1)
        weights.fill_diagonal_(0.0)
        known = (weights * cosines.square()).sum(dim=1)
        total = weights.sum(dim=1)
        explained = torch.where(total > 0, known / total.clamp(min=torch.finfo(wide.dtype).tiny), 0.0)
        return (1.0 - explained).clamp(0.0, 1.0)


def gradient_scales(features: Tensor, rewards: Tensor, config: ShapingConfig) -> Tensor:
    """f of each response of one group, (G,), from 1 - gradient_weight to 1 + gradient_weight.

    `features` (G, D) are those of `sequence_features`, `rewards` (G,) the scores, 0 to 1. Responses that were lost
    through our fault belong in neither. The factors are for rewards in -1 to 1: see `gradient_shaped`.
    """
    import torch

    with torch.no_grad():
        scores = exploration_scores(features, rewards)
        moving = features.detach().float().norm(dim=1) > 0
        scales = torch.ones_like(scores)
        if int(moving.sum()) < 2:
            return scales
        low, high = scores[moving].min(), scores[moving].max()
        if float(high - low) <= ROUNDING:
            return scales
        place = (scores - low) / (high - low)
        return torch.where(moving, 1.0 + config.gradient_weight * (2.0 * place - 1.0), scales)


def gradient_shaped(features: Tensor, rewards: Tensor, config: ShapingConfig) -> Tensor:
    """The shaped rewards of one group, (G,), in the units of `rewards` (G,), the scores from 0 to 1.

    A right answer gains by being new and loses by being redundant; a wrong one loses by being new, and is forgiven a
    part where it moves the model as the others do. 1/2 stays 1/2.
    """
    scales = gradient_scales(features, rewards, config)
    return ((2.0 * rewards.to(scales) - 1.0) * scales + 1.0) / 2.0
