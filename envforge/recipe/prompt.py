"""The messages in which a solver meets an instance: the same in training, calibration by a learner and evaluation."""

from __future__ import annotations

from envforge.contract import answer_line
from envforge.recipe.sections import PromptConfig


def solver_messages(prompt: str, config: PromptConfig) -> tuple[dict[str, str], ...]:
    """The chat messages around the prompt of an instance, as `config` says."""

    def asked(text: str) -> dict[str, str]:
        return {"role": "user", "content": f"{text}\n\n{answer_line()}" if config.answer_line else text}

    system = ({"role": "system", "content": config.system},) if config.system else ()
    example = (
        (asked(config.question), {"role": "assistant", "content": config.answer}) if config.question else ()
    )
    return (*system, *example, asked(prompt))
