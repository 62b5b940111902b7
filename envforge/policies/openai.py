"""Completions from any server that speaks the OpenAI protocol, vLLM's and llama.cpp's included."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from envforge.policies import Completion, Message, PolicyError

API_KEYS = ("ENVFORGE_API_KEY", "OPENAI_API_KEY")  # environment variables, the first that is set wins
TIMEOUT = "ENVFORGE_TIMEOUT"  # environment variable: seconds per request
DEFAULT_TIMEOUT = 600.0  # a long chain of thought on a busy server takes minutes
MAX_RETRIES = 6  # of 408, 409, 429, 5xx and broken connections; the SDK waits 0.5 to 8 s between them
_GREETING_TIMEOUT = 15.0


class OpenAIPolicy:
    """One model of one server.

    Sampling parameters are left to the server: some models refuse a temperature, some servers a seed. Exact
    re-runs come from recordings, not from seeds.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        timeout: float | None = None,
        max_retries: int = MAX_RETRIES,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.name = f"openai:{base_url}#{model}"
        self._url, self._model = base_url, model
        self._key = next((environ[name] for name in API_KEYS if environ.get(name)), "none")
        self._timeout = timeout if timeout is not None else _timeout_from(environ)
        self._retries = max_retries
        self._connecting = threading.Lock()
        self._client: Any = None

    def complete(self, messages: Sequence[Message]) -> Completion:
        """One completion, retried by the SDK while that makes sense. Raises PolicyError."""
        import openai

        client = self._connected()
        try:
            reply = client.chat.completions.create(model=self._model, messages=[dict(m) for m in messages])
        except openai.OpenAIError as error:
            raise self._translated(error) from error
        except ValueError as error:  # JSON that does not parse, in a reply that says it is JSON
            raise PolicyError(f"the server at {self._url} sent something other than JSON") from error
        return self._read(reply)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _connected(self) -> Any:
        """The client, after one cheap request that shows whether there is a server that takes the key.

        Without it a wrong address would show only after all retries of a whole batch.
        """
        import openai

        with self._connecting:
            if self._client is None:
                client = openai.OpenAI(
                    base_url=self._url, api_key=self._key, timeout=self._timeout, max_retries=self._retries
                )
                quick = client.with_options(max_retries=1, timeout=min(self._timeout, _GREETING_TIMEOUT))
                try:
                    quick.models.list()
                except openai.APITimeoutError:
                    pass  # slow, but there
                except (openai.APIConnectionError, openai.AuthenticationError) as error:
                    client.close()
                    raise PolicyError(str(self._translated(error)), fatal=True) from error
                except (openai.OpenAIError, ValueError):
                    pass  # not every server lists its models
                self._client = client
            return self._client

    def _read(self, reply: Any) -> Completion:
        # The SDK checks nothing: a server may send any JSON, or a page of HTML that arrives as a string.
        choices = getattr(reply, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = getattr(choice, "message", None)
        if message is None:
            raise PolicyError(f"the reply of {self._url} holds no message")
        text, usage = getattr(message, "content", None), getattr(reply, "usage", None)
        finish = getattr(choice, "finish_reason", None)
        return Completion(
            # A lone surrogate could be neither stored nor shown.
            text.encode("utf-8", "replace").decode() if isinstance(text, str) else "",
            _count(getattr(usage, "prompt_tokens", None)),
            _count(getattr(usage, "completion_tokens", None)),
            finish if isinstance(finish, str) else None,
        )

    def _translated(self, error: Exception) -> PolicyError:
        import openai

        match error:
            case openai.AuthenticationError():
                hint = f"set {' or '.join(API_KEYS)} to a key that it accepts"
                return PolicyError(f"the server at {self._url} refused the API key (401): {hint}", fatal=True)
            case openai.PermissionDeniedError():
                return PolicyError(
                    f"the server at {self._url} denied access to {self._model} (403)", fatal=True
                )
            case openai.NotFoundError():
                what = f"has no model '{self._model}' or is not an OpenAI-compatible address (404)"
                return PolicyError(f"the server at {self._url} {what}", fatal=True)
            case openai.APITimeoutError():
                return PolicyError(f"the server at {self._url} did not answer within {self._timeout:g} s")
            case openai.APIConnectionError():
                cause = f": {error.__cause__}" if error.__cause__ else ""
                return PolicyError(f"the server at {self._url} cannot be reached{cause}")
            case openai.APIStatusError():
                detail = " ".join(error.message.split())[:200]
                return PolicyError(f"the server at {self._url} answered {error.status_code}: {detail}")
            case _:
                return PolicyError(f"the request to {self._url} failed: {error}")


def _timeout_from(environ: Mapping[str, str]) -> float:
    text = environ.get(TIMEOUT, "")
    try:
        seconds = float(text) if text else DEFAULT_TIMEOUT
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise PolicyError(f"{TIMEOUT} must be a number of seconds, not '{text}'", fatal=True)
    return seconds


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
