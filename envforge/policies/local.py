"""A model run here by transformers, on one GPU where there is one, else on the CPU."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.errors import UsageError
from envforge.policies import Completion, PolicyError, Request
from envforge.policies.batching import Batcher
from envforge.policies.chat import Chat, Drawn, Row, need, one_line
from envforge.policies.prefix import prompt_inputs
from envforge.policies.vision import load, tokenizer_of
from envforge.policies.weights import local_folder, missing_from_hub, weights_version

DTYPE = "ENVFORGE_DTYPE"  # environment variable: what the weights are run in
DTYPES = ("float32", "bfloat16", "float16")
ROWS = {"cuda": 64, "cpu": 16}  # completions drawn at once, by kind of device (ours)
SHORT = 128  # tokens of a prompt up to which padding costs little (ours)
_CLOSE_SECONDS = 10.0  # one step of a large model, and some
REMEDY = "pip install 'envforge[local]'"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to draw."""

    model: Any
    chat: Chat
    device: Any
    ends: frozenset[int]  # token ids that end a completion
    pad: int


class TransformersPolicy:
    """A language model, or one that sees as well, by folder or hub id, loaded at the first request; remote code is
    never run.

    Completion i of a request depends on (messages, sampling, i) alone: each row of a batch draws with uniform
    numbers of its own, from a stream derived from (seed, i), by inverting the cumulative distribution of its next
    token. That is the softmax of logits / temperature over the nucleus of `top_p`; top-k and repetition penalties
    are not applied, whatever the model's generation settings say, so that log-probabilities are those of what was
    drawn from. One reservation: other rows change a batch's shape and padding, which moves the logits in their last
    bits. In float32 a draw hardly ever falls between; in bfloat16, with its 8 bits, it does now and then, and the
    text goes another way from there. Exact re-runs come from recordings.

    Log-probabilities are those of the model itself: natural, at temperature 1, before top_p. Temperature and top_p
    that a request leaves out are those of the model's generation settings, else 1. torch uses as many threads as
    OMP_NUM_THREADS says.
    """

    def __init__(
        self,
        place: str,
        name: str,
        *,
        dtype: str | None = None,
        rows: int | None = None,
        prepare: Callable[[], None] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`dtype`: float32, bfloat16 or float16; None: what ENVFORGE_DTYPE says, else bfloat16 where the device
        computes in it, else float32. `rows`: completions drawn at once at most. `prepare` is called once before
        the folder `place` is read. Raises UsageError when torch or transformers is not
        installed, or for another `dtype`.
        """
        need(("torch", "transformers"), f"'{name}'", REMEDY)
        dtype = dtype or environ.get(DTYPE) or None
        if dtype is not None and dtype not in DTYPES:
            raise UsageError(f"{DTYPE} must be one of {', '.join(DTYPES)}, not '{dtype}'")
        self.name = name
        self._place, self._dtype, self._rows, self._prepare = place, dtype, rows, prepare
        self._lock = threading.Lock()
        self._version: str | None = None
        self._loaded: Loaded | None = None
        self._failure: PolicyError | None = None
        self._batcher: Batcher[Row, Drawn] | None = None
        self._closing = threading.Event()

    @property
    def version(self) -> str:
        """See weights_version: the same for each policy that runs these weights. Loads no weights."""
        with self._lock:
            return self._find_version()

    def complete(self, request: Request) -> list[Completion]:
        """`request.n` completions, drawn in batches with those of other threads. Raises PolicyError."""
        loaded, batcher = self._load()
        rows = loaded.chat.rows(request.messages, request.sampling, request.n)
        futures = [batcher.submit(row) for row in rows]
        try:
            drawn = [future.result() for future in futures]
        except PolicyError:
            raise
        except Exception as error:  # of torch or transformers
            raise PolicyError(f"the model of {self.name} failed: {one_line(error)}") from error
        return loaded.chat.completions(rows, drawn)

    def close(self) -> None:
        """End what is being drawn and let go of the model."""
        self._closing.set()
        if self._batcher is not None:
            self._batcher.close()
            self._batcher.join(_CLOSE_SECONDS)
        self._loaded = None

    def _find_version(self) -> str:
        if self._version is None:
            if self._prepare is not None:
                self._prepare()
            self._version = weights_version(self._place)
        return self._version

    def _load(self) -> tuple[Loaded, Batcher[Row, Drawn]]:
        with self._lock:
            if self._closing.is_set():
                raise PolicyError("the policy has been closed", fatal=True)
            if self._failure is not None:
                raise PolicyError(str(self._failure), fatal=True)
            if self._loaded is None or self._batcher is None:
                try:
                    self._find_version()
                    self._loaded = _loaded(self._place, self._dtype)
                except PolicyError as error:
                    self._failure = error  # a folder that is not there will not come while many wait for it
                    raise
                size = self._rows or ROWS.get(self._loaded.device.type, ROWS["cpu"])
                self._batcher = Batcher(self._draw, size)
            return self._loaded, self._batcher

    def _draw(self, rows: list[Row]) -> list[Drawn | PolicyError]:
        """Rows of like length together, the shortest first: a solver's question does not wait, padded to ten times
        its length, for the reading of a review."""
        drawn: list[Drawn | PolicyError | None] = [None] * len(rows)
        for group in batches(rows):
            for place, result in zip(group, self._draw_group([rows[place] for place in group])):
                drawn[place] = result
        return [result for result in drawn if result is not None]

    def _draw_group(self, rows: list[Row]) -> list[Drawn | PolicyError]:
        import torch

        loaded = self._loaded
        if loaded is None:
            raise PolicyError("the policy has been closed", fatal=True)
        try:
            drawn = generate(loaded, rows, self._closing)
        except torch.OutOfMemoryError as error:
            if len(rows) == 1:
                tokens = len(rows[0].prompt) + rows[0].max_tokens
                raise PolicyError(
                    f"the device has too little memory for a request of {tokens} tokens to {self.name}"
                ) from error
        else:
            return list(drawn)
        # Outside of the handler, which would keep the failed batch's tensors alive.
        torch.cuda.empty_cache()
        half = len(rows) // 2
        return self._draw_group(rows[:half]) + self._draw_group(rows[half:])


def batches(rows: Sequence[Row]) -> list[list[int]]:
    """The places of `rows`, those that are best drawn together in one list: with pictures or without, alike long."""
    found = []
    for pictured in (False, True):
        places = [place for place, row in enumerate(rows) if bool(row.pictures) is pictured]
        for group in alike([len(rows[place].prompt) for place in places]):
            found.append([places[at] for at in group])
    return found


def alike(lengths: Sequence[int]) -> list[list[int]]:
    """The places of `lengths`, shortest first, in groups whose longest is less than twice their shortest or short
    anyway: padding then costs less than the tokens themselves (ours)."""
    groups: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):
        if groups and lengths[place] <= max(2 * lengths[groups[-1][0]], SHORT):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _loaded(place: str, wanted: str | None) -> Loaded:
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call, unused-ignore]
    folder = local_folder(place)
    source = str(folder) if folder is not None else place
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = getattr(torch, wanted) if wanted else _natural_dtype(device)
    try:
        model, templated = load(source, dtype=dtype)
        model = model.to(device).eval()
    except torch.OutOfMemoryError as error:
        raise PolicyError(f"the model {place} does not fit into the device's memory", fatal=True) from error
    except (
        Exception
    ) as error:  # OSError for what is missing, ValueError for unknown kinds, errors of safetensors
        if folder is None and isinstance(error, OSError):
            raise missing_from_hub(place) from error
        raise PolicyError(f"cannot load the model {place}: {one_line(error)}", fatal=True) from error
    settings, tokenizer = model.generation_config, tokenizer_of(templated)
    ends = _ends(settings.eos_token_id, tokenizer.eos_token_id)
    temperature, top_p = getattr(settings, "temperature", None), getattr(settings, "top_p", None)
    # From here on the model's own settings say nothing: `generate` would mix them into those of each request.
    model.generation_config = transformers.GenerationConfig()
    context = getattr(model.config.get_text_config(), "max_position_embeddings", None) or 2**31
    chat = Chat(
        templated,
        place,
        context,
        1.0 if temperature is None else temperature,
        1.0 if top_p is None else top_p,
    )
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(ends, default=0)
    return Loaded(model, chat, device, ends, pad)


def _natural_dtype(device: Any) -> Any:
    """bfloat16 halves memory and time where the device multiplies in it; emulated, it takes five times as long."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32


def _ends(*values: int | Sequence[int] | None) -> frozenset[int]:
    found: set[int] = set()
    for value in values:
        found.update([value] if isinstance(value, int) else value or ())
    return frozenset(found)


def generate(loaded: Loaded, rows: Sequence[Row], closing: threading.Event) -> list[Drawn]:
    """Draw all rows together, until the last one ends. Raises PolicyError when `closing` is set meanwhile."""
    import torch
    import transformers

    limits = torch.tensor([row.max_tokens for row in rows], device=loaded.device)
    draws = _Draws(rows, loaded.device)

    def ended(sequences: Any, _scores: Any, **_: Any) -> Any:
        if closing.is_set():
            return torch.ones(len(rows), dtype=torch.bool, device=sequences.device)
        return limits <= sequences.shape[1] - width

    with torch.no_grad():
        inputs = _inputs(loaded, rows)
        width = inputs["input_ids"].shape[1]
        sequences = loaded.model.generate(
            **inputs,
            generation_config=transformers.GenerationConfig(
                max_new_tokens=max(row.max_tokens for row in rows),
                eos_token_id=sorted(loaded.ends) or None,
                pad_token_id=loaded.pad,
                do_sample=False,  # the processor has drawn: all but one token are impossible
            ),
            logits_processor=transformers.LogitsProcessorList([draws]),
            stopping_criteria=transformers.StoppingCriteriaList([ended]),
        )
    if closing.is_set():
        raise PolicyError("the policy was closed before it answered", fatal=True)
    logprobs = torch.stack(draws.logprobs, dim=1).tolist()
    return [
        _cut(tokens, values, row.max_tokens, loaded.ends)
        for tokens, values, row in zip(sequences[:, width:].tolist(), logprobs, rows)
    ]


def _inputs(loaded: Loaded, rows: Sequence[Row]) -> dict[str, Any]:
    """What the model takes for `rows`, all of them with pictures or none."""
    if not rows[0].pictures:
        prompts = [row.prompt for row in rows]
        return prompt_inputs(loaded.model, prompts, loaded.pad, loaded.device, share=not loaded.chat.sees)
    return on_device(loaded.chat.pictured(rows), loaded.model, loaded.device)


def on_device(fields: Mapping[str, Any], model: Any, device: Any) -> dict[str, Any]:
    """Tensors where the model is, those of numbers in its type."""
    return {
        name: value.to(device, dtype=model.dtype) if value.is_floating_point() else value.to(device)
        for name, value in fields.items()
    }


def _cut(tokens: list[int], logprobs: list[float], limit: int, ends: frozenset[int]) -> Drawn:
    """A row without what the batch went on with after its end."""
    length = next((i + 1 for i, token in enumerate(tokens[:limit]) if token in ends), limit)
    stopped = tokens[length - 1] in ends
    return Drawn(tuple(tokens[:length]), tuple(logprobs[:length]), stopped)


class _Draws:
    """A logits processor that draws the next token of each row, and leaves it as the only possible one."""

    def __init__(self, rows: Sequence[Row], device: Any) -> None:
        import torch

        self.logprobs: list[Any] = []  # one tensor (rows,) per step
        self._streams = [random.Random(row.seed) if row.temperature > 0 else None for row in rows]
        temperatures = [row.temperature if row.temperature > 0 else 1.0 for row in rows]
        self._temperatures = torch.tensor(temperatures, dtype=torch.float64, device=device)[:, None]
        top_p = torch.tensor([min(row.top_p, 1.0) for row in rows], dtype=torch.float64, device=device)
        self._top_p = top_p[:, None] if any(row.top_p < 1.0 for row in rows) else None
        self._greedy = torch.tensor([stream is None for stream in self._streams], device=device)

    def __call__(self, _ids: Any, scores: Any) -> Any:
        import torch

        chosen = scores.argmax(dim=-1)
        if any(self._streams):
            chosen = torch.where(self._greedy, chosen, self._drawn(scores))
        chosen = chosen[:, None]
        self.logprobs.append(torch.log_softmax(scores.float(), dim=-1).gather(1, chosen)[:, 0])
        return torch.full_like(scores, -torch.inf).scatter(1, chosen, 0.0)

    def _drawn(self, scores: Any) -> Any:
        """One token per row (rows,), by inverting the cumulative distribution at a uniform number of the row's."""
        import torch

        centred = scores.double() - scores.double().amax(dim=-1, keepdim=True)  # no overflow, however cold
        shares = torch.softmax(centred / self._temperatures, dim=-1)
        if self._top_p is not None:
            shares = _nucleus(shares, self._top_p)
        sums = shares.cumsum(dim=-1)
        uniform = [stream.random() if stream else 0.0 for stream in self._streams]
        target = torch.tensor(uniform, dtype=torch.float64, device=scores.device)[:, None] * sums[:, -1:]
        target = torch.minimum(target, torch.nextafter(sums[:, -1:], torch.zeros_like(target)))
        return torch.searchsorted(sums, target, right=True)[:, 0]


def _nucleus(shares: Any, top_p: Any) -> Any:
    """`shares` with 0 outside the smallest set of likeliest tokens that together reach `top_p`."""
    import torch

    ordered, order = shares.sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered  # what likelier tokens have
    kept = ordered * ((before < top_p) | (torch.arange(shares.shape[-1], device=shares.device) == 0))
    return torch.zeros_like(shares).scatter(1, order, kept)
