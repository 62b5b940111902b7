"""Policies: what answers a list of chat messages with text. Each lives in a module of its own and is imported only
where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from envforge.errors import ProposerError

Message = Mapping[str, str]  # {"role": "system" | "user" | "assistant", "content": text}


@dataclass(frozen=True, slots=True)
class Completion:
    """One reply. Token counts are the server's own, None where it does not tell."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: str | None = None  # "stop", "length" (cut off) or what the server says


class PolicyError(ProposerError):
    """A request that failed for good. `fatal` means that the next one would fail in the same way."""

    def __init__(self, message: str, fatal: bool = False) -> None:
        super().__init__(message)
        self.fatal = fatal


class Policy(Protocol):
    """A source of completions. Safe to call from several threads at once."""

    name: str

    def complete(self, messages: Sequence[Message]) -> Completion:
        """One completion. Raises PolicyError, and nothing else, when there is none."""

    def close(self) -> None:
        """Let go of connections. No call may follow."""
