"""Policies: what answers chat messages with text. The table of their kinds is `policies.kinds`; each lives in a
module of its own and is imported only where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from envforge.errors import ProposerError

# {"role": "system" | "user" | "assistant", "content": text, or parts with pictures as `envforge.messages` makes them}
Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How replies are drawn. None leaves a setting to the backend, whose default it then is."""

    temperature: float | None = None  # 0: the likeliest token each time
    top_p: float | None = None
    max_tokens: int | None = None  # of a completion, its thinking included
    seed: int | None = None  # 0 to 2**63 - 1; completion i of n draws from a stream derived from (seed, i)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked of a policy.

    `key` says what it is for, as in "propose/12" or "review/0f1e2d3c4b5a6978/2": unique within a run, and what a
    recording is searched by. `n` completions of the same messages are drawn independently.
    """

    key: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    n: int = 1


@dataclass(frozen=True, slots=True)
class Completion:
    """One reply. Token counts are the backend's own, None where it does not tell."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: str | None = None  # "stop", "length" (cut off) or what the backend says
    logprobs: tuple[float, ...] | None = None  # natural log-probability of each token drawn, where known

    @property
    def tokens(self) -> int:
        """What it cost, in tokens; 0 where the backend does not tell."""
        return (self.prompt_tokens or 0) + (self.completion_tokens or 0)


class PolicyError(ProposerError):
    """A request that failed for good. `fatal` means that the next one would fail in the same way."""

    def __init__(self, message: str, fatal: bool = False) -> None:
        super().__init__(message)
        self.fatal = fatal


class Blind(PolicyError):
    """The policy reads text alone, and was shown a picture. Its other requests may well be answered."""

    exit_code = 2


class NoReply(PolicyError):
    """A recording has no reply to this request: what is replayed ends here."""


class Policy(Protocol):
    """A source of completions. Safe to call from several threads at once; `name` is the spec that makes it."""

    name: str

    @property
    def version(self) -> str:
        """Which weights answer, as the registry records it: calibrations belong to (environment, version).

        Asking may load the model or connect to the server. Raises PolicyError.
        """

    def complete(self, request: Request) -> list[Completion]:
        """`request.n` completions. Raises PolicyError, and nothing else, when they cannot be had."""

    def close(self) -> None:
        """Let go of models and connections. No call may follow."""
