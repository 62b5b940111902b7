"""Chat messages as tokens and back: what every model that runs on this machine needs."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import derive_seed
from envforge.errors import UsageError
from envforge.messages import parts_of, with_texts_cleaned
from envforge.policies import Blind, Completion, Message, PolicyError, Sampling
from envforge.policies.vision import opened, tokenizer_of


@dataclass(frozen=True, slots=True)
class Row:
    """One completion to be drawn. `seed` is None where nobody wants to see the same again."""

    prompt: tuple[int, ...]  # token ids
    temperature: float
    top_p: float
    max_tokens: int  # no more than the context has room for
    seed: int | None
    text: str = ""  # the rendered messages, where they hold pictures: the processor needs both together
    pictures: tuple[bytes, ...] = ()  # PNG


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn for a row: token ids with the end token, their log-probabilities, whether it ended itself."""

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...] | None
    stopped: bool


class Chat:
    """A model's tokenizer or processor with its chat template, its context length (tokens) and default sampling."""

    def __init__(self, tokenizer: Any, model: str, context: int, temperature: float, top_p: float) -> None:
        """`tokenizer` is the processor of a model that sees; `model` names it in errors. Raises PolicyError when
        there is no chat template."""
        if not getattr(tokenizer, "chat_template", None):
            raise PolicyError(
                f"the tokenizer of {model} has no chat template: choose an instruction-tuned model, "
                "or put a chat_template.jinja beside it",
                fatal=True,
            )
        self._templated, self._tokenizer = tokenizer, tokenizer_of(tokenizer)
        self._model, self._context = model, context
        self._temperature, self._top_p = temperature, top_p
        self._lock = threading.Lock()  # the tokenizers of transformers are not made for several threads

    @property
    def sees(self) -> bool:
        """Whether messages may hold pictures."""
        return self._templated is not self._tokenizer

    def rows(self, messages: Sequence[Message], sampling: Sampling, n: int) -> list[Row]:
        """One row per completion; row i draws from a stream derived from (seed, i).

        Raises PolicyError for messages that the template refuses and for a prompt that fills the context, Blind
        for pictures that the model does not see.
        """
        prompt, text, pictures = self._encode(messages)
        room = self._context - len(prompt)
        if room < 1:
            raise PolicyError(
                f"the prompt is too long for {self._model}: it has {len(prompt)} tokens, "
                f"and prompt and completion together may have {self._context}"
            )
        temperature, top_p = sampling.temperature, sampling.top_p
        return [
            Row(
                prompt,
                self._temperature if temperature is None else temperature,
                self._top_p if top_p is None else top_p,
                room if sampling.max_tokens is None else max(1, min(sampling.max_tokens, room)),
                None if sampling.seed is None else derive_seed("completion", sampling.seed, index),
                text if pictures else "",
                pictures,
            )
            for index in range(n)
        ]

    def completions(self, rows: Sequence[Row], drawn: Sequence[Drawn]) -> list[Completion]:
        """The texts of what was drawn. The prompt is counted once, with the first."""
        with self._lock:
            texts = [self._decode(one) for one in drawn]
        return [
            Completion(
                text,
                len(row.prompt) if index == 0 else 0,
                len(one.tokens),
                "stop" if one.stopped else "length",
                one.logprobs,
            )
            for index, (text, row, one) in enumerate(zip(texts, rows, drawn))
        ]

    def _decode(self, one: Drawn) -> str:
        text = self._tokenizer.decode(
            list(one.tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text).encode("utf-8", "replace").decode()

    def pictured(self, rows: Sequence[Row]) -> dict[str, Any]:
        """What a model takes for `rows`, all of which hold pictures: token ids, attention mask (rows, width) and
        whatever its processor makes of the pictures. Padded on the left."""
        with self._lock:
            inputs = self._templated(
                text=[row.text for row in rows],
                images=[[opened(picture) for picture in row.pictures] for row in rows],
                padding=True,
                padding_side="left",
                add_special_tokens=False,
                return_tensors="pt",
            )
        return dict(inputs)

    def _encode(self, messages: Sequence[Message]) -> tuple[tuple[int, ...], str, tuple[bytes, ...]]:
        """Token ids, the rendered text and the pictures in it."""
        clean, pictures = self._readable(messages)
        if pictures and not self.sees:
            raise Blind(
                f"{self._model} reads text alone, and the question holds a picture: name a model that sees"
            )
        with self._lock:
            try:
                text = self._templated.apply_chat_template(clean, add_generation_prompt=True, tokenize=False)
            except Exception as error:  # templates are programs, and raise what they like
                said = " ".join(str(error).split())[:200]
                raise PolicyError(
                    f"the chat template of {self._model} refuses the messages: {said}"
                ) from error
            if not pictures:
                return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"]), text, ()
            images = [[opened(picture) for picture in pictures]]
            ids = self._templated(text=[text], images=images, add_special_tokens=False)["input_ids"][0]
            return tuple(ids), text, pictures

    def _readable(self, messages: Sequence[Message]) -> tuple[list[dict[str, Any]], tuple[bytes, ...]]:
        """The messages as the template takes them, and the pictures whose places they hold. A lone surrogate has no
        tokens. Templates of processors want parts, those of tokenizers texts."""
        pictures: list[bytes] = []
        found = []
        for message in messages:
            content: list[dict[str, str]] = []
            for part in parts_of(with_texts_cleaned(message)):
                if isinstance(part, bytes):
                    pictures.append(part)
                    content.append({"type": "image"})
                else:
                    content.append({"type": "text", "text": part})
            joined = "".join(part.get("text", "") for part in content)
            found.append({**message, "content": content if self.sees else joined})
        return found, tuple(pictures)


def need(packages: Sequence[str], what: str, remedy: str) -> None:
    """Raises UsageError with the remedy when a package is missing; loads none of them."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(f"{what} needs {' and '.join(missing)}, not installed here: {remedy}")


def one_line(error: BaseException) -> str:
    """The first line of what an error of a library says."""
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
