"""The messages in which a solver meets an instance: the same in training, calibration by a learner and evaluation."""

from __future__ import annotations

from typing import Any

from envforge.contract import answer_line
from envforge.messages import content_of
from envforge.recipe.sections import PromptConfig


def solver_messages(
    prompt: str, config: PromptConfig, picture: bytes | None = None
) -> tuple[dict[str, Any], ...]:
    """The chat messages around the prompt of an instance and its PNG `picture`, as `config` says. The worked example
    has no picture."""

    def asked(text: str, picture: bytes | None = None) -> dict[str, Any]:
        said = f"{text}\n\n{answer_line()}" if config.answer_line else text
        return {"role": "user", "content": content_of(said, picture)}

    system = ({"role": "system", "content": config.system},) if config.system else ()
    example = (
        (asked(config.question), {"role": "assistant", "content": config.answer}) if config.question else ()
    )
    return (*system, *example, asked(prompt, picture))
