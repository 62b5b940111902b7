"""Which weights a local model has, as a short string: the version of the policies that run it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envforge.policies import PolicyError

PIECES = (
    64  # of a weights file that are read: one every 80 MB of a 5 GB shard, where a layer is larger (ours)
)
PIECE_BYTES = 16 * 1024
SHAPES = ("*.safetensors", "pytorch_model*.bin", "*.gguf")  # the first that a folder has is what gets loaded
CONFIGS = ("config.json", "adapter_config.json")
# Differ between two copies of the same model, depending on who saved it.
_PASSING = ("transformers_version", "_name_or_path", "torch_dtype", "dtype", "use_cache")


def weights_version(place: str | os.PathLike[str]) -> str:
    """`weights:HASH` for a model in a folder, `REPOSITORY@COMMIT` for one of the Hugging Face hub.

    The hash is the SHA-256 (16 hex digits) over the model's configuration and over the names, the sizes and 64
    spread pieces of 16 KiB, first and last bytes included, of each file of weights: tens of milliseconds, however
    large the model. A training step changes nearly every tensor, and so the hash. Not covered: a change to a few
    numbers between the pieces of a file above 1 MiB, the tokenizer, the chat template, the generation settings, the
    type that the weights are run in. The same weights, divided into other files, have another version.

    The place does not count: a copy elsewhere is the same policy. Raises PolicyError when there is no model.
    """
    folder = local_folder(place)
    if folder is None:
        return _hub_version(str(place))
    digest = hashlib.sha256()
    for name in CONFIGS:
        if (folder / name).is_file():
            _add(digest, name.encode(), json.dumps(_config(folder / name), sort_keys=True).encode())
    files = _files(folder)
    if not files:
        raise PolicyError(f"the folder {folder} holds no weights: {', '.join(SHAPES)}", fatal=True)
    for file in files:
        try:
            size = file.stat().st_size
            _add(digest, file.name.encode(), str(size).encode(), *_pieces(file, size))
        except OSError as error:
            raise PolicyError(f"cannot read {file}: {error.strerror or error}", fatal=True) from error
    return f"weights:{digest.hexdigest()[:16]}"


def local_folder(place: str | os.PathLike[str]) -> Path | None:
    """The folder that `place` names; None for what can only be an id of the hub, such as Qwen/Qwen3-4B.

    Raises PolicyError for a path at which there is no model.
    """
    text = os.fspath(place)
    folder = Path(text).expanduser()
    if folder.is_dir():
        if not any((folder / name).is_file() for name in CONFIGS):
            raise PolicyError(f"the folder {folder} holds no model: it has no config.json", fatal=True)
        return folder
    if text.startswith((".", "/", "~")) or text.count("/") > 1 or not text.strip() or folder.exists():
        raise PolicyError(
            f"there is no model at {text}: name the folder that holds its config.json", fatal=True
        )
    return None


def missing_from_hub(place: str) -> PolicyError:
    """What to say of a model that is neither here nor to be had."""
    offline = " (HF_HUB_OFFLINE is set)" if os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0") else ""
    return PolicyError(
        f"the model '{place}' is no folder here, nor to be had from the Hugging Face hub{offline}: "
        f"name a folder, or download it first with: hf download {place}",
        fatal=True,
    )


def _hub_version(place: str) -> str:
    import transformers

    try:
        commit = getattr(transformers.AutoConfig.from_pretrained(place), "_commit_hash", None)
    except Exception as error:  # OSError, ValueError, several of the hub's own
        raise missing_from_hub(place) from error
    return f"{place}@{commit[:12]}" if isinstance(commit, str) and commit else place


def _files(folder: Path) -> list[Path]:
    for shape in SHAPES:
        if found := sorted(folder.glob(shape)):
            return found
    return []


def _config(file: Path) -> Any:
    try:
        config = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PolicyError(f"cannot read {file}: {error}", fatal=True) from error
    if isinstance(config, dict):
        config = {name: value for name, value in config.items() if name not in _PASSING}
    return config


def _pieces(file: Path, size: int) -> Iterator[bytes]:
    with file.open("rb") as stream:
        if size <= PIECES * PIECE_BYTES:
            yield stream.read()
            return
        for number in range(PIECES):
            stream.seek((size - PIECE_BYTES) * number // (PIECES - 1))
            yield stream.read(PIECE_BYTES)


def _add(digest: Any, *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
