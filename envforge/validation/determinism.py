"""L3, determinism: the same instance in any process, call order, hash seed, clock and global random state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envforge.config import ValidationConfig
from envforge.contract import Instance, Program
from envforge.sandbox import Evaluator, Failure
from envforge.sandbox.calls import state_text
from envforge.validation.finding import Rejected, at, brief, failed
from envforge.validation.sampling import Sample


@dataclass(frozen=True, slots=True)
class _Replay:
    """One way to ask for the same instances again, and what a difference would prove."""

    blame: str
    instances: Sequence[Instance]
    hash_seed: int = 0
    salt: int = 0
    pictures: bool = True  # of visual programs; drawing takes longest


def replay(
    program: Program, sample: Sample, evaluator: Evaluator, config: ValidationConfig
) -> tuple[None, dict[str, Any]]:
    """Ask for every instance again in other circumstances. Raises Rejected at the first difference.

    One circumstance changes at a time, so that the reason names it. The working directory changes with the
    hash seed. What no replay shows: a dependence that none of these circumstances touches.
    """
    first = sample.first
    replays = [
        _Replay("the order of calls in a process", first[::-1]),
        _Replay("the clock or the global random state", first, salt=1),
        _Replay("the hash seed or process", sample.instances[::-1], hash_seed=1, pictures=False),
    ]
    replays += [
        _Replay("the hash seed or process", first, hash_seed=h) for h in range(2, config.hash_seeds + 1)
    ]
    count = 0
    for case in replays:
        keys = [(instance.seed, instance.difficulty) for instance in case.instances]
        again = evaluator.instances(
            program,
            keys,
            hash_seed=case.hash_seed,
            salt=case.salt,
            to_first_failure=True,
            pictures=case.pictures,
        )
        for before, after in zip(case.instances, again):
            _compare(case, before, after)
        count += len(keys)
    _derive_alone(program, first, evaluator)
    return None, {"replays": count + 2 * len(first), "hash_seeds": config.hash_seeds + 1}


def _compare(case: _Replay, before: Instance, after: Instance | Failure) -> None:
    circumstance = {"circumstance": case.blame, "hash_seed": case.hash_seed, "salt": case.salt}
    if isinstance(after, Failure):
        raise Rejected(
            f"an instance that ran before fails when {case.blame} changes: {after}",
            **failed(after, before.seed, before.difficulty),
            **circumstance,
        )
    for part in (
        ("state", "prompt", "reference", "picture") if case.pictures else ("state", "prompt", "reference")
    ):
        one, other = getattr(before, part), getattr(after, part)
        if one != other:
            raise Rejected(
                f"the {part} depends on {case.blame}",
                **at(before),
                **circumstance,
                part=part,
                first=brief(str(one)),
                second=brief(str(other)),
            )


def _derive_alone(program: Program, instances: Sequence[Instance], evaluator: Evaluator) -> None:
    """prompt and reference from the state alone, in both orders, without a call of generate before."""
    states = [instance.state for instance in instances]
    for prompt_first, hash_seed in ((True, 0), (False, 2)):
        values = evaluator.derivations(program, states, prompt_first=prompt_first, hash_seed=hash_seed)
        for instance, value in zip(instances, values):
            order = "prompt then reference" if prompt_first else "reference then prompt"
            if isinstance(value, Failure):
                raise Rejected(
                    f"{order} fails on a state that generate returned before: {value}",
                    **failed(value, instance.seed, instance.difficulty),
                )
            for part, one, other in zip(
                ("prompt", "reference"), (instance.prompt, instance.reference), value
            ):
                if one != other:
                    raise Rejected(
                        f"the {part} differs when it is made from the state alone ({order})",
                        **at(instance),
                        part=part,
                        first=brief(one),
                        second=brief(other),
                        state=brief(state_text(instance.state)),
                    )
