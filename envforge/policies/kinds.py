"""The kinds of policies, in one table. Each is imported when it is asked for."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from envforge.errors import UsageError
from envforge.policies import Completion, Policy, Request

_LOG = logging.getLogger(__name__)

Say = Callable[[str], None]  # takes one sentence that the user should see


@dataclass(frozen=True, slots=True)
class Options:
    """What is given beside the spec."""

    version: str | None
    say: Say


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of policy: the form of its spec, what it is, and how to make one from what follows the colon."""

    form: str
    help: str
    make: Callable[[str, Options], Policy]


def make_policy(spec: str, *, version: str | None = None, say: Say = _LOG.warning) -> Policy:
    """The policy that `spec` names. No model is loaded and no server asked before the first request.

    `version` replaces what the backend tells of its weights: a server cannot say that they have moved. `say` gets
    a sentence when a server turns out to refuse a setting. Raises UsageError for a spec that names no policy,
    ProposerError for a recording that cannot be used.
    """
    if version is not None and not version.strip():
        raise UsageError("the version of a policy cannot be empty: give a name such as 'step-400'")
    name, colon, rest = spec.partition(":")
    kind = KINDS.get(name)
    if kind is None or bool(colon) != (":" in kind.form):
        raise UsageError(f"there is no policy '{spec}'{_nearest(name)}; valid are {_forms()}")
    if colon and not rest:
        raise UsageError(f"'{spec}' is incomplete: the form is {kind.form}")
    policy = kind.make(rest, Options(version, say))
    return policy if version is None else _Pinned(policy, version)


class _Pinned:
    """A policy whose version its user knows better."""

    def __init__(self, inner: Policy, version: str) -> None:
        self.name, self.version = inner.name, version
        self._inner = inner

    def complete(self, request: Request) -> list[Completion]:
        return self._inner.complete(request)

    def close(self) -> None:
        self._inner.close()


def _make_openai(rest: str, options: Options) -> Policy:
    url, _, model = rest.partition("#")
    if not url.startswith(("http://", "https://")) or not _has_host(url) or not model:
        raise UsageError(
            f"'openai:{rest}' lacks an address or a model: the form is {KINDS['openai'].form}, "
            "for example openai:http://localhost:8000/v1#Qwen/Qwen3-4B"
        )
    from envforge.policies.openai import OpenAIPolicy

    return OpenAIPolicy(url, model, say=options.say)


def _make_transformers(rest: str, _: Options) -> Policy:
    from envforge.policies.local import TransformersPolicy

    return TransformersPolicy(rest, f"transformers:{rest}")


def _make_vllm(rest: str, _: Options) -> Policy:
    from envforge.policies.vllm import VllmPolicy

    return VllmPolicy(rest, f"vllm:{rest}")


def _make_smollm2(_: str, options: Options) -> Policy:
    from envforge.policies.smollm2 import smollm2_policy

    return smollm2_policy(options.say)


def _make_replay(rest: str, _: Options) -> Policy:
    from envforge.policies.replay import ReplayPolicy

    return ReplayPolicy(Path(rest))


def _make_record(rest: str, options: Options) -> Policy:
    file, comma, spec = rest.partition(",")
    if not file or not comma or not spec:
        raise UsageError(
            f"'record:{rest}' lacks a file or a policy: the form is {KINDS['record'].form}, "
            "for example record:said.jsonl,openai:http://localhost:8000/v1#Qwen/Qwen3-4B"
        )
    name, _, replayed = spec.partition(":")
    if name == "record":
        raise UsageError(f"'record:{rest}' would record a recording: name one file to record to")
    from envforge.policies.recording import same_file
    from envforge.policies.replay import RecordingPolicy

    if name == "replay" and same_file(Path(replayed), Path(file)):
        raise UsageError(
            f"{file} cannot be replayed and recorded to at once: choose another file to record to"
        )
    return RecordingPolicy(make_policy(spec, version=options.version, say=options.say), Path(file))


KINDS: dict[str, Kind] = {
    "openai": Kind(
        "openai:BASE_URL#MODEL", "a server that speaks the OpenAI protocol, vLLM's for one", _make_openai
    ),
    "transformers": Kind(
        "transformers:PATH_OR_ID", "a model run here by transformers, on GPU or CPU", _make_transformers
    ),
    "vllm": Kind("vllm:PATH_OR_ID", "a model run here by a vLLM engine (extra 'vllm')", _make_vllm),
    "smollm2": Kind("smollm2", "SmolLM2-135M, a small model from PyPI (extra 'demo')", _make_smollm2),
    "replay": Kind("replay:FILE.jsonl", "the replies of a recording", _make_replay),
    "record": Kind("record:FILE.jsonl,SPEC", "any other one, its replies written down", _make_record),
}


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, KINDS, 1, 0.5)
    return f", did you mean '{KINDS[near[0]].form}'?" if near else ""


def _forms() -> str:
    forms = [f"'{kind.form}'" for kind in KINDS.values()]
    return f"{', '.join(forms[:-1])} and {forms[-1]}"
