"""The gate for pictures: each is plain SVG that can be read, shows all that decides the answer, and is needed.

What it automates of visual.md's rules: the static policy, legibility, pictures that differ where states do, no fact
that decides the answer left out or drawn invisibly, no answer written out, no prompt that settles the question alone.
Not covered: whether people would see what the program means, and marks of which two lie nearly on each other.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from envforge.config import ValidationConfig
from envforge.contract import Instance, Program
from envforge.pictures import PictureError, check_svg, differing, distance, rasterise
from envforge.sandbox import Evaluator
from envforge.validation.changes import Change, changes
from envforge.validation.finding import Rejected, at, brief
from envforge.validation.leaks import find_leak
from envforge.validation.legibility import WIDTH, Sight, look
from envforge.validation.sampling import Sample

CHANGED_PER_LEVEL = 3  # instances whose states are changed in many places
MAX_FLAWED = 0.1  # share of the pictures looked at that may have a flaw; chance places words, too
MIN_SPREAD = 2.0  # mean distance of the fingerprints within a level, of 256 bits, and
MIN_CHANGED = 0.002  # mean share of the pixels that differ; either is enough, since clues may be small
DRAWN_CHANGES = 3  # per instance, of those whose SVG differs, that are drawn to see whether the pixels do
HIDDEN_SHARE = 0.5  # of the changes at one place that decide the answer and are not shown
MIN_GROUP = 4  # instances with one prompt from which on its most frequent answer says something
MAX_PROMPT_ONLY = 0.75  # share of the most frequent answer among equal prompts
MIN_UNDECIDED = 0.5  # share of the instances that have another answer under the same prompt


def look_at_pictures(
    program: Program, sample: Sample, evaluator: Evaluator, config: ValidationConfig
) -> tuple[None, dict[str, Any]]:
    """Judge the pictures of a visual program's sample. Raises Rejected with the instance that shows why."""
    for instance in sample.instances:
        _plain(instance)
    chosen = [instance for level in sample.levels for instance in level[: config.pictures_per_level]]
    with ThreadPoolExecutor(evaluator.sandbox.workers, "pictures") as pool:
        sights = list(pool.map(_sight, chosen))
        _legible(chosen, sights)
        _distinct(sample, chosen, sights)
        _silent(sample, chosen, sights)
        prompt_only = _needed(sample)
        seen = {instance.picture: sight.png for instance, sight in zip(chosen, sights)}
        decisive = _shown(program, sample, evaluator, pool, seen)
    return None, {
        "pictures": len(chosen),
        "foreground": [
            round(min(s.foreground for s in sights), 3),
            round(max(s.foreground for s in sights), 3),
        ],
        "palest": round(min(sight.contrast for sight in sights), 1),
        "spread": round(min(_spread(part) for part in _by_level(chosen, sights)), 1),
        "prompt_only": round(prompt_only, 2),
        "changes": decisive,
    }


def _plain(instance: Instance) -> None:
    problems = check_svg(instance.picture or "")
    if problems:
        raise Rejected(
            f"the picture breaks the rules for SVG: {problems[0]}", **at(instance), problems=problems[:8]
        )


def _sight(instance: Instance) -> Sight:
    try:
        return look(instance.picture or "")
    except PictureError as error:
        raise Rejected(f"the picture cannot be drawn: {error}", **at(instance)) from error


def _legible(chosen: Sequence[Instance], sights: Sequence[Sight]) -> None:
    flawed = [(instance, sight.flaw) for instance, sight in zip(chosen, sights) if sight.flaw]
    if len(flawed) > MAX_FLAWED * len(chosen):
        instance, flaw = flawed[0]
        raise Rejected(
            f"{len(flawed)} of {len(chosen)} pictures cannot be read well; in the first {flaw}",
            **at(instance),
            flaws=[brief(text, 120) for _, text in flawed[:5]],
        )


def _distinct(sample: Sample, chosen: Sequence[Instance], sights: Sequence[Sight]) -> None:
    """Equal prompts and equal pictures have equal answers, and the pictures of a level differ to the eye."""
    seen: dict[tuple[str, str | None], Instance] = {}
    for instance in sample.instances:
        other = seen.setdefault((instance.prompt, instance.picture), instance)
        if other.reference != instance.reference and other.state != instance.state:
            _ambiguous(instance, other)
    for part in _by_level(chosen, sights):
        for (one, sight), (two, other_sight) in itertools.combinations(part, 2):
            if sight.png == other_sight.png and one.prompt == two.prompt and one.reference != two.reference:
                _ambiguous(one, two)
        spread = _spread(part)
        pairs = list(itertools.combinations([sight.png for _, sight in part], 2))
        changed = sum(differing(one, two) for one, two in pairs) / max(1, len(pairs))
        if spread < MIN_SPREAD and changed < MIN_CHANGED:
            raise Rejected(
                f"the pictures of level {part[0][0].difficulty} hardly differ: their fingerprints are "
                f"{spread:.1f} of 256 bits apart on average, and {changed:.2%} of their pixels differ",
                **at(part[0][0]),
                spread=round(spread, 2),
                changed=round(changed, 5),
            )


def _ambiguous(one: Instance, two: Instance) -> None:
    raise Rejected(
        "two states have the same prompt and the same picture but different answers",
        **at(one),
        reference=brief(one.reference),
        other_seed=two.seed,
        other_reference=brief(two.reference),
    )


def _by_level(chosen: Sequence[Instance], sights: Sequence[Sight]) -> list[list[tuple[Instance, Sight]]]:
    levels: dict[int, list[tuple[Instance, Sight]]] = defaultdict(list)
    for instance, sight in zip(chosen, sights):
        levels[instance.difficulty].append((instance, sight))
    return list(levels.values())


def _spread(part: Sequence[tuple[Instance, Sight]]) -> float:
    """Mean distance of the fingerprints of a level, in bits of 256."""
    pairs = list(itertools.combinations([sight.fingerprint for _, sight in part], 2))
    return sum(distance(one, two) for one, two in pairs) / max(1, len(pairs))


def _silent(sample: Sample, chosen: Sequence[Instance], sights: Sequence[Sight]) -> None:
    """No fixed place of the picture's words gives the answer: they are searched like a prompt (see leaks)."""
    written = {id(instance): " ; ".join(sight.words) for instance, sight in zip(chosen, sights)}
    read = [
        [replace(instance, prompt=written[id(instance)]) for instance in level if id(instance) in written]
        for level in sample.levels
    ]
    leak = find_leak(read)
    if leak is not None:
        raise Rejected(f"the picture gives the answer away: among its words {leak.rule}", **leak.evidence())


def _needed(sample: Sample) -> float:
    """The prompt alone is not enough: among equal prompts, the share of the most frequent answer at the worst level.

    Levels whose prompts hardly repeat say nothing here; for those the changed states of `_shown` do.
    """
    worst = 0.0
    for level in sample.levels:
        groups: dict[str, Counter[str]] = defaultdict(Counter)
        for instance in level:
            groups[instance.prompt][instance.reference] += 1
        large = [group for group in groups.values() if group.total() >= MIN_GROUP]
        total = sum(group.total() for group in large)
        if total < 2 * MIN_GROUP:
            continue
        share = sum(group.most_common(1)[0][1] for group in large) / total
        worst = max(worst, share)
        if share > MAX_PROMPT_ONLY:
            raise Rejected(
                f"at level {level[0].difficulty} the picture is hardly needed: for equal prompts the most frequent "
                f"answer is right {share:.0%} of the time",
                **at(level[0]),
                prompt=brief(level[0].prompt),
                share=round(share, 2),
            )
    return worst


def _shown(
    program: Program,
    sample: Sample,
    evaluator: Evaluator,
    pool: ThreadPoolExecutor,
    seen: Mapping[str | None, bytes],
) -> int:
    """Whatever changes the answer and not the prompt changes the picture, and to the eye; how many changes did.

    A changed state is often one that `generate` never returns. So a place in the state counts as hidden when at least
    half of the changes there that decide the answer do not show, on two instances or more.
    """
    pairs = [
        (one, two)
        for level in sample.levels
        for one, two in zip(level[:CHANGED_PER_LEVEL], level[1 : CHANGED_PER_LEVEL + 1])
    ]
    derived = changes(program, pairs, evaluator)
    decisive = [change for change in derived if change.of_the_answer]
    drawn = evaluator.pictures(program, [change.state for change in decisive])
    rendered = [(change, svg) for change, svg in zip(decisive, drawn) if isinstance(svg, str)]
    answers = pool.map(partial(_differs, seen), _limited(rendered))
    visible = dict(zip(map(id, (change for change, _ in rendered)), answers))
    places: dict[str, list[tuple[Change, bool]]] = defaultdict(list)
    for change, _ in rendered:
        places[change.path].append((change, visible[id(change)]))
    for path, found in places.items():
        hidden = [change for change, shows in found if not shows]
        if len({id(change.instance) for change in hidden}) >= 2 and len(hidden) >= HIDDEN_SHARE * len(found):
            change = hidden[0]
            raise Rejected(
                f"the answer depends on '{path}' of the state, which neither picture nor prompt shows",
                **at(change.instance),
                key=path,
                reference=brief(change.instance.reference),
                second=brief(change.reference),
                tried=len(found),
            )
    tried = {id(change.instance): change.instance for change in derived}
    undecided = {id(change.instance) for change, _ in rendered if visible[id(change)]}
    if len(undecided) < MIN_UNDECIDED * len(tried) or not tried:
        settled = [instance for key, instance in tried.items() if key not in undecided] or sample.instances
        raise Rejected(
            f"no other picture gives another answer in {len(tried) - len(undecided)} of {len(tried)} instances, "
            "whatever is changed in the state: the prompt alone seems to settle it",
            **at(settled[0]),
            tried=len(rendered),
        )
    return len(rendered)


def _limited(rendered: Sequence[tuple[Change, str]]) -> list[tuple[Change, str, bool]]:
    """Which changes are drawn: comparing texts is cheap, pixels are looked at for the first few of each instance."""
    counts: Counter[int] = Counter()
    found = []
    for change, svg in rendered:
        counts[id(change.instance)] += 1
        found.append((change, svg, counts[id(change.instance)] <= DRAWN_CHANGES))
    return found


def _differs(seen: Mapping[str | None, bytes], case: tuple[Change, str, bool]) -> bool:
    """Whether the changed state's picture is another one. One that cannot be drawn any more is another one.

    `seen` are the rasters of the instances themselves, as far as they were drawn.
    """
    change, svg, to_the_eye = case
    if svg == change.instance.picture:
        return False
    if not to_the_eye:
        return True
    try:
        before = seen.get(change.instance.picture) or rasterise(change.instance.picture or "", WIDTH)
        return differing(before, rasterise(svg, WIDTH)) > 0.0
    except PictureError:
        return True
