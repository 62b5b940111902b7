"""The settings of a chat request, and what a server has refused to be told."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from envforge.policies import Sampling

# Servers differ in which of these they take. A value of these two may be refused while another one is taken: some
# models take a temperature of 1 only.
BY_VALUE = ("temperature", "top_p")
TOKENS = (
    "max_tokens",
    "max_completion_tokens",
)  # what vLLM, llama.cpp and most say; what OpenAI's reasoners want
_TOO_LARGE = re.compile(
    r"context length|context window|too large|too long|exceed|at most|less than|greater", re.I
)


class Refused(Exception):
    """The server refused the request for another reason than one of its settings."""


class Settings:
    """Which settings go out with a request to one server; safe from any thread."""

    def __init__(self, server: str, say: Callable[[str], None], logprobs: bool) -> None:
        self._server, self._say, self._logprobs = server, say, logprobs
        self._lock = threading.Lock()
        self._refused: set[tuple[str, object]] = set()  # (name, value), value None: whatever it is
        self._said: set[object] = set()

    def of(self, sampling: Sampling, n: int, seed: int | None) -> dict[str, Any]:
        """The settings for one request, less what the server has refused before."""
        wanted = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "seed": seed,
            "n": n if n > 1 else None,
            "logprobs": self._logprobs or None,
        }
        with self._lock:
            settings = {name: value for name, value in wanted.items() if value is not None}
            if "max_tokens" in settings and self._known("max_tokens", None):
                settings["max_completion_tokens"] = settings["max_tokens"]
            return {name: value for name, value in settings.items() if not self._known(name, value)}

    def without_refused(self, settings: dict[str, Any], detail: str, param: object) -> dict[str, Any]:
        """`settings` for another try after the server refused them with `detail`, a sentence of its own.

        Raises Refused when that names none of them: then the request itself is at fault. Never returns the same
        settings, so trying again comes to an end.
        """
        tokens = next((name for name in TOKENS if name in settings), None)
        if (
            tokens
            and _TOO_LARGE.search(detail)
            and (_names(detail, param, tokens) or "context" in detail.lower())
        ):
            # The limit does not fit beside this prompt; it may beside the next. Left out, the context is the limit.
            self._tell(
                "too large",
                f"{self._server} finds the prompt and {settings[tokens]} tokens too long for its context: "
                "such requests go out without a limit",
            )
            return {name: value for name, value in settings.items() if name != tokens}
        name = next((name for name in settings if _names(detail, param, name)), None)
        if name is None:
            raise Refused
        value = settings[name] if name in BY_VALUE else None
        with self._lock:
            self._refused.add((name, value))
        left = {key: kept for key, kept in settings.items() if key != name}
        if name == "max_tokens":
            left["max_completion_tokens"] = settings[name]
        elif name != "n":  # the rest of n is asked for one by one: nothing is lost
            what = f"{name} {value:g}" if value is not None else name
            self._tell((name, value), f"{self._server} refuses {what}: it is left out from now on")
        return left

    def _known(self, name: str, value: object) -> bool:
        return (name, None) in self._refused or (name, value) in self._refused

    def _tell(self, subject: object, sentence: str) -> None:
        with self._lock:
            if subject in self._said:
                return
            self._said.add(subject)
        self._say(sentence)


def _names(detail: str, param: object, name: str) -> bool:
    """Whether a refusal speaks of the setting `name`."""
    if isinstance(param, str) and param:
        return param == name or name in param.split(".")
    if name == "n":  # a letter: only where it stands as a name
        return bool(re.search(r"""['"`]n['"`]|\bn *(=|>|must|should|is\b)""", detail))
    return bool(re.search(rf"\b{name}\b", detail))
