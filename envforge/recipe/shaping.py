"""The table [shaping]: which plug-ins of `envforge.shaping` are on, and their constants."""

from __future__ import annotations

from dataclasses import dataclass

from envforge.config import option


@dataclass(frozen=True, slots=True)
class ShapingConfig:
    """Everything is off unless asked for. Each formula is in the module of `envforge.shaping` that bears its name."""

    overlong: bool = option(False, "soft punishment of responses near the limit (DAPO)")
    overlong_buffer: float = option(
        0.2, "its length, as a share of the limit (DAPO: 4096 of 20480)", 0.01, 1.0
    )
    overlong_penalty: float = option(1.0, "what a response at the limit loses (DAPO: 1)", 0.0, 10.0)
    guess_floor: bool = option(False, "take the guess floor of L4 off each group's mean accuracy (ours)")
    entropy: bool = option(False, "advantages shaped by the entropy of the response's tokens (MSSR)")
    entropy_weight: float = option(
        0.4, "of a token's entropy, in nats, in its advantage (MSSR's code: 0.4)", 0.0, 100.0
    )
    entropy_cap: float = option(
        2.0,
        "the entropy adds at most the advantage's size divided by this (MSSR's code: 2); from 1 on no sign changes",
        1.0,
        1_000.0,
    )
    gradient: bool = option(False, "rewards scaled by how new a response's gradient feature is (G2RL)")
    gradient_weight: float = option(
        0.5, "scales lie between 1 minus and 1 plus this (ours; G2RL does not give it)", 0.0, 1.0
    )
    cuts: bool = option(False, "half of each group drawn uniformly among the likeliest tokens (Mixed-CUTS)")
    cuts_k: int = option(5, "tokens to choose from at most (Mixed-CUTS: 5)", 1, 100_000)
    cuts_threshold: float = option(0.03, "probability that a token must have (Mixed-CUTS: 0.03)", 0.0, 1.0)
    cuts_warmup: int = option(5, "first tokens that are drawn as usual (Mixed-CUTS: 5)", 0, 1_000_000)
