"""What a policy said, kept and said again: a policy that writes its replies down, and one that repeats them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envforge.errors import ProposerError
from envforge.messages import without_pictures
from envforge.policies import Completion, NoReply, Policy, PolicyError, Request
from envforge.policies.recording import Recorder, read_records


class RecordingPolicy:
    """Another policy, with every reply and every error written down before it is handed on."""

    def __init__(self, inner: Policy, path: Path) -> None:
        """Raises ProposerError for a file that cannot be recorded to."""
        self.name = inner.name
        self._inner = inner
        self._recorder = Recorder(path, "key")

    @property
    def version(self) -> str:
        """That of the policy behind it."""
        return self._inner.version

    def complete(self, request: Request) -> list[Completion]:
        """The inner policy's completions. Raises PolicyError, also when they cannot be written down."""
        try:
            completions = self._inner.complete(request)
        except NoReply:
            raise  # nothing was said
        except PolicyError as error:
            self._write(request, [], error)
            raise
        self._write(request, completions, None)
        return completions

    def close(self) -> None:
        self._recorder.close()
        self._inner.close()

    def _write(self, request: Request, completions: list[Completion], error: PolicyError | None) -> None:
        record = to_record(request, self._known_version(error), completions, error)
        try:
            self._recorder.append(record)
        except ProposerError as problem:  # the next one would not be written either
            raise PolicyError(str(problem), fatal=True) from problem

    def _known_version(self, error: PolicyError | None) -> str | None:
        """The version, or None where even that cannot be had because the policy is out of order."""
        try:
            return self.version
        except PolicyError:
            if error is None:
                raise
            return None


class ReplayPolicy:
    """The replies of a recording, searched by key; where a key was recorded twice, the later one.

    Messages and sampling are not compared: a recording made with other prompts still answers.
    """

    def __init__(self, path: Path) -> None:
        """Raises ProposerError for a file that cannot be read or holds something else."""
        self.name = f"replay:{path}"
        self.version = f"replay:{path.name}"  # of a recording that does not tell
        self._replies: dict[str, list[Completion] | PolicyError] = {}
        for number, record in read_records(path):
            key, version, reply = _read(path, number, record)
            self._replies[key] = reply
            self.version = version or self.version

    def complete(self, request: Request) -> list[Completion]:
        """The first `request.n` completions recorded. Raises NoReply where there are none or not so many."""
        reply = self._replies.get(request.key)
        if reply is None:
            raise NoReply(f"{self.name} holds no reply to {request.key}")
        if isinstance(reply, PolicyError):
            raise PolicyError(str(reply), reply.fatal)  # a new one: several threads may raise it
        if len(reply) < request.n:
            raise NoReply(f"{self.name} holds {len(reply)} of the {request.n} completions of {request.key}")
        return reply[: request.n]

    def close(self) -> None:
        """Holds nothing open."""


def to_record(
    request: Request, version: str | None, completions: list[Completion], error: PolicyError | None
) -> dict[str, Any]:
    """One line of a recording; "key" has to come first. Pictures go in by their hash: instances make them again."""
    record: dict[str, Any] = {
        "key": request.key,
        "policy": version,
        "messages": [without_pictures(message) for message in request.messages],
        "completions": [_completion(completion) for completion in completions],
        "error": None if error is None else str(error),
    }
    return record | ({"fatal": True} if error is not None and error.fatal else {})


def _completion(completion: Completion) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "text": completion.text,
        "prompt_tokens": completion.prompt_tokens,
        "completion_tokens": completion.completion_tokens,
        "finish_reason": completion.finish_reason,
    }
    return fields | ({} if completion.logprobs is None else {"logprobs": list(completion.logprobs)})


def _read(
    path: Path, number: int, record: dict[str, Any]
) -> tuple[str, str | None, list[Completion] | PolicyError]:
    """Key, version and reply of one line. Keys that are not known are notes, and passed over."""

    def field(holder: dict[str, Any], name: str, *kinds: type, default: Any = None) -> Any:
        value = holder.get(name, default)
        if type(value) not in kinds:
            raise ProposerError(f"{path}, line {number}: '{name}' is missing or of the wrong type")
        return value

    none = type(None)
    key, version = field(record, "key", str), field(record, "policy", str, none)
    error = field(record, "error", str, none)
    if error is not None:
        return key, version, PolicyError(error, field(record, "fatal", bool, default=False))
    completions = []
    for item in field(record, "completions", list):
        if not isinstance(item, dict):
            raise ProposerError(f"{path}, line {number}: 'completions' holds something other than objects")
        logprobs = field(item, "logprobs", list, none)
        if logprobs is not None and not all(type(value) in (int, float) for value in logprobs):
            raise ProposerError(f"{path}, line {number}: 'logprobs' holds something other than numbers")
        completions.append(
            Completion(
                field(item, "text", str),
                field(item, "prompt_tokens", int, none),
                field(item, "completion_tokens", int, none),
                field(item, "finish_reason", str, none),
                None if logprobs is None else tuple(map(float, logprobs)),
            )
        )
    if not completions:
        raise ProposerError(f"{path}, line {number}: neither completions nor an error")
    return key, version, completions
