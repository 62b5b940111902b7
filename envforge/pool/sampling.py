"""Which environment is next: coverage, learnability, exploration, and the seeds' share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from envforge.config import PoolConfig
from envforge.pool import bandit
from envforge.pool.controllers import Memory
from envforge.pool.member import Member
from envforge.pool.streams import Stream

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance that a draw falls on a member; with a bandit, on one band of its levels (None: on any level)."""

    member: Member
    band: int | None
    weight: float


def is_seed_slot(number: int, share: float) -> bool:
    """Whether ticket `number` (from 1) is for a seed.

    The slots are those at which the whole number of seeds owed, `share` of the tickets rounded up, grows: a deficit
    counter that starts anew whenever it is paid, and needs no memory. So of the first n tickets at least
    `share` x n are for seeds, of any n in a row at least that number rounded down, and seeds drawn beyond their
    share are never set off against it later.
    """
    part = round(share * _MILLION)
    return -(-part * number // _MILLION) > -(-part * (number - 1) // _MILLION)


def coverage(members: Sequence[Member]) -> dict[str, float]:
    """The chance of each member when learnability does not count; they sum to 1.

    Half of it comes from the tags and half from the families: first a tag (a root of the lineage), each with the
    same chance, then one of its members. A member with several shares itself out among them. So a tag with two
    environments gets as much as one with fifty.
    """
    weights = dict.fromkeys((member.id for member in members), 0.0)
    groupings: tuple[Callable[[Member], Iterable[str]], ...] = (
        lambda member: member.environment.tags or ("",),
        lambda member: member.environment.roots,
    )
    for groups_of in groupings:
        sizes: defaultdict[str, float] = defaultdict(float)
        parts = {}
        for member in members:
            parts[member.id] = sorted(groups_of(member))
            for group in parts[member.id]:
                sizes[group] += 1 / len(parts[member.id])
        for id, groups in parts.items():
            for group in groups:
                weights[id] += 0.5 / len(sizes) / len(groups) / sizes[group]
    return weights


def chances(
    members: Sequence[Member],
    covered: Mapping[str, float],
    config: PoolConfig,
    arms: Mapping[str, Memory] | None = None,
) -> list[Chance]:
    """The chances of a draw among `members`, whose coverage is `covered`; they sum to 1.

    A share `exploration` follows coverage alone, the rest coverage times learnability. With `arms`, the memories of
    the bandit by category, that rest is shared out by the bandit first and within an arm as before.
    """
    found = [Chance(member, None, config.exploration * covered[member.id]) for member in members]
    rest = 1 - config.exploration
    worth = {member.id: covered[member.id] * member.learnability for member in members}
    if arms is None:
        total = sum(worth.values())
        return [
            Chance(chance.member, None, chance.weight + rest * worth[chance.member.id] / total)
            for chance in found
        ]
    held: dict[tuple[str, int], list[Member]] = {}
    for member in members:
        for band in bandit.bands(member.top):
            held.setdefault((member.category, band), []).append(member)
    names = sorted(held)
    known = [arms[category]["worth"][band] if category in arms else 0.0 for category, band in names]
    for name, chance_of_arm in zip(names, bandit.softmax(known, config.bandit_temperature), strict=True):
        total = sum(worth[member.id] for member in held[name])
        found += [
            Chance(member, name[1], rest * chance_of_arm * worth[member.id] / total) for member in held[name]
        ]
    return found


def drawn(found: Sequence[Chance], share: float) -> Chance:
    """The chance that the number `share` (0 up to 1) falls on."""
    left = share * sum(chance.weight for chance in found)
    for chance in found:
        left -= chance.weight
        if left < 0:
            return chance
    return found[-1]  # rounding


def level_in(member: Member, band: int | None, stream: Stream) -> int:
    """A level of a member's band, or of all its levels, each with the same chance."""
    levels = range(member.top + 1) if band is None else bandit.levels_of(band, member.top)
    return stream.pick("level", levels)
