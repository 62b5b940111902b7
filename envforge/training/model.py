"""The model that is trained, and TRL's settings for it, as a recipe says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from envforge.errors import UsageError
from envforge.policies.chat import need, one_line
from envforge.policies.vision import load, tokenizer_of
from envforge.policies.weights import local_folder, missing_from_hub
from envforge.recipe import Recipe

PACKAGES = ("torch", "transformers", "trl", "datasets", "accelerate")
REMEDY = "pip install 'envforge[train]'"


def check_packages(recipe: Recipe) -> None:
    """Raise UsageError with the remedy when something that this recipe needs is not installed."""
    need(PACKAGES, "training", REMEDY)
    if recipe.model.method == "lora":
        need(("peft",), '[model] method = "lora"', REMEDY)
    if recipe.logging.tensorboard:
        need(("tensorboard",), "[logging] tensorboard", REMEDY)
    if recipe.logging.wandb:
        need(("wandb",), "[logging] wandb", "pip install wandb")
    if recipe.generation.engine != "transformers":
        need(
            ("vllm",),
            f'[generation] engine = "{recipe.generation.engine}"',
            "pip install 'envforge[train,vllm]'",
        )
    if recipe.processes.deepspeed:
        need(("deepspeed",), "[processes] deepspeed", "pip install deepspeed")


def place_of(recipe: Recipe, say: Callable[[str], None]) -> str:
    """Where the weights are. smollm2 is converted first, which `say` is told."""
    if recipe.model.path != "smollm2":
        return recipe.model.path
    from envforge.policies.smollm2 import convert, smollm2_folder, smollm2_policy

    smollm2_policy().close()  # says what is missing
    folder = smollm2_folder()
    convert(folder, say)
    return str(folder)


def load_model(recipe: Recipe, place: str) -> tuple[Any, Any]:
    """The model, in train mode, and its tokenizer, or the processor of one that sees. Raises UsageError for what
    cannot be loaded."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call, unused-ignore]
    folder = local_folder(place)
    source = str(folder) if folder is not None else place
    options: dict[str, Any] = {"dtype": _dtype(recipe)}
    if recipe.model.attention:
        options["attn_implementation"] = recipe.model.attention
    try:
        model, templated = load(source, **options)
    except torch.OutOfMemoryError as error:
        raise UsageError(f"the model {place} does not fit into the device's memory") from error
    except (
        Exception
    ) as error:  # OSError for what is missing, ValueError for unknown kinds, errors of safetensors
        if folder is None and isinstance(error, OSError):
            raise missing_from_hub(place) from error
        raise UsageError(f"cannot load the model {place}: {one_line(error)}") from error
    tokenizer = tokenizer_of(templated)
    if not templated.chat_template:
        raise UsageError(f"the tokenizer of {place} has no chat template: choose an instruction-tuned model")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if templated is not tokenizer:
        from envforge.training.sight import tolerant

        if recipe.shaping.gradient:
            raise UsageError(
                f"[shaping] gradient reads text alone, and {place} takes pictures as well: leave it off"
            )
        templated = tolerant(templated)
    return model.train(), templated


def _dtype(recipe: Recipe) -> Any:
    import torch

    wanted = recipe.model.dtype
    if wanted != "auto":
        return getattr(torch, wanted)
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    # Emulated, bfloat16 takes five times as long; frozen bfloat16 weights do so in any case.
    native = torch.ops.mkldnn._is_mkldnn_bf16_supported() and recipe.model.method == "full"
    return torch.bfloat16 if native else torch.float32


def peft_config(recipe: Recipe) -> Any:
    """The adapters of the recipe, None where all weights are trained."""
    if recipe.model.method != "lora":
        return None
    import peft

    model = recipe.model
    return peft.LoraConfig(
        r=model.lora_rank,
        lora_alpha=model.lora_alpha,
        lora_dropout=model.lora_dropout,
        target_modules=list(model.lora_targets) or "all-linear",
        task_type="CAUSAL_LM",
    )


def world_size() -> int:
    """The processes of this run, as accelerate launch and torchrun tell."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def micro_batch(recipe: Recipe) -> tuple[int, int]:
    """Responses in a forward pass of a process, and passes in a step.

    Raises UsageError where the groups cannot be dealt out to the processes.
    """
    grpo, processes = recipe.grpo, world_size()
    if grpo.groups % processes:
        raise UsageError(
            f"[grpo] groups ({grpo.groups}) must be a multiple of the {processes} processes: a group is not divided"
        )
    share = grpo.groups * grpo.group_size // processes  # responses per process and step
    micro = grpo.micro_batch or share
    if share % micro:
        raise UsageError(
            f"[grpo] micro_batch ({micro}) must divide the {share} responses of each of the {processes} processes"
        )
    return micro, share // micro


def trl_config(recipe: Recipe, folder: Path) -> Any:
    """TRL's settings. Raises UsageError as `micro_batch` does."""
    import torch
    from trl import GRPOConfig

    grpo, generation, schedule = recipe.grpo, recipe.generation, recipe.schedule
    micro, accumulation = micro_batch(recipe)
    cuda = torch.cuda.is_available()
    reports = [
        name
        for name, on in (("tensorboard", recipe.logging.tensorboard), ("wandb", recipe.logging.wandb))
        if on
    ]
    if recipe.logging.tensorboard:
        os.environ["TENSORBOARD_LOGGING_DIR"] = str(folder / "tensorboard")
    vllm: dict[str, Any] = {}
    if generation.engine != "transformers":
        vllm = {
            "use_vllm": True,
            "vllm_mode": generation.engine.removeprefix("vllm-"),
            "vllm_server_base_url": generation.vllm_url if generation.engine == "vllm-server" else None,
            "vllm_gpu_memory_utilization": generation.vllm_memory,
            "vllm_tensor_parallel_size": generation.vllm_tensor_parallel,
        }
    sharded: dict[str, Any] = {}
    if recipe.processes.deepspeed:
        sharded["deepspeed"] = recipe.processes.deepspeed
    if recipe.processes.fsdp:
        sharded |= {"fsdp": "full_shard", "fsdp_config": {"fsdp_version": 2}}
    limits = [generation.solver_tokens]
    if recipe.roles.generator_groups:
        limits.append(generation.generator_tokens)
    return GRPOConfig(
        output_dir=str(folder),
        max_steps=schedule.steps,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=accumulation,
        steps_per_generation=accumulation,
        num_generations=grpo.group_size,
        num_iterations=grpo.iterations,
        max_completion_length=max(limits),
        temperature=generation.temperature,
        top_p=generation.top_p,
        learning_rate=grpo.learning_rate,
        lr_scheduler_type="constant_with_warmup" if grpo.scheduler == "constant" else grpo.scheduler,
        warmup_steps=grpo.warmup_steps,
        weight_decay=grpo.weight_decay,
        max_grad_norm=grpo.max_grad_norm,
        epsilon=grpo.clip_low,
        epsilon_high=grpo.clip_high,
        beta=grpo.beta,
        loss_type=grpo.loss,
        scale_rewards=grpo.scale,
        gradient_checkpointing=grpo.gradient_checkpointing,
        save_strategy="steps",
        save_steps=schedule.save_every,
        save_total_limit=schedule.keep,
        logging_steps=1,
        report_to=reports,
        seed=schedule.seed,
        # The weights have the type already; DeepSpeed wants to be told, too.
        bf16=bool(recipe.processes.deepspeed) and _dtype(recipe) == torch.bfloat16,
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
        shuffle_dataset=False,
        disable_dropout=True,  # rollouts are drawn without it, and updates have to agree
        disable_tqdm=True,
        log_completions=False,
        **vllm,
        **sharded,
    )
