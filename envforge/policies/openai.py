"""Completions from any server that speaks the OpenAI protocol, vLLM's and llama.cpp's included."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from envforge.contract import derive_seed
from envforge.messages import clean, pictures_of, with_texts_cleaned
from envforge.policies import Blind, Completion, PolicyError, Request
from envforge.policies.settings import Refused, Settings

API_KEYS = ("ENVFORGE_API_KEY", "OPENAI_API_KEY")  # environment variables, the first that is set wins
TIMEOUT = "ENVFORGE_TIMEOUT"  # environment variable: seconds per request
DEFAULT_TIMEOUT = 600.0  # a long chain of thought on a busy server takes minutes
MAX_RETRIES = (
    6  # of 408, 409, 429, 5xx and broken connections; the SDK waits 0.5 to 8 s, or as Retry-After says
)
MAX_CONNECTIONS = 10_000  # the most that [policy] concurrency allows; each is opened when it is needed
_GREETING_TIMEOUT = 15.0
_CONNECT_TIMEOUT = 30.0  # a machine that is there takes a connection at once, however long it then thinks
_MAX_DETAIL = 2000  # characters of a server's explanation that are looked at
# What servers say that do not take pictures: there is no field in the protocol that tells beforehand.
_NO_PICTURES = re.compile(
    r"image|picture|vision|multi-?modal|mmproj|content part|(be|expected) a (valid )?string", re.I
)
_LOG = logging.getLogger(__name__)


class OpenAIPolicy:
    """One model of one server.

    What a server refuses to be told (some a temperature, some a seed) is left out from then on and said once.
    Exact re-runs come from recordings, not from seeds.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        timeout: float | None = None,
        max_retries: int = MAX_RETRIES,
        environ: Mapping[str, str] = os.environ,
        logprobs: bool = False,
        say: Callable[[str], None] = _LOG.warning,
    ) -> None:
        """`timeout` in seconds; `logprobs`: ask for the log-probability of each token, which makes replies large."""
        self.name = f"openai:{base_url}#{model}"
        self._url, self._model = base_url, model
        self._key = next((environ[name] for name in API_KEYS if environ.get(name)), "none")
        self._timeout = timeout if timeout is not None else _timeout_from(environ)
        self._retries = max_retries
        self._settings = Settings(f"the server at {base_url}", say, logprobs)
        self._connecting = threading.Lock()
        self._client: Any = None
        self._refusals: list[PolicyError] = []  # greetings that failed
        self._listed: Any = None  # what /models said; None: it has not answered, () for nothing usable
        self._version: str | None = None

    @property
    def version(self) -> str:
        """The model's name without the address: the same model at another port is the same policy.

        Where the list of models tells what is served under that name (vLLM: `root`), that too. Raises PolicyError.
        """
        client = self._connected()
        with self._connecting:
            if self._listed is None:
                self._listed = self._list(client)
            if self._version is None:
                root = _root(self._listed, self._model)
                self._version = f"openai:{self._model} ({root})" if root else f"openai:{self._model}"
            return self._version

    def complete(self, request: Request) -> list[Completion]:
        """`request.n` completions, retried by the SDK while that makes sense. Raises PolicyError.

        A server that sends fewer than asked for is asked again for the rest.
        """
        client = self._connected()
        messages = [with_texts_cleaned(message) for message in request.messages]
        completions: list[Completion] = []
        while (missing := request.n - len(completions)) > 0:
            seed = request.sampling.seed
            if completions and seed is not None:  # the same seed would bring the same replies
                seed = derive_seed("again", seed, len(completions))
            completions += self._read(self._ask(client, messages, request, missing, seed), missing)
        return completions

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _ask(self, client: Any, messages: Any, request: Request, n: int, seed: int | None) -> Any:
        """One reply. Settings that the server refuses by name are left out, and the rest is asked again."""
        import openai

        settings = self._settings.of(request.sampling, n, seed)
        while True:
            try:
                return client.chat.completions.create(model=self._model, messages=messages, **settings)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                self._check_sight(request, error)
                try:
                    settings = self._settings.without_refused(settings, _detail(error), error.param)
                except Refused:
                    raise self._translated(error) from error
            except openai.OpenAIError as error:
                if isinstance(error, openai.InternalServerError):
                    self._check_sight(request, error)
                raise self._translated(error) from error
            except (
                ValueError,
                RecursionError,
            ) as error:  # JSON that does not parse, though it says it is JSON
                raise PolicyError(f"the server at {self._url} sent something other than JSON") from error

    def _check_sight(self, request: Request, error: Any) -> None:
        """Raise Blind when the server says that it is the picture which it does not take."""
        detail = _detail(error)
        if _NO_PICTURES.search(detail) and pictures_of(request.messages):
            raise Blind(
                f"the server at {self._url} takes no picture for {self._model}, and the question holds one "
                f"({detail[:200]}): name a model that sees"
            ) from error

    def _connected(self) -> Any:
        """The client, after one cheap request that shows whether there is a server that takes the key.

        Without it a wrong address would show only after all retries of a whole batch.
        """
        import openai

        refused = len(self._refusals)
        with self._connecting:
            if self._client is None:
                if len(self._refusals) > refused:  # while this thread waited to greet it too
                    raise PolicyError(str(self._refusals[-1]), fatal=True)
                limits = type(openai.DEFAULT_CONNECTION_LIMITS)(
                    max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS
                )
                client = openai.OpenAI(
                    base_url=self._url,
                    api_key=self._key,
                    timeout=openai.Timeout(self._timeout, connect=min(self._timeout, _CONNECT_TIMEOUT)),
                    max_retries=self._retries,
                    http_client=openai.DefaultHttpxClient(limits=limits),
                )
                quick = client.with_options(max_retries=1, timeout=min(self._timeout, _GREETING_TIMEOUT))
                try:
                    self._listed = quick.get("/models", cast_to=object)
                except (openai.APIConnectionError, openai.AuthenticationError) as error:
                    if not isinstance(error, openai.APITimeoutError) or _unconnected(error):
                        client.close()
                        refusal = PolicyError(str(self._translated(error)), fatal=True)
                        self._refusals.append(refusal)
                        raise refusal from error
                    # else slow, but there
                except (openai.InternalServerError, openai.RateLimitError):
                    pass  # busy
                except (openai.OpenAIError, ValueError, RecursionError):
                    self._listed = ()  # not every server lists its models
                self._client = client
            return self._client

    def _list(self, client: Any) -> Any:
        """The list of models, where the greeting found the server busy: no version may depend on that."""
        import openai

        try:
            return client.get("/models", cast_to=object)
        except (openai.InternalServerError, openai.RateLimitError, openai.APIConnectionError) as error:
            raise self._translated(error) from error
        except (openai.OpenAIError, ValueError, RecursionError):
            return ()

    def _read(self, reply: Any, wanted: int) -> list[Completion]:
        # The SDK checks nothing: a server may send any JSON, or a page of HTML that arrives as a string.
        choices = getattr(reply, "choices", None)
        choices = choices if isinstance(choices, list) else []
        read = [c for c in choices if getattr(c, "message", None) is not None][:wanted]
        if not read:
            raise PolicyError(f"the reply of {self._url} holds no message")
        usage = getattr(reply, "usage", None)
        prompt, written = (
            _count(getattr(usage, f"{part}_tokens", None)) for part in ("prompt", "completion")
        )
        completions = []
        for index, choice in enumerate(read):
            text, finish = getattr(choice.message, "content", None), getattr(choice, "finish_reason", None)
            completions.append(
                Completion(
                    clean(text) if isinstance(text, str) else "",
                    # One prompt was read for all, and the server tells the sum of what was written.
                    prompt if index == 0 or prompt is None else 0,
                    written if written is None else (written + index) // len(read),
                    finish if isinstance(finish, str) else None,
                    _logprobs(choice),
                )
            )
        return completions

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
            case openai.APITimeoutError() if not _unconnected(error):
                return PolicyError(f"the server at {self._url} did not answer within {self._timeout:g} s")
            case openai.APIConnectionError():
                cause = f": {error.__cause__}" if error.__cause__ else ""
                return PolicyError(f"the server at {self._url} cannot be reached{cause}")
            case openai.APIStatusError():
                return PolicyError(
                    f"the server at {self._url} answered {error.status_code}: {_detail(error)[:200]}",
                    fatal=error.code == "insufficient_quota",  # a 429 that no waiting cures
                )
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


def _unconnected(error: Exception) -> bool:
    """Whether a request timed out before there was a connection."""
    return type(error.__cause__).__name__ == "ConnectTimeout"


def _detail(error: Any) -> str:
    """What the server said about it, on one line of moderate length."""
    message = error.body.get("message") if isinstance(error.body, dict) else None
    text = message if isinstance(message, str) else error.response.text
    return " ".join(clean(text[:_MAX_DETAIL]).split())


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _root(listed: Any, model: str) -> str | None:
    """What the list of models says is behind `model`, where that is another name."""
    data = listed.get("data") if isinstance(listed, dict) else None
    for entry in data if isinstance(data, list) else ():
        if isinstance(entry, dict) and entry.get("id") == model:
            root = entry.get("root")
            return clean(root) if isinstance(root, str) and root not in ("", model) else None
    return None


def _logprobs(choice: Any) -> tuple[float, ...] | None:
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    if not isinstance(content, list):
        return None
    values = [getattr(token, "logprob", None) for token in content]
    numbers = tuple(float(value) for value in values if isinstance(value, int | float))
    return numbers if len(numbers) == len(values) else None
