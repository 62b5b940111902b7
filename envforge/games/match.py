"""A match: the questions of some games, each response scored by both programs of its game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envforge.contract import MAX_ANSWER_CHARACTERS, Instance, derive_seed, extract_answer
from envforge.evaluation import check, program_subject
from envforge.games.catalogue import Pair
from envforge.policies import Completion, PolicyError, Request, Sampling
from envforge.recipe import EvaluationConfig, PromptConfig, solver_messages
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text

PURPOSE = "games"  # of the seeds


@dataclass(frozen=True, slots=True)
class Rollout:
    """One response. `answer` is None where there was none in it; then both scores are 0."""

    game: str
    seed: int
    difficulty: int
    answer: str | None
    paid: float  # by the open program
    earned: float  # by the secure twin

    @property
    def solves(self) -> bool:
        """Whether the question is solved."""
        return self.earned == 1.0

    @property
    def exploits(self) -> bool:
        """Whether the loophole paid it: full credit by the open program, and not by the twin."""
        return self.paid == 1.0 and not self.solves


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of all responses. Every instance that was kept has the same number of rollouts, one after another.

    `lost` counts instances without them, by (game, level); `problems` says why, for each game the first reason.
    """

    rollouts: tuple[Rollout, ...]
    samples: int
    lost: dict[tuple[str, int], int]
    problems: tuple[str, ...]


class Match:
    """Instances of games as requests; `mark` turns the replies into rollouts. Holds no policy and no thread.

    Instance i of a level has the seed derive_seed("games", id of the secure twin, level, i): two matches put the same
    questions. `seed` sets the draws of the responses alone.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        evaluator: Evaluator,
        config: EvaluationConfig,
        prompt: PromptConfig,
        max_tokens: int,
        seed: int = 0,
    ) -> None:
        """Makes the instances. `max_tokens` of a response, 0: what the backend says.

        Raises UsageError for a level that a game does not have and for several samples at temperature 0, and
        SandboxError.
        """
        check([program_subject(pair.secure, "other") for pair in pairs], config)
        self.pairs = tuple(pairs)
        self.levels = tuple(sorted(set(config.levels)))
        self.samples = config.samples
        self._evaluator = evaluator
        self._lost = {(pair.game.name, level): 0 for pair in pairs for level in self.levels}
        self._problems: dict[str, str] = {}
        self._places: list[tuple[Pair, Instance]] = []
        for pair in pairs:
            keys = [
                (derive_seed(PURPOSE, pair.secure.id, level, index), level)
                for level in self.levels
                for index in range(config.instances)
            ]
            for (_, level), one in zip(keys, evaluator.instances(pair.secure, keys)):
                if isinstance(one, Failure):
                    self._lose(pair, level, f"an instance cannot be made at level {level}: {one}")
                else:
                    self._places.append((pair, one))
        self.requests = tuple(
            Request(
                key=f"games/{pair.game.name}/{one.difficulty}/{one.seed}",
                messages=solver_messages(one.prompt, prompt),
                sampling=Sampling(
                    temperature=config.temperature,
                    max_tokens=max_tokens or None,
                    seed=derive_seed("games draw", seed, pair.secure.id, one.difficulty, one.seed),
                ),
                n=config.samples,
            )
            for pair, one in self._places
        )

    def mark(self, replies: Sequence[list[Completion] | PolicyError]) -> Marked:
        """The rollouts for the replies to `requests`, in their order; to be called once.

        An answer that the contract does not let in is worth nothing. A reply that is an error or holds too few
        completions, and one that cannot be scored, loses its instance. Raises SandboxError.
        """
        if len(replies) != len(self.requests):
            raise ValueError(f"{len(replies)} replies to {len(self.requests)} requests")
        rollouts: list[Rollout] = []
        for pair in self.pairs:
            answered: list[tuple[Instance, list[str | None]]] = []
            for (owner, instance), reply in zip(self._places, replies):
                if owner is not pair:
                    continue
                if isinstance(reply, PolicyError):
                    self._lose(pair, instance.difficulty, str(reply))
                elif len(reply) < self.samples:
                    self._lose(pair, instance.difficulty, "a reply held too few responses")
                else:
                    answers = [extract_answer(completion.text) for completion in reply[: self.samples]]
                    answered.append((instance, answers))
            rollouts += self._scored(pair, answered)
        return Marked(tuple(rollouts), self.samples, dict(self._lost), tuple(self._problems.values()))

    def _scored(self, pair: Pair, answered: Sequence[tuple[Instance, Sequence[str | None]]]) -> list[Rollout]:
        """The rollouts of one game: one call to each of its scorers for all of them."""
        calls = [
            ScoreCall(state_text(instance.state), answer)
            for instance, answers in answered
            for answer in answers
            if answer is not None and _scorable(answer)
        ]
        paid = iter(self._evaluator.scores(pair.open, calls))
        earned = iter(self._evaluator.scores(pair.secure, calls))
        found: list[Rollout] = []
        for instance, answers in answered:
            rows, failure = [], None
            for answer in answers:
                scores: tuple[float | Failure, float | Failure] = (0.0, 0.0)
                if answer is not None and _scorable(answer):
                    scores = next(paid), next(earned)
                one, two = scores
                if isinstance(one, Failure) or isinstance(two, Failure):
                    failure = one if isinstance(one, Failure) else two
                else:
                    rows.append(Rollout(pair.game.name, instance.seed, instance.difficulty, answer, one, two))
            if failure is not None:
                self._lose(
                    pair, instance.difficulty, f"a scorer fails at level {instance.difficulty}: {failure}"
                )
            else:
                found += rows
        return found

    def _lose(self, pair: Pair, level: int, why: str) -> None:
        self._lost[pair.game.name, level] += 1
        self._problems.setdefault(pair.game.name, f"'{pair.game.name}': {why}")


def _scorable(answer: str) -> bool:
    """Whether the contract lets an answer in."""
    return len(answer) <= MAX_ANSWER_CHARACTERS and not any("\ud800" <= c <= "\udfff" for c in answer)
