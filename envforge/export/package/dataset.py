"""A data set of instances in the manner of reasoning-gym: made when they are asked for, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from envforge.contract import Instance, derive_seed
from envforge.errors import UsageError
from envforge.export.package.keys import BrokenProgram, Key, key_of
from envforge.export.package.manifest import Entry
from envforge.pixels import png_of
from envforge.sandbox import Failure

if TYPE_CHECKING:
    from envforge.export.package.library import Library

DEFAULT_SIZE = 500  # as in reasoning-gym
BATCH = 64  # neighbours that are made together
KEPT = 8  # batches: reading in order, or shuffled within a few hundred, makes nothing twice

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """An environment, and the levels that take turns."""

    entry: Entry
    levels: tuple[int, ...]


class Dataset:
    """`size` instances, each a dictionary with `question`, `answer` and `metadata`. Made by `create_dataset`.

    Item i is instance i // n of environment i % n, of n; instance j of an environment has the level
    levels[j % len(levels)] and the seed derive_seed("package/SEED", id, level, j). So nothing depends on the size,
    nor on what else is asked for. `metadata` is plain data but for the picture of a visual environment:
    PNG as bytes, or SVG as text that was checked.
    """

    def __init__(
        self,
        library: Library,
        members: tuple[Member, ...],
        size: int,
        seed: int,
        pictures: Literal["png", "svg", "none"],
        width: int,
    ) -> None:
        if type(size) is not int or size < 1:
            raise UsageError(f"a data set has at least 1 instance, not {size!r}")
        if type(seed) is not int:
            raise UsageError(f"the seed of a data set is a whole number, not {seed!r}")
        if pictures not in ("png", "svg", "none"):
            raise UsageError(f"pictures are 'png', 'svg' or 'none', not {pictures!r}")
        self.library, self.members, self.size, self.seed = library, members, size, seed
        self.width = width
        self._pictures = pictures
        self._batches: dict[int, list[Instance]] = {}

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> Item:
        place = self._place(index)
        return self._item(place, self._batch(place // BATCH)[place % BATCH])

    def __getitems__(self, indexes: Sequence[int]) -> list[Item]:
        """Several items at once, as torch's DataLoader asks for them: made together, wherever they are."""
        places = [self._place(index) for index in indexes]
        return [self._item(place, made) for place, made in zip(places, self._made(places))]

    def __iter__(self) -> Iterator[Item]:
        return (self[index] for index in range(self.size))

    def score_answer(self, answer: str | None, entry: Mapping[str, Any]) -> float:
        """The score of `answer`, 0 to 1, by the environment's own scorer in the sandbox. It is the answer alone,
        without tags; None scores 0."""
        return self.score_answers([answer], [entry])[0]

    def score_answers(
        self, answers: Sequence[str | None], entries: Sequence[Mapping[str, Any]]
    ) -> list[float]:
        """The scores of many answers, an entry each: much faster than one by one."""
        if len(answers) != len(entries):
            raise UsageError(f"{len(answers)} answers cannot be scored on {len(entries)} entries")
        for answer in answers:
            if answer is not None and not isinstance(answer, str):
                raise UsageError(f"an answer is a text or None, not {answer!r}")
        return self.library.scores([key_of(entry.get("metadata")) for entry in entries], answers)

    def key(self, index: int) -> Key:
        """What names the instance at `index`."""
        member, number = self._of(index)
        level = member.levels[number % len(member.levels)]
        return Key(
            member.entry.id, derive_seed(f"package/{self.seed}", member.entry.id, level, number), level
        )

    def _of(self, index: int) -> tuple[Member, int]:
        number, place = divmod(index, len(self.members))
        return self.members[place], number

    def _place(self, index: int) -> int:
        place = index + self.size if index < 0 else index
        if not 0 <= place < self.size:
            raise IndexError(f"{index} is no index of {self.size} instances")
        return place

    def _batch(self, number: int) -> list[Instance]:
        found = self._batches.get(number)
        if found is None:
            found = self._made(range(number * BATCH, min(self.size, (number + 1) * BATCH)))
            if len(self._batches) >= KEPT:
                self._batches.clear()
            self._batches[number] = found
        return found

    def _made(self, places: Sequence[int]) -> list[Instance]:
        return self.library.instances([self.key(place) for place in places], self._pictures != "none")

    def _item(self, place: int, instance: Instance) -> Item:
        member, number = self._of(place)
        metadata: dict[str, Any] = {
            "source_dataset": member.entry.name,
            "source_index": number,
            "id": instance.environment,
            "title": member.entry.title,
            "seed": instance.seed,
            "difficulty": instance.difficulty,
            "tags": list(member.entry.tags),
            "oracle": member.entry.oracle,
        }
        if instance.picture is not None:
            metadata["picture"] = self._picture(instance)
        return {"question": instance.prompt, "answer": instance.reference, "metadata": metadata}

    def _picture(self, instance: Instance) -> bytes | str:
        from envforge.pictures import check_svg

        svg = instance.picture or ""
        problem: object = None
        if self._pictures == "svg":
            problem = next(iter(check_svg(svg)), None)
            if problem is None:
                return svg
        else:
            drawn = png_of(instance, self.width)
            if isinstance(drawn, bytes):
                return drawn
            problem = drawn
        assert isinstance(problem, Failure | str)
        raise BrokenProgram(
            f"the picture of {instance.environment} at seed {instance.seed}, level {instance.difficulty} cannot be "
            f"shown: {problem}"
        )
