"""Operations on two problems side by side: their integer answers compared, or both answers asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from envforge.contract import Oracle
from envforge.proposers.drafts import (
    INTEGER_SCORE,
    INTEGERS_SCORE,
    Draft,
    Member,
    Recipe,
    choice,
    heads,
    literal,
    quoted,
    room_for,
)
from envforge.proposers.phrasing import ONE_INTEGER, capitalised, label

_SEPARATORS = (";", "|", "//", "&")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way to make one answer of two. `compute` is the end of `reference`, with `a` and `b` at hand."""

    titles: tuple[str, ...]
    questions: tuple[str, ...]  # may use {label} and the drawn numbers by name
    compute: str
    drawn: str = ""  # entries of a dict, as source
    score: str = INTEGER_SCORE
    least: int | None = None  # the smallest answer that both may have
    imports: str = ""


COMPARISONS: dict[str, Comparison] = {
    "larger": Comparison(
        titles=(
            "{A} against {b}: which answer is larger, and by how much",
            "{A} or {b}: the larger answer wins",
        ),
        questions=(
            "Which of the two answers is larger, and by how much? Answer with two integers separated by a "
            "space: the number of the {label} (0 if the answers are equal), then the difference.",
        ),
        compute='    return f"{0 if a == b else 1 if a > b else 2} {abs(a - b)}"\n',
        score=INTEGERS_SCORE,
    ),
    "product": Comparison(
        titles=("{A} times {b}: the product of two answers",),
        questions=("What is the product of the two answers?", "Multiply the two answers. What do you get?"),
        compute="    return str(a * b)\n",
        least=1,
    ),
    "multiple": Comparison(
        titles=("{A} meets {b}: when two rhythms coincide",),
        questions=(
            "One bell rings every p minutes and another every q minutes, where p is the answer to {label} 1 "
            "plus {one} and q is the answer to {label} 2 plus {two}. Both have just rung together. After how "
            "many minutes do they next ring together?",
        ),
        compute='    return str(math.lcm(a + state["one"], b + state["two"]))\n',
        drawn='"one": rng.randint(2, 9), "two": rng.randint(2, 9)',
        least=0,
        imports="import math\n",
    ),
    "remainder": Comparison(
        titles=("{A} divided by {b}: the remainder of one answer by the other",),
        questions=(
            "Multiply the answer to {label} 1 by {one}, and add {two} to the answer to {label} 2. What is the "
            "remainder when the first of these results is divided by the second?",
        ),
        compute='    return str(a * state["one"] % (b + state["two"]))\n',
        drawn='"one": rng.randint(11, 49), "two": rng.randint(15, 60)',
        least=0,
    ),
    "balance": Comparison(
        titles=("{A} and {b} on the scales: a weighted sum of two answers",),
        questions=(
            "The answer to {label} 1 counts {one} times and the answer to {label} 2 counts {two} times. What is the "
            "total?",
            "Add {one} times the answer to {label} 1 and {two} times the answer to {label} 2. What is the sum?",
        ),
        compute='    return str(state["one"] * a + state["two"] * b)\n',
        drawn='"one": rng.randint(2, 9), "two": rng.randint(2, 9)',
    ),
    "digits": Comparison(
        titles=("{A} joined to {b}: two answers written as one number",),
        questions=(
            "Write the answer to {label} 1 and, right behind it, the answer to {label} 2, so that together they "
            "make one longer number. What is the remainder of that number on division by {one}?",
        ),
        compute='    return str(int(f"{a}{b}") % state["one"])\n',
        drawn='"one": rng.choice((37, 41, 43, 47, 53, 59, 61, 67, 71, 73))',
        least=0,
    ),
}


def compare_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """Every way that fits two integer problems."""
    first, second = sorted(members, key=lambda m: m.id)
    if not (first.is_integer and second.is_integer and room_for(second.length, 1, first.length)):
        return
    for name, way in COMPARISONS.items():
        if min(first.floor, second.floor) < 0.3 and (
            way.least is None or _at_least(way.least, first, second)
        ):
            yield Recipe("compare", name, (first, second))


def _at_least(least: int, *members: Member) -> bool:
    return all(m.entry.profile.answer_range is not None and m.least >= least for m in members)


_COMPARE = '''
def generate(rng, difficulty):
    """Both problems at the same level."""
    first = ${first}_generate(rng, difficulty)
    second = ${second}_generate(rng, difficulty)
    return {"first": first, "second": second$drawn}


def prompt(state):
    """Both problems, then what to make of their answers."""
    first = ${first}_prompt(state["first"])$first_end
    second = ${second}_prompt(state["second"])$second_end
    opening = $opening
    question = $question
    return "\\n\\n".join([opening, "$label 1. " + first, "$label 2. " + second, question])


def reference(state):
    """Solves both problems first."""
    a, b = int(${first}_reference(state["first"])), int(${second}_reference(state["second"]))
$compute'''


def draft_compare(recipe: Recipe) -> Draft:
    choose, (a, b), way = choice(recipe), heads(recipe), COMPARISONS[recipe.variant]
    name = label(choose, [m.parts for m in recipe.parents])
    question = choose.of("question", way.questions).format(
        label=name, one="{state['one']}", two="{state['two']}"
    )
    if way.score == INTEGER_SCORE:
        question = f"{question} {ONE_INTEGER}"
    body = way.imports + _COMPARE.replace("$compute", way.compute) + way.score
    return Draft(
        title=choose.of("title", way.titles).format(A=capitalised(a), a=a, B=capitalised(b), b=b),
        summary="Levels are those of both problems, which have nothing to do with each other.",
        oracle=Oracle.EQUALITY,
        wanted=(("generate", "prompt", "reference"),) * 2,
        body=body,
        words={
            "label": name,
            "drawn": f", {way.drawn}" if way.drawn else "",
            "opening": literal(choose.of("opening", _COMPARE_OPENINGS)),
            "question": literal(question),
        },
    )


_COMPARE_OPENINGS = (
    "Solve both of the following; the two answers are needed together at the end.",
    "Two unrelated problems come first. What is asked in the end needs both of their answers.",
    "Find the answer to each of these two problems.",
)


def joint_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """Both answers are asked for, side by side. Not of composites: that would only pile up questions."""
    first, second = sorted(members, key=lambda m: m.id)
    if (
        first.entry.depth == second.entry.depth == 0
        and room_for(second.length, 1, first.length)
        and _separator((first, second))
    ):
        yield Recipe("joint", "both", (first, second))


def _separator(members: tuple[Member, ...]) -> str | None:
    """A mark that no parent mentions, so that none can have it in an answer."""
    strings = [s for m in members for s in m.parts.strings]
    return next((mark for mark in _SEPARATORS if not any(mark in s for s in strings)), None)


_JOINT = '''
def generate(rng, difficulty):
    """Both problems at the same level."""
    return {"first": ${first}_generate(rng, difficulty), "second": ${second}_generate(rng, difficulty)}


def prompt(state):
    """Both problems, and how to write two answers as one."""
    first = ${first}_prompt(state["first"])
    second = ${second}_prompt(state["second"])
    opening = $opening
    ending = $ending
    return "\\n\\n".join([opening, "$label 1. " + first, "$label 2. " + second, ending])


def reference(state):
    """Both answers, in the order of the problems."""
    return f"{${first}_reference(state['first'])} $mark {${second}_reference(state['second'])}"


def score(state, answer):
    """Each problem judges its own part, and both must be content."""
    parts = answer.split("$mark")
    if len(parts) != 2:
        return 0.0
    right = ${first}_score(state["first"], parts[0].strip()) == 1.0
    return 1.0 if right and ${second}_score(state["second"], parts[1].strip()) == 1.0 else 0.0
'''


def draft_joint(recipe: Recipe) -> Draft:
    choose, (a, b) = choice(recipe), heads(recipe)
    name, mark = label(choose, [m.parts for m in recipe.parents]), _separator(recipe.parents) or ";"
    oracles = {m.entry.program.oracle for m in recipe.parents}
    spoken = {
        ";": "a semicolon",
        "|": "a vertical bar (|)",
        "//": "two slashes (//)",
        "&": "an ampersand (&)",
    }[mark]
    ending = choose.of("ending", _JOINT_ENDINGS).format(label=name, mark=spoken)
    return Draft(
        title=choose.of("title", _JOINT_TITLES).format(A=capitalised(a), a=a, B=capitalised(b), b=b),
        summary="Levels are those of both problems, and only two right answers together are right.",
        oracle=Oracle.FEASIBILITY if Oracle.FEASIBILITY in oracles else Oracle.EQUALITY,
        wanted=(("generate", "prompt", "reference", "score"),) * 2,
        body=_JOINT,
        words={
            "label": name,
            "mark": quoted(mark)[1:-1],
            "opening": literal(choose.of("opening", _JOINT_OPENINGS)),
            "ending": literal(ending),
        },
    )


_JOINT_TITLES = (
    "{A} and {b}: two problems, two answers",
    "{A} beside {b}: a double task, and both halves have to be right",
)
_JOINT_OPENINGS = (
    "Solve both of these problems.",
    "Here are two problems that have nothing to do with each other. Both have to be solved.",
)
_JOINT_ENDINGS = (
    "Write your answer to {label} 1, then {mark}, then your answer to {label} 2.",
    "Give both answers, that to {label} 1 first, with {mark} between them.",
)
