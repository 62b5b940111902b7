"""The learner: TRL's GRPOTrainer, whose groups are drawn from the live pool and scored in the sandbox.

The only module that imports TRL. What it adds to GRPO as TRL has it:

- groups come from tickets at the moment of generation, drawn by the main process for all;
- two roles in one step: solver groups and generator groups, whose advantages have a weight of their own (EvoEnv);
- groups without variance are drawn anew (DAPO's dynamic sampling, up to a bound) and what is left of them is dropped:
  neither their tokens nor their number enter the loss;
- a response that could not be scored through no fault of the policy is left out of its group's baseline;
- the plug-ins of `envforge.shaping`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from trl import GRPOTrainer
from trl.trainer.utils import entropy_from_logits, pad, selective_log_softmax

from envforge.errors import UsageError
from envforge.messages import pictures_of
from envforge.policies.chat import Chat
from envforge.policies.prefix import sharable
from envforge.recipe import Recipe
from envforge.shaping.entropy import entropy_shaped
from envforge.shaping.gradient import gradient_shaped, sequence_features
from envforge.shaping.overlong import overlong_penalty
from envforge.training.drawing import Drawing
from envforge.training.rounds import Round
from envforge.training.scoring import Scored, Stopwatch
from envforge.training.sight import FIELDS, Sights, merged, parted, reordered, seen_messages, without_pictures
from envforge.training.steps import Steps
from envforge.training.tasks import GeneratorTask, SolverTask, Task
from envforge.training.together import Together

BLIND = (
    "the model reads text alone, and {what} shows pictures: train a model that sees, or keep to text with "
    '[pool] buckets = ["text"]'
)


class BadStep(Exception):
    """Too many steps in a row had a loss or a gradient that is no number."""


class Learner(GRPOTrainer):  # type: ignore[misc, unused-ignore]
    """One process's part of a run. `steps` provides tasks and rewards, and takes in what becomes of them."""

    def __init__(self, recipe: Recipe, steps: Steps, model_name: str, **options: Any) -> None:
        self.recipe = recipe
        self.steps = steps
        self.clocks = {name: Stopwatch() for name in ("generation", "waiting", "gates")}
        self.taken: tuple[Task, ...] = ()  # of the batch that the loss is computed on
        self._round: Round | None = None
        self._bad = 0
        self._entropies: Any = None
        self.measured: list[tuple[int, float, float]] = []  # (place of the task, sum of entropies, tokens)
        self._buffered_inputs: Any = None
        super().__init__(reward_funcs=[_solver, _generator], **options)
        self.together = Together(self.accelerator)
        context = getattr(self.model.config.get_text_config(), "max_position_embeddings", None) or 2**31
        chat = Chat(self.processing_class, model_name, context, 1.0, 1.0)
        self.sees = chat.sees
        self.drawing = Drawing(self, recipe, chat)
        self.steps.joined(self)

    # What happens once per generated batch.

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        size = self.num_generations
        share = len(inputs) // size
        self.steps.begin()
        first = self._drawn_round(self.steps.tasks(share, with_generator=True))
        out, rounds = first, [first.round]
        for _ in range(self.recipe.grpo.resample):
            dead = [place for place, task in enumerate(out.round.tasks) if out.round.dead_solver(place)]
            wanted = max(self.together.gathered([len(dead)]))
            if not wanted:
                break
            more = self._drawn_round(self.steps.tasks(wanted, with_generator=False))
            rounds.append(more.round)
            live = [place for place in range(wanted) if more.round.live(place)]
            out = _merged(out, more, dict(zip(dead, live)), size, self._tokenizer.pad_token_id)
        tensors, taken = out.tensors, out.round
        if self.recipe.grpo.resample:
            kept = torch.tensor(
                [taken.live(place) for place in range(share) for _ in range(size)],
                device=tensors["completion_mask"].device,
            )
            tensors["completion_mask"] = tensors["completion_mask"] * kept[:, None]
        tensors["num_items_in_batch"] = self.accelerator.gather(tensors["completion_mask"].sum()).sum()
        self._weigh(tensors, taken)
        if self.recipe.shaping.entropy:
            tensors["advantages"] = self._entropy_shaped(tensors)
        tensors["task"] = torch.arange(share, device=tensors["advantages"].device).repeat_interleave(size)
        self.measured, self.taken = [], taken.tasks
        self.steps.drawn(rounds, taken)
        return tensors

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        """Micro-batches of whole groups, dead ones last. TRL shuffles rows, which changes nothing where all
        micro-batches of a generated batch make one step, but leaves none dead and no prompts to share."""
        before: Any = self._buffered_inputs
        inputs = super()._prepare_inputs(generation_batch)
        batches: Any = self._buffered_inputs
        if batches is before or not self.model.training or "task" not in batches[0]:
            return inputs
        self._buffered_inputs = _by_group(batches)
        return self._buffered_inputs[self._step % len(batches)]

    def _drawn_round(self, tasks: Sequence[Task]) -> _Output:
        """One round of generation and scoring for this process's `tasks`, one group each."""
        generation = self.recipe.generation
        limits = tuple(
            generation.solver_tokens if isinstance(task, SolverTask) else generation.generator_tokens
            for task in tasks
        )
        self._round = Round(tuple(tasks), self.num_generations, limits)
        prompts = [self._prompt(task) for task in tasks]
        rows = [
            {"prompt": prompt, "place": place}
            for place, prompt in enumerate(prompts)
            for _ in range(self.num_generations)
        ]
        tensors = super()._generate_and_score_completions(rows)
        return _Output(tensors, self._round)

    def _prompt(self, task: Task) -> list[dict[str, Any]]:
        """The messages as TRL takes them."""
        if self.sees:
            return seen_messages(task.messages)
        if pictures_of(task.messages):  # admitted while the run goes on; before, the run looks itself
            raise UsageError(
                BLIND.format(what=f"'{task.program.title}'" if isinstance(task, SolverTask) else "a task")
            )
        return [dict(message) for message in task.messages]

    def _generate(self, prompts: list[Any]) -> Any:
        made = super()._generate(prompts)
        assert self._round is not None
        self._round.prompt_ids, self._round.completion_ids = made[0], made[1]
        return made

    def _generate_single_turn(
        self, prompt_ids: Any, images: Any, multimodal_fields: Any, num_generations: int, *rest: Any
    ) -> Any:
        if not self.model.training or self._round is None:
            return super()._generate_single_turn(
                prompt_ids, images, multimodal_fields, num_generations, *rest
            )
        with self.clocks["generation"]:
            return self._by_role(prompt_ids, num_generations, Sights.of(images, multimodal_fields))

    def _by_role(
        self, prompt_ids: Sequence[Sequence[int]], size: int, sights: Sights | None
    ) -> tuple[list[list[int]], Any]:
        """Completions of this round's prompts: each role with its own limit, solver groups in chunks whose scoring
        begins while the next chunk is drawn."""
        round, generation = self._round, self.recipe.generation
        assert round is not None
        completions: list[list[int]] = [[] for _ in prompt_ids]
        logprobs: list[Any] = [None] * len(prompt_ids)

        def rows(places: Sequence[int]) -> list[int]:
            return [place * size + offset for place in places for offset in range(size)]

        def take(places: Sequence[int], limit: int) -> None:
            where = rows(places)
            seen = sights.rows(where) if sights is not None else None
            drawn, told = self.drawing.rollouts([prompt_ids[row] for row in where], limit, size, seen)
            for at, row in enumerate(where):
                completions[row] = drawn[at]
                logprobs[row] = told[at] if told is not None else None

        solvers = [place for place, task in enumerate(round.tasks) if isinstance(task, SolverTask)]
        for chunk in _chunks(solvers, generation.chunks):
            take(chunk, generation.solver_tokens)
            texts = self.processing_class.batch_decode(
                [completions[row] for row in rows(chunk)], skip_special_tokens=True
            )
            for at, place in enumerate(chunk):
                task = round.tasks[place]
                assert isinstance(task, SolverTask)
                round.scores[place] = self.steps.scorer.submit(task, texts[at * size : (at + 1) * size])
        asked = []
        for place, task in enumerate(round.tasks):
            if isinstance(task, GeneratorTask):
                if task.written:
                    for offset, one in enumerate(task.written):
                        ids = self._encoded(one.text, generation.generator_tokens)
                        completions[place * size + offset] = ids
                else:
                    asked.append(place)
        if asked:
            take(asked, generation.generator_tokens)
        told = None if any(one is None for one in logprobs) else logprobs
        return completions, told

    def _encoded(self, text: str, limit: int) -> list[int]:
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"][: limit - 1]
        return [*ids, self._tokenizer.eos_token_id]

    # Rewards.

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Sequence[Sequence[int]]
    ) -> Any:
        """(responses of all processes, 2): the solver's and the generator's reward, NaN for the other role."""
        round = self._round
        if round is None:
            return super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        texts = [completion[0]["content"] for completion in completions]
        with self.clocks["waiting"]:
            self._take_scores(round)
        if self.recipe.shaping.gradient:
            self._scale_by_gradient(round)
        if self.recipe.shaping.overlong:
            self._punish_length(round)
        if self.recipe.roles.generator_groups:
            with self.clocks["gates"]:
                self._take_judgements(round, texts, completion_ids_list)
        nan = float("nan")
        rows = []
        for place, task in enumerate(round.tasks):
            for reward in round.rewards[place]:
                value = nan if reward is None else reward
                rows.append([value, nan] if isinstance(task, SolverTask) else [nan, value])
        local = torch.tensor(rows, dtype=torch.float32, device=self.accelerator.device)
        return self.accelerator.gather(local)

    def _take_scores(self, round: Round) -> None:
        """Collective: wait for the scores of this round."""

        def scores() -> dict[int, list[Scored]]:
            return {place: self.steps.scored(round, place) for place in round.scores}

        for place, scored in self.together.attempt(scores).items():
            round.scored[place] = scored
            round.rewards[place] = [one.score for one in scored]

    def _punish_length(self, round: Round) -> None:
        """DAPO: responses near the limit lose something."""
        shaping = self.recipe.shaping
        for place in round.scored:
            lengths = round.tokens(place)
            round.rewards[place] = [
                reward if reward is None else reward + overlong_penalty(length, round.limits[place], shaping)
                for reward, length in zip(round.rewards[place], lengths)
            ]

    def _take_judgements(self, round: Round, texts: Sequence[str], ids: Sequence[Sequence[int]]) -> None:
        """Collective: the main process judges the programs of all, and the model of all answers its questions."""
        size, pad_id = round.size, self._tokenizer.pad_token_id
        ends = {*self.eos_token_ids, pad_id}
        local = []
        for place, task in enumerate(round.tasks):
            if isinstance(task, GeneratorTask):
                for offset in range(size):
                    row = place * size + offset
                    text = texts[row]
                    reason = "stop" if ids[row] and ids[row][-1] in ends else "length"
                    if task.written:
                        text = task.written[offset].text
                        reason = task.written[offset].finish_reason or "stop"
                    counts = (len(round.prompt_ids[row]), len(ids[row]))
                    local.append((self.together.rank, place, task.plan, offset, text, reason, *counts))
        rewards = self.steps.judged(self.together.gathered(local))
        for rank, place, offset, reward in rewards:
            if rank == self.together.rank:
                round.rewards[place][offset] = reward

    def _scale_by_gradient(self, round: Round) -> None:
        """G2RL: the scores of each solver group, shaped by what its responses' gradient features say."""
        for place, task in enumerate(round.tasks):
            rewards = round.rewards[place]
            if not isinstance(task, SolverTask) or any(reward is None for reward in rewards):
                continue
            rows = range(place * round.size, (place + 1) * round.size)
            features = self._features(
                [round.prompt_ids[row] for row in rows], [round.completion_ids[row] for row in rows]
            )
            given = torch.tensor(rewards, dtype=torch.float32, device=features.device)
            round.rewards[place] = gradient_shaped(features, given, self.recipe.shaping).tolist()

    def _features(self, prompts: Sequence[Sequence[int]], completions: Sequence[Sequence[int]]) -> Any:
        """(G, H): the sequence features of one group, by a forward pass without gradients."""
        pad_id = self._tokenizer.pad_token_id
        device = self.accelerator.device
        rows = [torch.tensor([*prompt, *completion]) for prompt, completion in zip(prompts, completions)]
        ids = pad(rows, padding_value=pad_id, padding_side="right").to(device)
        mask = pad([torch.ones_like(row) for row in rows], padding_value=0, padding_side="right").to(device)
        starts = torch.tensor([len(prompt) for prompt in prompts], device=device)
        with torch.no_grad():
            model = self.accelerator.unwrap_model(self.model)
            out = model(input_ids=ids, attention_mask=mask)
        positions = torch.arange(ids.shape[1] - 1, device=device)[None, :]
        answering = mask[:, 1:].bool() & (positions >= (starts - 1)[:, None])
        return sequence_features(
            out.logits[:, :-1],
            ids[:, 1:],
            answering,
            model.get_output_embeddings().weight,
            temperature=self.recipe.generation.temperature,
        )

    def _weigh(self, tensors: dict[str, Any], round: Round) -> None:
        """Generator advantages count less (EvoEnv: 0.3), after the normalisation within their group."""
        weight = self.recipe.roles.generator_weight
        factors = [
            weight if isinstance(task, GeneratorTask) else 1.0
            for task in round.tasks
            for _ in range(round.size)
        ]
        tensors["advantages"] = tensors["advantages"] * torch.tensor(
            factors, device=tensors["advantages"].device
        )

    def _entropy_shaped(self, tensors: dict[str, Any]) -> Any:
        """MSSR: advantages shaped by the entropy of the tokens, which takes a forward pass of its own."""
        ids = torch.cat([tensors["prompt_ids"], tensors["completion_ids"]], dim=1)
        mask = torch.cat([tensors["prompt_mask"], tensors["completion_mask"]], dim=1)
        with torch.no_grad():
            _, entropies, _ = self._all_logps(
                self.model,
                ids,
                mask,
                tensors["completion_ids"].size(1),
                batch_size=self.args.per_device_train_batch_size,
                compute_entropy=True,
                **{name: tensors[name] for name in FIELDS if name in tensors},
            )
        return entropy_shaped(
            tensors["advantages"], entropies, tensors["completion_mask"], self.recipe.shaping
        )

    # What happens in each forward and backward pass.

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        if self.accelerator.device.type == "cpu" and not self._needs_all(kwargs):
            share = self.accelerator.num_processes == 1 and not self.args.gradient_checkpointing
            found = answer_logps(*args, **kwargs, temperature=self.temperature, share=share)
        else:
            found = self._all_logps(*args, **kwargs)
        self._entropies = found[1].detach() if found[1] is not None else None
        return found

    def _needs_all(self, options: dict[str, Any]) -> bool:
        """Whether the model takes pictures (some such models keep positions of their own between calls), or a forward
        pass is one of experts or of shards."""
        return bool(self.recipe.processes.fsdp or options.get("compute_aux_loss") or self.sees)

    def _all_logps(
        self,
        model: Any,
        input_ids: Any,
        attention_mask: Any,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **options: Any,
    ) -> tuple[Any, Any, Any]:
        """As TRL does it, but for parts of a batch with pictures in which no row has one."""
        rows = len(input_ids)
        size = min(batch_size or rows, rows)
        pixels = options.get("pixel_values")
        if pixels is None or (size == rows and pixels.numel()):
            return super()._get_per_token_logps_and_entropies(  # type: ignore[no-any-return, unused-ignore]
                model, input_ids, attention_mask, logits_to_keep, size, compute_entropy, **options
            )
        if size == rows:
            options = without_pictures(options)
            return self._all_logps(
                model, input_ids, attention_mask, logits_to_keep, size, compute_entropy, **options
            )
        parts = [
            self._all_logps(
                model,
                input_ids[first : first + size],
                attention_mask[first : first + size],
                logits_to_keep,
                size,
                compute_entropy,
                **parted(options, first, min(first + size, rows)),
            )
            for first in range(0, rows, size)
        ]
        logps, entropies, losses = zip(*parts)
        return (
            torch.cat(logps),
            torch.cat(entropies) if compute_entropy else None,
            torch.stack(losses).mean() if options.get("compute_aux_loss") else None,
        )

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Any:
        if self.model.training and self._teaches_nothing(inputs):
            with torch.no_grad():  # for the figures
                super()._compute_loss(model, inputs)
            # One number of each weight, so that all of them get a gradient, which is 0.
            weights = (p.reshape(-1)[0] for p in model.parameters() if p.requires_grad)
            loss = sum(weights, start=torch.tensor(0.0)) * 0
        else:
            loss = super()._compute_loss(model, inputs)
        if self.model.training and self._entropies is not None and "task" in inputs:
            mask = inputs["completion_mask"]
            sums = (self._entropies * mask).sum(dim=1).tolist()
            counts = mask.sum(dim=1).tolist()
            self.measured += list(zip(inputs["task"].tolist(), sums, counts))
        return loss

    def _teaches_nothing(self, inputs: dict[str, Any]) -> bool:
        """Whether the gradient is zero whatever the model is, so that there is no need to compute it: all groups of
        the micro-batch are dead. Several processes have to do the same, and shards may be empty."""
        sharded = self.recipe.processes.fsdp or self.recipe.processes.deepspeed
        return not (self.beta or sharded or self.accelerator.num_processes > 1 or inputs["advantages"].any())

    def _clip_grad_norm(self, model: Any) -> Any:
        """Clips, and where the norm is no number takes the whole step back. Raises BadStep after too many."""
        norm = super()._clip_grad_norm(model)
        value = float(norm) if norm is not None else 0.0
        if torch.isfinite(torch.tensor(value)):
            self._bad = 0
            return norm
        self._bad += 1
        self.steps.spoiled(value)
        self.optimizer.zero_grad()
        if self._bad >= self.recipe.schedule.bad_steps:
            raise BadStep(f"{self._bad} steps in a row had a gradient that is no number")
        return norm

    # Checkpoints.

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.steps.save(self.checkpoint_folder())

    def save_now(self) -> None:
        """A checkpoint of the last step that was completed."""
        self._save_checkpoint(self.model, None)

    def checkpoint_folder(self) -> str:
        return f"{self.args.output_dir}/checkpoint-{self.state.global_step}"

    def _load_from_checkpoint(self, checkpoint: str, model: Any = None) -> None:
        """Trainer reads the file's tensors by their names, but models that see are saved under names of older
        versions: none would fit, which it only warns of, and the run would go on from the weights it first had."""
        processes = self.recipe.processes
        sharded = processes.fsdp or processes.deepspeed
        if not self.sees or sharded or self.recipe.model.method == "lora":
            super()._load_from_checkpoint(checkpoint, model)
            return
        target = self.model if model is None else model
        saved = type(target).from_pretrained(checkpoint, dtype=target.dtype)
        target.load_state_dict(saved.state_dict())  # raises for names that do not fit

    def _load_optimizer_and_scheduler(self, checkpoint: Any) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint is not None:
            self.steps.restore(checkpoint)

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """None: the registry is the record of a run."""


class _Output:
    """What a round came to: tensors as TRL passes them on, and the round that they belong to."""

    def __init__(self, tensors: dict[str, Any], round: Round) -> None:
        self.tensors, self.round = tensors, round


def _merged(old: _Output, new: _Output, moves: dict[int, int], size: int, pad_id: int) -> _Output:
    """`old` with its groups at the keys of `moves` replaced by those of `new` at the values."""
    count = len(old.round.tasks)
    chosen = []
    for place in range(count):
        source = count + moves[place] if place in moves else place
        chosen += [source * size + offset for offset in range(size)]
    tensors = merged(old.tensors, new.tensors, chosen, pad_id)
    return _Output(tensors, old.round.merged(new.round, moves))


def _by_group(batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of `batches` in the order of their tasks, those of dead groups last, in batches of the same size."""
    tasks = torch.cat([batch["task"] for batch in batches]).tolist()
    advantages = torch.cat([batch["advantages"] for batch in batches])
    teaching = advantages.reshape(len(tasks), -1).any(dim=1).tolist()
    live = {task for task, teaches in zip(tasks, teaching) if teaches}
    order = sorted(range(len(tasks)), key=lambda row: (tasks[row] not in live, tasks[row]))
    return reordered(batches, order, batches[0]["task"].numel())


def _chunks(places: Sequence[int], count: int) -> list[Sequence[int]]:
    """`places` in at most `count` parts of nearly the same size, none of them empty."""
    size = -(-len(places) // max(1, count)) if places else 1
    return [places[first : first + size] for first in range(0, len(places), size)]


def answer_logps(
    model: Any,
    input_ids: Any,
    attention_mask: Any,
    logits_to_keep: int,
    batch_size: int | None = None,
    compute_entropy: bool = False,
    *,
    temperature: float,
    share: bool = True,
    **_: Any,
) -> tuple[Any, Any, None]:
    """Log-probabilities and entropies of the last `logits_to_keep` tokens, each (rows, logits_to_keep), 0 where
    padded; without a balancing loss.

    TRL computes the same, but on a CPU it puts every position through the LM head, and every row through the whole
    model. Here only answers pass the head, and with `share` a prompt that neighbouring rows have in common, as those
    of a group do, is computed once: with short answers a step takes a fraction of the time.
    """
    size = batch_size or len(input_ids)
    logps, entropies = [], []
    for ids, mask in zip(input_ids.split(size), attention_mask.split(size)):
        logits = _answer_logits(model, ids, mask, logits_to_keep, share) / temperature
        kept = mask[:, -logits_to_keep:]
        logps.append(selective_log_softmax(logits, ids[:, -logits_to_keep:]) * kept)
        if compute_entropy:
            entropies.append(entropy_from_logits(logits.detach()) * kept)
    return torch.cat(logps), torch.cat(entropies) if compute_entropy else None, None


def _answer_logits(model: Any, ids: Any, mask: Any, keep: int, share: bool) -> Any:
    """(rows, keep, vocabulary): what predicts each of the last `keep` tokens."""
    prompts, prompt_mask = ids[:, :-keep], mask[:, :-keep]
    fresh = ((prompts[1:] != prompts[:-1]) | (prompt_mask[1:] != prompt_mask[:-1])).any(dim=1)
    if share and not fresh.all():
        first = torch.cat([fresh.new_ones(1), fresh])  # rows whose prompt differs from the one before
        owner = first.cumsum(0) - 1
        out = model(
            input_ids=prompts[first], attention_mask=prompt_mask[first], use_cache=True, logits_to_keep=1
        )
        if sharable(out.past_key_values):
            out.past_key_values.batch_select_indices(owner)
            later = model(
                input_ids=ids[:, -keep:],
                attention_mask=mask,
                past_key_values=out.past_key_values,
                use_cache=True,
            )
            return torch.cat([out.logits[owner, -1:], later.logits[:, :-1]], dim=1)
    out = model(input_ids=ids, attention_mask=mask, logits_to_keep=keep + 1, use_cache=False)
    return out.logits[:, :-1]


def _solver(**_: Any) -> list[float]:
    """Only names the column: `Learner._calculate_rewards` fills it."""
    raise AssertionError("the learner computes its rewards itself")


def _generator(**_: Any) -> list[float]:
    """As `_solver`."""
    raise AssertionError("the learner computes its rewards itself")


_solver.__name__, _generator.__name__ = "solver", "generator"
