"""Drawing tokens from the model in training, by transformers or by a vLLM engine that TRL keeps in step."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from envforge.policies import Completion, PolicyError, Request
from envforge.policies.chat import Chat, Drawn, Row
from envforge.policies.local import Loaded, batches, generate, on_device
from envforge.policies.prefix import padded, prompt_inputs
from envforge.shaping.cuts import CutsProcessor, explorers
from envforge.training.patience import patiently

if TYPE_CHECKING:
    from envforge.recipe import Recipe
    from envforge.training.learner import Learner
    from envforge.training.sight import Sights

ROWS = {"cuda": 128, "cpu": 32}  # replies to requests that are drawn at once, by kind of device (ours)


class Drawing:
    """Draws rollouts for the learner, and answers the requests of reviews, calibrations and evaluations."""

    def __init__(self, learner: Learner, recipe: Recipe, chat: Chat) -> None:
        self._learner = learner
        self._recipe = recipe
        self._chat = chat

    def rollouts(
        self, prompts: Sequence[Sequence[int]], limit: int, group: int, sights: Sights | None = None
    ) -> tuple[list[list[int]], Any]:
        """One completion (token ids, its end token included) of at most `limit` tokens for each prompt, and their
        log-probabilities where the engine tells them. Prompts come `group` times each, side by side; `sights` are
        their pictures, where there are any."""
        if self._recipe.generation.engine != "transformers":
            return self._from_vllm(prompts, limit, group, sights)
        size = self._recipe.generation.rows or len(prompts)
        drawn: list[list[int]] = []
        for first in range(0, len(prompts), size):
            part = prompts[first : first + size]
            exploring = [explorers(group)[place % group] for place in range(first, first + len(part))]
            seen = sights.rows(range(first, first + len(part))) if sights is not None else None
            drawn += self._from_transformers(
                part, limit, exploring if self._recipe.shaping.cuts else [], seen
            )
        return drawn, None

    def answers(self, requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
        """Completions of each request. Those that name a seed depend on it alone, as with any local policy."""
        rows: list[Row] = []
        found: list[list[Row] | PolicyError] = []
        for request in requests:
            try:
                made = self._chat.rows(request.messages, request.sampling, request.n)
            except PolicyError as error:
                found.append(error)
                continue
            found.append(made)
            rows += made
        drawn = iter(self._drawn(rows))
        return [
            made
            if isinstance(made, PolicyError)
            else self._chat.completions(made, [next(drawn) for _ in made])
            for made in found
        ]

    def _drawn(self, rows: list[Row]) -> list[Drawn]:
        """What is drawn for `rows`, in their order; rows of like length together."""
        if not rows:
            return []
        results: list[Drawn | None] = [None] * len(rows)
        with self._model() as loaded:
            size = self._recipe.generation.rows or ROWS.get(loaded.device.type, ROWS["cpu"])
            for group in batches(rows):
                for first in range(0, len(group), size):
                    places = group[first : first + size]
                    for place, one in zip(
                        places, generate(loaded, [rows[place] for place in places], threading.Event())
                    ):
                        results[place] = one
        return [result for result in results if result is not None]

    @contextmanager
    def _model(self) -> Iterator[Loaded]:
        """The model as generation needs it: unwrapped, whole, without dropout, and in train mode again afterwards."""
        import torch
        from trl.models.utils import unwrap_model_for_generation

        learner = self._learner
        training = learner.model.training
        with (
            unwrap_model_for_generation(
                learner.model_wrapped,
                learner.accelerator,
                gather_deepspeed3_params=learner.args.ds3_gather_for_generation,
                generation_kwargs=learner.generation_kwargs,
                gradient_checkpointing_kwargs=learner.args.gradient_checkpointing_kwargs,
            ) as model,
            torch.no_grad(),
            learner._dist.summon_full_params(learner.model_wrapped, recurse=False),
        ):
            model.eval()
            try:
                yield Loaded(
                    model,
                    self._chat,
                    learner.accelerator.device,
                    frozenset(learner.eos_token_ids),
                    learner._tokenizer.pad_token_id,
                )
            finally:
                model.train(training)  # forgotten, TRL would file the step's metrics under evaluation

    def _from_transformers(
        self, prompts: Sequence[Sequence[int]], limit: int, exploring: Sequence[bool], sights: Sights | None
    ) -> list[list[int]]:
        import torch
        import transformers

        learner = self._learner
        with self._model() as loaded:
            inputs = _inputs(loaded, prompts, sights)
            width = inputs["input_ids"].shape[1]
            config = learner.generation_config.to_dict() | {"max_new_tokens": limit}
            processors = transformers.LogitsProcessorList()
            if any(exploring):
                chosen = torch.tensor(exploring, device=loaded.device)
                processors.append(CutsProcessor(chosen, self._recipe.shaping))
            sequences = loaded.model.generate(
                **inputs,
                generation_config=transformers.GenerationConfig.from_dict(config),
                logits_processor=processors,
            )
        return [_ended(tokens, loaded.ends) for tokens in sequences[:, width:].tolist()]

    def _from_vllm(
        self, prompts: Sequence[Sequence[int]], limit: int, group: int, sights: Sights | None
    ) -> tuple[list[list[int]], Any]:
        """By TRL's own client or engine, whose weights are brought up to date once per step."""
        learner = self._learner
        if learner.state.global_step != learner._last_loaded_step:
            learner.vllm_generation.sync_weights()
            learner._last_loaded_step = learner.state.global_step
        engine = learner.vllm_generation
        before, engine.max_completion_length = engine.max_completion_length, limit
        try:
            _, ids, logprobs, _ = patiently(
                lambda: engine.generate(
                    prompts=[list(prompt) for prompt in prompts],
                    images=list(sights.images) if sights is not None else None,
                    num_generations=group,
                ),
                # Several processes would be out of step, had only one of them begun anew.
                self._recipe.schedule.retries if learner.together.size == 1 else 0,
                (OSError,),
            )
        finally:
            engine.max_completion_length = before
        return ids, [[position[0] for position in row] for row in logprobs]


def _inputs(loaded: Loaded, prompts: Sequence[Sequence[int]], sights: Sights | None) -> dict[str, Any]:
    """What the model takes for `prompts`, whose pictures already have their tokens in them."""
    if sights is None:
        return prompt_inputs(loaded.model, prompts, loaded.pad, loaded.device, share=not loaded.chat.sees)
    ids, mask = padded(prompts, loaded.pad, 0)
    fields = {"input_ids": ids, "attention_mask": mask, **sights.tensors(ids.shape[1])}
    return on_device(fields, loaded.model, loaded.device)


def _ended(tokens: list[int], ends: frozenset[int]) -> list[int]:
    """A row up to its first end token, which stays."""
    for place, token in enumerate(tokens):
        if token in ends:
            return tokens[: place + 1]
    return tokens
