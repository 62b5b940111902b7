"""A package's environments for verifiers 0.4: a task set, a harness that asks once, and where both run by default.

Imported by the module `taskset` of a package, and only where verifiers is installed. verifiers finds the classes by
the package's name (`vf-eval NAME`) and its `__all__`; each package has its own, since they know its library.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, ClassVar

import verifiers.v1 as vf  # type: ignore[import-not-found, unused-ignore]
from openai import AsyncOpenAI
from pydantic import Field
from verifiers.v1.dialects.chat import (  # type: ignore[import-not-found, unused-ignore]
    message_to_wire,
)

from envforge.contract import answer_line, extract_answer
from envforge.errors import UsageError
from envforge.export.package.keys import Key
from envforge.export.package.library import Library
from envforge.messages import content_of
from envforge.pixels import WIDTH


class LibraryData(vf.TaskData):  # type: ignore[misc, unused-ignore]
    """One instance: what names it, and its reference answer."""

    environment: str
    seed: int
    difficulty: int
    answer: str


class LibraryTask(vf.Task[LibraryData]):  # type: ignore[misc, unused-ignore]
    """Rewards from the environment's own scorer in the sandbox. What fails there, ours or the program's, raises: it
    is an error of the rollout, and no reward."""

    library: ClassVar[Library]

    @property
    def key(self) -> str:
        """What names the instance for ever; the hash of the data would depend on its place in the task set."""
        return str(self.data.id)

    @vf.reward(weight=1.0)  # type: ignore[untyped-decorator, unused-ignore]
    async def correct(self, trace: vf.Trace) -> float:
        """The score of what stands between the last `<answer>` and `</answer>`, 0 to 1."""
        return await self._score(trace.last_reply)

    @vf.metric  # type: ignore[untyped-decorator, unused-ignore]
    async def answered(self, trace: vf.Trace) -> float:
        """Whether the reply has an answer in the form that was asked for."""
        return float(extract_answer(trace.last_reply) is not None)

    async def validate(self, runtime: vf.Runtime) -> bool:
        """Whether the reference is right."""
        return await self._score(f"<answer>{self.data.answer}</answer>") == 1.0

    async def _score(self, response: str) -> float:
        key = Key(self.data.environment, self.data.seed, self.data.difficulty)
        (score,) = await asyncio.to_thread(self.library.score_responses, [key], [response])
        return score


class LibraryConfig(vf.TasksetConfig):  # type: ignore[misc, unused-ignore]
    """Which instances: the arguments of `create_dataset`."""

    environments: list[str] = Field(default_factory=list)
    """Names or ids; none stands for all, in turn."""
    size: int = 100
    """How many tasks."""
    seed: int = 0
    """Another one gives other instances."""
    difficulty: int | None = None
    """One level; without it all levels take turns."""
    width: int = WIDTH
    """Of pictures, in pixels."""


class LibraryTaskset(vf.Taskset[LibraryTask, LibraryConfig]):  # type: ignore[misc, unused-ignore]
    """The tasks, made in batches while they are read."""

    task: ClassVar[type[LibraryTask]]

    def load(self) -> Iterator[LibraryTask]:
        """The tasks in order. A picture comes before the words, as a data URL."""
        config = self.config
        data = self.task.library.create_dataset(
            config.environments or None, config.size, config.seed, config.difficulty, width=config.width
        )
        for item in data:
            metadata = item["metadata"]
            content = content_of(f"{item['question']}\n\n{answer_line()}", metadata.get("picture"))
            yield self.task(
                LibraryData(
                    id="/".join((metadata["id"], str(metadata["difficulty"]), str(metadata["seed"]))),
                    name=f"{metadata['source_dataset']}#{metadata['source_index']}",
                    prompt=content if isinstance(content, str) else [vf.UserMessage(content=content)],
                    environment=metadata["id"],
                    seed=metadata["seed"],
                    difficulty=metadata["difficulty"],
                    answer=item["answer"],
                ),
                config.task,
            )

    @classmethod
    def task_type(cls) -> type[LibraryTask]:
        """The package's own class."""
        return cls.task


class AskOnceConfig(vf.HarnessConfig):  # type: ignore[misc, unused-ignore]
    """No options but those of every harness."""


class AskOnce(vf.Harness[AskOnceConfig]):  # type: ignore[misc, unused-ignore]
    """One question, one reply, asked from this process: nothing is installed or started for it."""

    APPENDS_SYSTEM_PROMPT = True
    SUPPORTS_RESUME = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self,
        ctx: vf.ModelContext,
        trace: vf.Trace,
        runtime: vf.Runtime,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: vf.TaskData,
    ) -> vf.ProgramResult:
        """Send the prompt as chat messages to `endpoint`, which records the reply."""
        system, prompt = self.resolve_prompt(data)
        messages: list[Any] = [{"role": "system", "content": system}] if system else []
        if isinstance(prompt, str):
            messages.append({"role": "user", "content": prompt})
        else:
            messages += [message_to_wire(message) for message in prompt or []]
        # verifiers retries what failed; a second request from here would be a second turn.
        async with AsyncOpenAI(base_url=endpoint, api_key=secret, max_retries=0, timeout=None) as client:
            await client.chat.completions.create(model=ctx.model, messages=messages)
        return vf.ProgramResult(exit_code=0, stdout="", stderr="")


class LibraryEnvConfig(vf.SingleAgentEnvConfig):  # type: ignore[misc, unused-ignore]
    """The one seat runs on this machine unless told otherwise: it only asks."""

    agent: vf.AgentConfig = vf.AgentConfig(runtime=vf.SubprocessConfig())


class LibraryEnv(vf.SingleAgentEnv, vf.Env[LibraryEnvConfig]):  # type: ignore[misc, unused-ignore]
    """One agent, one task, one trace."""


def environment(module: str, options: dict[str, Any]) -> Any:
    """The environment of the package `module`. Raises UsageError for options that its task set does not have."""
    known = set(LibraryConfig.model_fields)
    unknown = [name for name in options if name not in known]
    if unknown:
        raise UsageError(
            f"load_environment() has no option '{unknown[0]}': it has {', '.join(sorted(known))}"
        )
    return vf.load_environment(vf.resolve_env_config({"taskset": {"id": module, **options}}))
