"""The proposer that asks a model for programs: EvoEnv's generator role, without the learning."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from envforge.contract import LibraryEntry, Proposal, derive_seed
from envforge.errors import ProposerError
from envforge.policies import Completion, Message, Policy, PolicyError
from envforge.proposers.extraction import extract_program

CONCURRENT = 8  # requests at once
GIVE_UP_AFTER = 2 * CONCURRENT  # failures in a row, each after all its retries, before the run is stopped
MAX_TITLES = 120  # of the library, named in a request
MAX_EXEMPLAR_CHARACTERS = 10_000
FEASIBILITY_SHARE = 0.4  # of the requests; seeds have the same


class ModelProposer:
    """One request per proposal: the contract, a few exemplars, what exists already, a theme to draw on.

    What is asked is deterministic in (library, indices, seed); what comes back is the server's affair.
    """

    def __init__(self, policy: Policy, *, seed: int, exemplars: int) -> None:
        self.name = policy.name
        self._policy = policy
        self._seed = seed
        self._exemplars = exemplars
        self._answered = 0
        self._failed_in_a_row = 0

    def propose(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> Iterator[Proposal]:
        """One proposal per index, in order, as the replies come.

        A request that fails becomes a proposal with a problem. Raises ProposerError when the next one would
        fail too: no server, a refused key, not one success in the first batch, or too many failures in a row.
        """
        asked = [self._ask(library, index) for index in indices]
        held: list[Proposal] = []  # failures before the first success ever
        with _Requests(self._policy, [messages for _, _, messages in asked]) as replies:
            for index, (operation, parents, messages), reply in zip(indices, asked, replies):
                proposal = self._proposal(index, operation, parents, messages, reply)
                held.append(proposal)
                if self._answered:
                    yield from held
                    held = []
        if held:
            raise ProposerError(f"every request failed, the first one because {held[0].problem}")

    def close(self) -> None:
        self._policy.close()

    def _proposal(
        self,
        index: int,
        operation: str,
        parents: tuple[str, ...],
        messages: list[Message],
        reply: Future[Completion],
    ) -> Proposal:
        transcript: dict[str, Any] = {"messages": messages, "completion": None, "usage": None}
        try:
            completion = reply.result()
        except PolicyError as error:
            self._failed_in_a_row += 1
            if error.fatal:
                raise
            if self._answered and self._failed_in_a_row >= GIVE_UP_AFTER:
                raise ProposerError(
                    f"the last {GIVE_UP_AFTER} requests failed, this one because {error}"
                ) from error
            return Proposal(index, self.name, operation, None, parents, transcript, str(error))
        self._answered += 1
        self._failed_in_a_row = 0
        source, problem = extract_program(completion.text, completion.finish_reason)
        transcript["completion"] = completion.text
        transcript["usage"] = {
            "prompt_tokens": completion.prompt_tokens,
            "completion_tokens": completion.completion_tokens,
            "finish_reason": completion.finish_reason,
        }
        return Proposal(index, self.name, operation, source, parents, transcript, problem)

    def _ask(self, library: Sequence[LibraryEntry], index: int) -> tuple[str, tuple[str, ...], list[Message]]:
        """The operation's name, the exemplars' ids and the messages of request `index`."""
        rng = random.Random(derive_seed("request", self._seed, index))
        entries = sorted({e.program.id: e for e in library}.values(), key=lambda e: e.program.id)
        chosen = choose_exemplars(entries, self._exemplars, rng)
        themes = _template("themes.txt").split("\n")[:-1]
        random.Random(derive_seed("themes", self._seed)).shuffle(themes)
        theme = themes[index % len(themes)]
        titles = [f"- {e.program.title}" for e in rng.sample(entries, min(MAX_TITLES, len(entries)))]
        fields = {
            "exemplars": "".join(
                Template(_template("exemplar.txt")).substitute(source=entry.program.source)
                for entry in chosen
            ),
            "titles": "\n".join(sorted(titles)) or "(none yet)",
            "theme": theme,
            "oracle": "feasibility" if rng.random() < FEASIBILITY_SHARE else "equality",
        }
        request = Template(_template("request.txt")).substitute(fields)
        messages: list[Message] = [
            {"role": "system", "content": _template("system.txt")},
            {"role": "user", "content": request},
        ]
        return f"invent #{index}: {theme}", tuple(e.program.id for e in chosen), messages


def choose_exemplars(entries: Sequence[LibraryEntry], count: int, rng: random.Random) -> list[LibraryEntry]:
    """`count` text programs of moderate length whose tags overlap as little as a greedy choice allows."""
    pool = [
        e for e in entries if e.program.kind == "text" and len(e.program.source) <= MAX_EXEMPLAR_CHARACTERS
    ]
    rng.shuffle(pool)
    chosen: list[LibraryEntry] = []
    while pool and len(chosen) < count:
        seen = {tag for e in chosen for tag in e.program.tags}
        best = min(pool, key=lambda e: len(seen & set(e.program.tags)))
        pool.remove(best)
        chosen.append(best)
    return chosen


class _Requests:
    """Futures of concurrent completions, in the order of the requests.

    The threads are daemons, unlike those of an executor: Ctrl-C must not wait minutes for a reply that nobody
    will read. Leaving the `with` block drops the requests that have not been sent.
    """

    def __init__(self, policy: Policy, requests: Sequence[Sequence[Message]]) -> None:
        self._policy = policy
        self._futures: list[Future[Completion]] = [Future() for _ in requests]
        self._waiting: queue.SimpleQueue[tuple[Future[Completion], Sequence[Message]]] = queue.SimpleQueue()
        for pair in zip(self._futures, requests):
            self._waiting.put(pair)

    def __enter__(self) -> list[Future[Completion]]:
        for _ in range(min(CONCURRENT, len(self._futures))):
            threading.Thread(target=self._work, daemon=True).start()
        return self._futures

    def __exit__(self, *_: object) -> None:
        for future in self._futures:
            future.cancel()

    def _work(self) -> None:
        while True:
            try:
                future, messages = self._waiting.get_nowait()
            except queue.Empty:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._policy.complete(messages))
            except BaseException as error:  # handed to whoever asks for the result
                future.set_exception(error)


@cache
def _template(name: str) -> str:
    return (resources.files("envforge.proposers") / "templates" / name).read_text("utf-8")
