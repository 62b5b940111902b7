"""The tables of a recipe, one frozen dataclass each. Defaults follow DAPO and EvoEnv where those say something."""

from __future__ import annotations

from dataclasses import dataclass, field

from envforge.config import Config, option
from envforge.recipe.shaping import ShapingConfig

ENGINES = ("transformers", "vllm-colocate", "vllm-server")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What is trained."""

    path: str = option("", "a folder, an id of the Hugging Face hub, or smollm2 (extra 'demo')")
    dtype: str = option(
        "auto",
        "type of the weights; auto: bfloat16 where the device multiplies in it (ours)",
        choices=("auto", "float32", "bfloat16"),
    )
    masters: bool = option(True, "keep float32 copies of bfloat16 weights for the optimiser (ours)")
    attention: str = option("", "attention of transformers, such as sdpa; empty: the model's own (ours)")
    method: str = option("full", "train all weights, or low-rank adapters", choices=("full", "lora"))
    lora_rank: int = option(32, "rank of the adapters (ours)", 1, 4096)
    lora_alpha: int = option(64, "their scale, divided by the rank (ours)", 1, 65_536)
    lora_dropout: float = option(0.0, "their dropout (ours: none, rollouts and updates must agree)", 0.0, 0.9)
    lora_targets: tuple[str, ...] = option((), "modules that get one; empty: all linear layers (ours)")


@dataclass(frozen=True, slots=True)
class GrpoConfig:
    """The objective and the optimiser."""

    groups: int = option(8, "groups per optimiser step, over all processes (ours)", 1, 100_000)
    group_size: int = option(8, "responses per group (TRON: 8)", 2, 1_024)
    micro_batch: int = option(0, "responses per forward pass and process; 0: all at once (ours)", 0, 100_000)
    learning_rate: float = option(
        1e-6, "of AdamW; 0 makes a control that learns nothing (DAPO: 1e-6)", 0.0, 1.0
    )
    scheduler: str = option(
        "constant", "of the learning rate (DAPO: constant)", choices=("constant", "linear", "cosine")
    )
    warmup_steps: int = option(0, "steps over which it rises (DAPO: 20 rollout steps)", 0, 1_000_000)
    weight_decay: float = option(0.0, "of AdamW (DAPO: 0.1; EvoEnv does not say)", 0.0, 10.0)
    max_grad_norm: float = option(1.0, "gradients are clipped to it (DAPO: 1)", 0.0, 1e6)
    clip_low: float = option(0.2, "ratios below 1 minus this are clipped (DAPO: 0.2)", 0.0, 1.0)
    clip_high: float = option(0.28, "ratios above 1 plus this are clipped (DAPO: 0.28)", 0.0, 10.0)
    beta: float = option(0.0, "weight of the KL term against the first model (DAPO: none)", 0.0, 10.0)
    loss: str = option(
        "dapo",
        "dapo: mean over tokens of the step (DAPO)",
        choices=("dapo", "grpo", "dr_grpo", "bnpo", "cispo"),
    )
    scale: str = option(
        "group",
        "advantages are divided by the deviation of this (GRPO: group)",
        choices=("group", "batch", "none"),
    )
    iterations: int = option(1, "passes over each generated batch (DAPO: 1 with mini-batches)", 1, 100)
    resample: int = option(
        2,
        "rounds in which groups without variance are drawn anew; 0: they stay in (DAPO: until full)",
        0,
        100,
    )
    gradient_checkpointing: bool = option(False, "compute activations twice to save memory (ours)")


@dataclass(frozen=True, slots=True)
class GenerationConfig:
    """How responses are drawn while training."""

    engine: str = option("transformers", "who draws: in this process, or a vLLM engine", choices=ENGINES)
    solver_tokens: int = option(2_048, "tokens of a solver's response at most (ours)", 1, 1_000_000)
    generator_tokens: int = option(8_192, "tokens of a proposal at most (ours)", 1, 1_000_000)
    temperature: float = option(1.0, "of rollouts (EvoEnv, DAPO: 1.0)", 0.01, 5.0)
    top_p: float = option(1.0, "of rollouts (DAPO: 1.0)", 0.01, 1.0)
    chunks: int = option(1, "parts of a batch; one is scored while the next is drawn (ours)", 1, 1_000)
    rows: int = option(0, "responses drawn at once per process; 0: all of a part (ours)", 0, 100_000)
    vllm_url: str = option("http://localhost:8000", "of the server that 'trl vllm-serve' started")
    vllm_memory: float = option(0.3, "share of the GPU for a colocated engine (TRL: 0.3)", 0.01, 1.0)
    vllm_tensor_parallel: int = option(1, "GPUs that share a colocated engine's weights", 1, 64)


@dataclass(frozen=True, slots=True)
class PromptConfig:
    """The messages around an instance's prompt, in training and in the recipe's evaluations."""

    system: str = option("", "system message; empty: none")
    question: str = option("", "a worked example before the prompt: what the user asks")
    answer: str = option("", "and what the assistant replies")
    answer_line: bool = option(True, "append the sentence that asks for <answer> (contract)")


@dataclass(frozen=True, slots=True)
class PicturesConfig:
    """How visual environments are shown."""

    width: int = option(640, "pixels across, in training and in the recipe's evaluations (ours)", 64, 2_048)
    view: float = option(
        0.0,
        "strength of the random views in training: padding, JPEG, blur and so on; 0: none (ours)",
        0.0,
        1.0,
    )


@dataclass(frozen=True, slots=True)
class RolesConfig:
    """The generator role beside the solver's."""

    generator_groups: int = option(
        0, "groups of a step in which programs are written; 0: solver only", 0, 100_000
    )
    generator_weight: float = option(0.3, "factor of their advantages (EvoEnv: 0.3)", 0.0, 10.0)
    policy: str = option(
        "", "who writes, reviews and solves: empty: the model in training; else a policy's spec"
    )
    exemplars: int = option(3, "library programs shown with each request (ours)", 0, 20)


@dataclass(frozen=True, slots=True)
class EnvironmentsConfig:
    """What is trained on. Paths are relative to the recipe's file."""

    folders: tuple[str, ...] = option((), "programs that are admitted, as seeds are, when the run begins")
    held_out: tuple[str, ...] = option((), "folders or ids of environments that are never trained on")


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """Measured before and after, on seeds that training never draws."""

    instances: int = option(32, "instances per environment and level; 0: no evaluation (ours)", 0, 1_000_000)
    levels: tuple[int, ...] = option((0,), "levels that are measured (ours)", 0, 1_000)
    samples: int = option(1, "responses per instance, for pass@k (ours)", 1, 1_024)
    temperature: float = option(0.0, "of these responses; 0: the likeliest token (ours)", 0.0, 5.0)
    trained: bool = option(True, "also measure the environments that are trained on")
    every: int = option(0, "steps between further evaluations; 0: only before and after", 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class ScheduleConfig:
    """How long, and what is kept on the way."""

    steps: int = option(100, "optimiser steps (EvoEnv: 100)", 1, 10_000_000)
    seed: int = option(0, "of the run: pool draws, rollouts, requests (ours)", 0, 2**31 - 1)
    save_every: int = option(20, "steps between checkpoints (ours)", 1, 1_000_000)
    keep: int = option(2, "checkpoints that are kept (ours)", 1, 1_000)
    retries: int = option(3, "times that a step whose sandbox or server failed is tried again (ours)", 0, 100)
    bad_steps: int = option(
        3, "steps in a row with a loss that is no number before the run stops (ours)", 1, 1_000
    )


@dataclass(frozen=True, slots=True)
class LoggingConfig:
    """Where a run writes, and who is told."""

    folder: str = option("runs", "every run gets a folder in it (from where the command is given)")
    tensorboard: bool = option(True, "write event files for TensorBoard")
    wandb: bool = option(False, "report to Weights & Biases (needs the package wandb)")


@dataclass(frozen=True, slots=True)
class ProcessesConfig:
    """More than one process: see docs/scaling.md. Everything else comes from accelerate launch."""

    deepspeed: str = option("", "DeepSpeed's JSON file, relative to the recipe; empty: not used")
    fsdp: bool = option(False, "shard weights, gradients and optimiser with PyTorch's FSDP 2")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One training run. `config` holds the tables that `envforge grow` knows too: [pool], [reward], [sandbox] ..."""

    model: ModelConfig = field(default_factory=ModelConfig)
    grpo: GrpoConfig = field(default_factory=GrpoConfig)
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    prompt: PromptConfig = field(default_factory=PromptConfig)
    pictures: PicturesConfig = field(default_factory=PicturesConfig)
    roles: RolesConfig = field(default_factory=RolesConfig)
    environments: EnvironmentsConfig = field(default_factory=EnvironmentsConfig)
    shaping: ShapingConfig = field(default_factory=ShapingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    logging: LoggingConfig = field(default_factory=LoggingConfig)
    processes: ProcessesConfig = field(default_factory=ProcessesConfig)
    config: Config = field(default_factory=Config)
