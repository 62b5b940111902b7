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


def _option(default: Any, help: str, low: float | None = None, high: float | None = None) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """How untrusted code is run."""

    isolation: int = _option(
        1, "lowest acceptable isolation level, as number or name; below it nothing runs (ours)", 0, 5
    )
    use: str = _option(
        "best",
        "'best': the strongest level that needs no Docker engine; or exactly one, by number or name (ours)",
    )
    image: str = _option(
        "",
        "Docker image for levels docker and gvisor; empty: envforge builds its own, without a registry (ours)",
    )
    workers: int = _option(0, "child processes at once; 0 means one per core (ours)", 0, 256)
    wall_factor: float = _option(
        5.0, "wall-clock allowance as a multiple of the CPU limit, for shared machines (ours)", 1.5, 100
    )


@dataclass(frozen=True, slots=True)
class ValidationConfig:
    """Sample sizes of the gates L2 to L5."""

    fresh_seeds: int = _option(
        5, "seeds per level that L2 runs in a process of their own (contract: at least 5)", 5, 100
    )
    sample_per_level: int = _option(
        48, "instances per level that L2 draws in all and L4 and L5 look at (ours)", 16, 1000
    )
    slow_sample_per_level: int = _option(
        16, "the same for programs slower than 0.1 s an instance (ours)", 16, 1000
    )
    hash_seeds: int = _option(5, "other hash seeds under which L3 repeats every fresh instance (ours)", 1, 16)
    borderline_sample: int = _option(
        240, "instances per level once a share lies near its limit (ours)", 48, 5000
    )
    attacked_per_level: int = _option(
        3, "instances per level that meet the whole family of wrong answers (ours)", 1, 100
    )
    drawn_answers: int = _option(40, "wrong answers drawn by hypothesis per program (ours)", 0, 1000)


@dataclass(frozen=True, slots=True)
class NoveltyConfig:
    """When a program is too near to another one."""

    threshold: float = _option(0.80, "reject at this similarity or above (EvoEnv)", 0.0, 1.0)
    code_weight: float = _option(0.5, "weight of generator code against prompt template (EvoEnv)", 0.0, 1.0)
    code_ceiling: float = _option(
        0.97, "reject at this code similarity whatever the prompt says (ours)", 0.0, 1.0
    )
    embeddings: str = _option(
        "auto", "'auto': MiniLM when envforge[embed] is installed; 'on' or 'off' (EvoEnv)"
    )


@dataclass(frozen=True, slots=True)
class GrowthConfig:
    """One run of `envforge grow`."""

    proposals: int = _option(60, "proposals at most (ours)", 0, 1_000_000)
    target: int = _option(0, "stop after so many accepted environments; 0: no target (ours)", 0, 1_000_000)
    batch: int = _option(8, "proposals made from one view of the library (ours)", 1, 10_000)
    seed: int = _option(0, "seed of the run's random streams (ours)", 0)
    exemplars: int = _option(3, "library programs shown to a model with each request (ours)", 0, 20)
    admit_uncalibrated: bool = _option(False, "admit what passed every gate that needs no solver (ours)")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything, one field per TOML table."""

    sandbox: SandboxConfig = field(default_factory=SandboxConfig)
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    novelty: NoveltyConfig = field(default_factory=NoveltyConfig)
    growth: GrowthConfig = field(default_factory=GrowthConfig)


_CHOICES = {
    ("sandbox", "use"): ("best", *map(str, range(len(ISOLATION_NAMES)))),
    ("novelty", "embeddings"): ("auto", "on", "off"),
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
            raise ConfigError(f"{where}: unknown table [{name}]{_nearest(name, known)}")
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
            raise ConfigError(f"{where}: unknown option '{key}'{_nearest(key, fields)}")
        default = getattr(section, key)
        if table == "sandbox" and key in ("isolation", "use") and value in ISOLATION_NAMES:
            number = ISOLATION_NAMES.index(value)
            value = values[key] = number if key == "isolation" else str(number)
        if isinstance(default, float) and type(value) is int:
            value = values[key] = float(value)
        if type(value) is not type(default):
            more = f" or one of {', '.join(ISOLATION_NAMES)}" if key == "isolation" else ""
            raise ConfigError(
                f"{where}: {key} must be {_article(type(default).__name__)}{more}, not {value!r}"
            )
        low, high = fields[key].metadata["low"], fields[key].metadata["high"]
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"at least {low}" if high is None else f"from {low} to {high}"
            raise ConfigError(f"{where}: {key} must be {bounds}, not {value!r}")
        choices = _CHOICES.get((table, key))
        if choices and value not in choices:
            names = (*choices, *ISOLATION_NAMES) if key == "use" else choices
            raise ConfigError(f"{where}: {key} must be one of {', '.join(names)}, not {value!r}")
    return dataclasses.replace(section, **values)  # type: ignore[type-var]


def as_dict(config: Config) -> dict[str, dict[str, Any]]:
    """The configuration as plain JSON-ready data, as runs record it."""
    return dataclasses.asdict(config)


def _nearest(name: str, known: typing.Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, 1, 0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; valid are {', '.join(names)}"


def _article(name: str) -> str:
    words = {"int": "a whole number", "float": "a number", "str": "a string", "bool": "true or false"}
    return words[name]
