"""Quality: four rates, the least of them, and a grade (TRON, arXiv 2606.01599, section on the substrate)."""

from __future__ import annotations

from dataclasses import dataclass

# The bound of A is TRON's; the others are ours. What lies below all of them is F.
GRADES = (("A", 0.98), ("B", 0.95), ("C", 0.90), ("D", 0.80), ("E", 0.50), ("F", 0.0))


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of probes, 0 to 1, of which something holds.

    A probe that breaks early counts once: each rate is a share of the probes that came as far as what it looks at,
    and None when none did. `image` is also None for an environment without pictures.
    """

    generation: float  # a state came out of `generate` within its limits
    image: float | None  # the picture is drawn, passes the policy, can be rasterised and is not blank
    question: (
        float | None
    )  # prompt and reference keep the contract, give nothing away and contradict no other probe
    verifier: float | None  # the reference scores exactly 1.0 and no answer that is surely wrong does

    @property
    def quality(self) -> float:
        """The least of the rates."""
        return min(rate for rate in self.by_name().values() if rate is not None)

    @property
    def grade(self) -> str:
        return grade(self.quality)

    def by_name(self) -> dict[str, float | None]:
        """The rates in their order."""
        return {
            "generation": self.generation,
            "image": self.image,
            "question": self.question,
            "verifier": self.verifier,
        }


def grade(quality: float) -> str:
    """A letter for a quality from 0 to 1."""
    return next(letter for letter, bound in GRADES if quality >= bound)


def below(letter: str, least: str) -> bool:
    """Whether a grade is worse than another."""
    return letter > least
