"""Configuration: frozen dataclasses, read from one TOML file. Unknown keys and impossible values are refused.

Each field carries its source: a paper of docs/gates.md, the contract, or "ours".
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envforge.errors import ConfigError

ISOLATION_NAMES = ("limits", "confined", "bubblewrap", "cgroups", "docker", "gvisor")  # of the levels 0 to 5
BUCKETS = ("spatial", "mathematical", "diagram", "pattern", "counting")  # of visual programs (contract)


def option(
    default: Any,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A field of a section: what it means with its source, the bounds of a number, the values of a text.

    An empty tuple as default makes it a list of texts, any other one a list of whole numbers.
    """
    names = default == ()
    return field(
        default=default,
        metadata={"help": help, "low": low, "high": high, "choices": choices, "names": names},
    )


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """How untrusted code is run."""

    isolation: int = option(
        1, "lowest acceptable isolation level, as number or name; below it nothing runs (ours)", 0, 5
    )
    use: str = option(
        "best",
        "'best': the strongest level that needs no Docker engine; or exactly one, by number or name (ours)",
    )
    image: str = option(
        "",
        "Docker image for levels docker and gvisor; empty: envforge builds its own, without a registry (ours)",
    )
    workers: int = option(0, "child processes at once; 0 means one per core (ours)", 0, 256)
    wall_factor: float = option(
        5.0, "wall-clock allowance as a multiple of the CPU limit, for shared machines (ours)", 1.5, 100
    )


@dataclass(frozen=True, slots=True)
class ValidationConfig:
    """Sample sizes of the gates L2 to L5."""

    fresh_seeds: int = option(
        5, "seeds per level that L2 runs in a process of their own (contract: at least 5)", 5, 100
    )
    sample_per_level: int = option(
        48, "instances per level that L2 draws in all and L4 and L5 look at (ours)", 16, 1000
    )
    slow_sample_per_level: int = option(
        16, "the same for programs slower than 0.1 s an instance (ours)", 16, 1000
    )
    hash_seeds: int = option(5, "other hash seeds under which L3 repeats every fresh instance (ours)", 1, 16)
    borderline_sample: int = option(
        240, "instances per level once a share lies near its limit (ours)", 48, 5000
    )
    attacked_per_level: int = option(
        3, "instances per level that meet the whole family of wrong answers (ours)", 1, 100
    )
    drawn_answers: int = option(40, "wrong answers drawn by hypothesis per program (ours)", 0, 1000)
    pictures_per_level: int = option(
        6, "pictures per level of a visual program that are looked at (ours)", 2, 100
    )


@dataclass(frozen=True, slots=True)
class AuditConfig:
    """One run of `envforge audit`."""

    instances: int = option(12, "instances per level that the probes look at (ours)", 2, 10_000)
    seed: int = option(0, "another one draws other instances (ours)", 0)
    seconds: float = option(
        300.0, "wall time for one target; what is left is reported as slow (ours)", 0.0, 1e6
    )
    workers: int = option(0, "targets at once; 0 means one per core (ours)", 0, 256)


@dataclass(frozen=True, slots=True)
class NoveltyConfig:
    """When a program is too near to another one."""

    threshold: float = option(0.80, "reject at this similarity or above (EvoEnv)", 0.0, 1.0)
    code_weight: float = option(0.5, "weight of generator code against prompt template (EvoEnv)", 0.0, 1.0)
    code_ceiling: float = option(
        0.97, "reject at this code similarity whatever the prompt says (ours)", 0.0, 1.0
    )
    embeddings: str = option(
        "auto", "'auto': MiniLM when envforge[embed] is installed; 'on' or 'off' (EvoEnv)"
    )


@dataclass(frozen=True, slots=True)
class GrowthConfig:
    """One run of `envforge grow`."""

    proposals: int = option(60, "proposals at most (ours)", 0, 1_000_000)
    target: int = option(0, "stop after so many accepted environments; 0: no target (ours)", 0, 1_000_000)
    batch: int = option(8, "proposals made from one view of the library (ours)", 1, 10_000)
    seed: int = option(0, "seed of the run's random streams (ours)", 0)
    ahead: int = option(1, "further batches under way before a batch is decided (ours)", 0, 1_000)
    exemplars: int = option(3, "library programs shown to a model with each request (ours)", 0, 20)
    repairs: int = option(2, "rounds of repair of a candidate that fails a gate (InternBootcamp: 3)", 0, 10)
    visual: bool = option(False, "propose visual environments: programs that also draw their question (ours)")
    max_tokens: int = option(0, "stop asking after so many tokens, prompts included; 0: no limit (ours)", 0)
    max_minutes: float = option(0.0, "stop asking after so many minutes; 0: no limit (ours)", 0.0)
    admit_uncalibrated: bool = option(False, "admit what passed every gate that needs no solver (ours)")


@dataclass(frozen=True, slots=True)
class PolicyConfig:
    """How the policy is asked. A temperature below 0 or a token limit of 0 leaves it to the backend."""

    concurrency: int = option(16, "requests to the policy at once (ours)", 1, 10_000)
    propose_temperature: float = option(
        1.0, "of proposals and repairs (EvoEnv: GRPO rollouts at 1.0)", -1.0, 5.0
    )
    propose_tokens: int = option(16_384, "tokens of a proposal at most (ours)", 0)
    solve_temperature: float = option(1.0, "of solver responses (EvoEnv: GRPO rollouts at 1.0)", -1.0, 5.0)
    solve_tokens: int = option(16_384, "tokens of a solver response at most (ours)", 0)


@dataclass(frozen=True, slots=True)
class ReviewConfig:
    """The semantic self-review of a candidate that passed every mechanical gate."""

    reviews: int = option(3, "independent reviews, all of which must accept (EvoEnv: 3)", 1, 100)
    temperature: float = option(0.6, "of the reviews (EvoEnv: 0.6)", -1.0, 5.0)
    max_tokens: int = option(8_192, "tokens of a review at most (ours)", 0)
    asked_again: int = option(1, "times that an unreadable review is asked for once more (ours)", 0, 10)
    unreadable: str = option("reject", "what counts for one that stays unreadable: reject or accept (ours)")


@dataclass(frozen=True, slots=True)
class CalibrationConfig:
    """How a solver's pass rate on a candidate is measured, and which rates admit it."""

    instances: int = option(8, "fresh instances per level, one response each (EvoEnv: m = 8)", 1, 10_000)
    levels: tuple[int, ...] = option((3,), "levels that are probed; a is the mean over them (ours)", 0, 1_000)
    subtract_floor: bool = option(True, "take the guess floor of L4 off the pass rate (ours)")
    confidence: float = option(0.95, "of the Wilson interval (ours)", 0.5, 0.9999)
    monotone: bool = option(False, "demand that the pass rate falls with the level (ReSyn)")
    significance: float = option(0.05, "of that one-sided test (ours; ReSyn does not say)", 0.0001, 0.5)


@dataclass(frozen=True, slots=True)
class RewardConfig:
    """The generator's reward: a pure function of the verdicts on one proposal (see envforge.reward)."""

    no_program: float = option(
        -1.0, "nothing that looks like a program came (ours; EvoEnv: a penalty)", -10.0, 0.0
    )
    failed_l1: float = option(-0.5, "rejected at L1 (ours; EvoEnv: a penalty)", -10.0, 0.0)
    failed_l2: float = option(-0.25, "rejected at L2 (ours; EvoEnv: a penalty)", -10.0, 0.0)
    failed_l3: float = option(
        0.0, "rejected at L3 (ours: late penalties made valid rates collapse)", -10.0, 0.0
    )
    failed_l4: float = option(0.0, "rejected at L4 (ours, as L3)", -10.0, 0.0)
    failed_l5: float = option(0.0, "rejected at L5 (ours, as L3)", -10.0, 0.0)
    failed_picture: float = option(0.0, "rejected for its pictures (ours, as L3)", -10.0, 0.0)
    duplicate: float = option(0.0, "in the library already, or too near to it (ours)", -10.0, 0.0)
    target: float = option(0.3, "pass rate that is worth most (EvoEnv: 0.3)", 0.0, 1.0)
    sigma: float = option(0.2, "width of the quality around it (ours; EvoEnv does not say)", 0.01, 10.0)
    novelty_low: float = option(
        0.45, "nearest similarity where the bonus weight begins to grow (EvoEnv)", 0.0, 1.0
    )
    novelty_high: float = option(0.65, "nearest similarity where it is full (EvoEnv)", 0.0, 1.0)
    weight_low: float = option(2.0, "bonus weight at the low similarity (EvoEnv)", 0.0, 100.0)
    weight_high: float = option(5.0, "bonus weight at the high similarity (EvoEnv)", 0.0, 100.0)


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """The live pool: which admitted environments are drawn, at which difficulty, and when one leaves."""

    seed_share: float = option(0.2, "of the draws that go to seeds at least (EvoEnv: 0.2)", 0.0, 1.0)
    epochs: int = option(0, "rotate an environment out after so many epochs of groups; 0: never (ours)", 0)
    epoch_groups: int = option(16, "groups that make up one epoch of an environment (ours)", 1, 100_000)
    patience: int = option(
        32, "groups in a row saturated, flat or at zero before it is parked (ours)", 1, 100_000
    )
    probe_every: int = option(500, "groups of the pool between probes of a parked one (ours)", 1, 1_000_000)
    retire_after: int = option(3, "probes without success before a parked one retires (ours)", 1, 1_000)
    controller: str = option(
        "window", "difficulty of each: window (RLVE), ladder (TRON), bandit (SEC) or fixed (ours)"
    )
    buckets: tuple[str, ...] = option(
        (), "draw environments of these buckets alone, 'text' being those without pictures; none: all (ours)",
        choices=("text", *BUCKETS),
    )  # fmt: skip
    exploration: float = option(0.1, "share of draws that ignore learnability (ours)", 0.0, 1.0)
    window_raise: float = option(0.9, "window: mean accuracy that raises the top level (RLVE: 0.9)", 0.0, 1.0)
    window_lower: float = option(0.1, "window: mean accuracy at its bottom that lowers it (ours)", 0.0, 1.0)
    window_groups: int = option(8, "window: newest groups that are looked at (RLVE: 8)", 1, 1_000)
    window_width: int = option(4, "window: levels at most (RLVE: 4)", 1, 1_000)
    ladder_promote: float = option(0.80, "ladder: mean accuracy that promotes (TRON: 0.80)", 0.0, 1.0)
    ladder_groups: int = option(4, "ladder: groups that are looked at (TRON: 4 of 8 rollouts)", 1, 1_000)
    ladder_replay: float = option(0.30, "ladder: chance of a lower level (TRON: 0.30)", 0.0, 1.0)
    fixed_level: int = option(0, "fixed: the level, or an environment's highest below it (ours)", 0, 1_000)
    bandit_rate: float = option(
        0.5, "bandit: learning rate alpha of an arm (ours; SEC tunes it)", 0.0001, 1.0
    )
    bandit_temperature: float = option(
        0.4, "bandit: of the softmax over arms (ours; SEC tunes it)", 0.0001, 100.0
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Everything, one field per TOML table."""

    sandbox: SandboxConfig = field(default_factory=SandboxConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    audit: AuditConfig = field(default_factory=AuditConfig)
    novelty: NoveltyConfig = field(default_factory=NoveltyConfig)
    growth: GrowthConfig = field(default_factory=GrowthConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    review: ReviewConfig = field(default_factory=ReviewConfig)
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)
    reward: RewardConfig = field(default_factory=RewardConfig)
    pool: PoolConfig = field(default_factory=PoolConfig)


_CHOICES = {
    ("sandbox", "use"): ("best", *map(str, range(len(ISOLATION_NAMES)))),
    ("novelty", "embeddings"): ("auto", "on", "off"),
    ("review", "unreadable"): ("reject", "accept"),
    ("pool", "controller"): ("window", "ladder", "bandit", "fixed"),
}


def load_config(path: str | os.PathLike[str] | None) -> Config:
    """The configuration in the TOML file `path`, defaults for what it leaves out.

    Raises ConfigError for a file that cannot be read, an unknown key (with the nearest valid name) or a value
    of the wrong type or out of range.
    """
    if path is None:
        return Config()
    try:
        data = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    return config_from(data, str(path))


def config_from(data: dict[str, Any], where: str) -> Config:
    """The configuration in `data`, a mapping of table name to options; `where` names it in errors."""
    sections: dict[str, Any] = {}
    known = {f.name: f for f in dataclasses.fields(Config)}
    types = typing.get_type_hints(Config)
    for name, table in data.items():
        if name not in known:
            raise ConfigError(f"{where}: unknown table [{name}]{nearest(name, known)}")
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: [{name}] must be a table of options")
        sections[name] = change(types[name](), table, f"{where}: [{name}]", name)
    return Config(**sections)


T = typing.TypeVar("T")


def change(section: T, values: dict[str, Any], where: str, table: str = "") -> T:
    """A copy of the dataclass `section` with `values` checked and set."""
    fields = {f.name: f for f in dataclasses.fields(section)}  # type: ignore[arg-type]
    for key, value in values.items():
        if key not in fields:
            raise ConfigError(f"{where}: unknown option '{key}'{nearest(key, fields)}")
        default = getattr(section, key)
        if table == "sandbox" and key in ("isolation", "use") and value in ISOLATION_NAMES:
            number = ISOLATION_NAMES.index(value)
            value = values[key] = number if key == "isolation" else str(number)
        if isinstance(default, float) and type(value) is int:
            value = values[key] = float(value)
        if isinstance(default, tuple) and isinstance(value, list):
            value = values[key] = tuple(value)
        if type(value) is not type(default):
            more = f" or one of {', '.join(ISOLATION_NAMES)}" if key == "isolation" else ""
            raise ConfigError(
                f"{where}: {key} must be {_article(type(default).__name__)}{more}, not {value!r}"
            )
        low, high = fields[key].metadata["low"], fields[key].metadata["high"]
        if isinstance(value, tuple):
            if fields[key].metadata.get("names"):
                if any(type(item) is not str or not item.strip() for item in value):
                    raise ConfigError(f"{where}: {key} must be a list of texts, not {list(value)}")
                known = fields[key].metadata["choices"]
                unknown = [item for item in value if known and item not in known]
                if unknown:
                    raise ConfigError(f"{where}: {key} holds '{unknown[0]}'{nearest(unknown[0], known)}")
                continue
            if not value or any(type(item) is not int or not low <= item <= high for item in value):
                raise ConfigError(
                    f"{where}: {key} must be whole numbers from {low} to {high}, not {list(value)}"
                )
            continue
        # Written so that nan, which TOML knows, is out of any bounds.
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            bounds = f"at least {low}" if high is None else f"from {low} to {high}"
            raise ConfigError(f"{where}: {key} must be {bounds}, not {value!r}")
        choices = _CHOICES.get((table, key)) or fields[key].metadata.get("choices")
        if choices and value not in choices:
            names = (*choices, *ISOLATION_NAMES) if key == "use" else choices
            raise ConfigError(f"{where}: {key} must be one of {', '.join(names)}, not {value!r}")
    return dataclasses.replace(section, **values)  # type: ignore[type-var]


def as_dict(config: Config) -> dict[str, dict[str, Any]]:
    """The configuration as plain JSON-ready data, as runs record it."""
    return dataclasses.asdict(config)


def nearest(name: str, known: typing.Iterable[str]) -> str:
    """What to add to the refusal of `name`: the nearest of `known`, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1, 0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; valid are {', '.join(names)}"


def _article(name: str) -> str:
    words = {"int": "a whole number", "float": "a number", "str": "a string", "bool": "true or false"}
    words["tuple"] = "a list of whole numbers"
    return words[name]
