"""Operations over several instances of one problem: sum, extremes, order, counts."""

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
    growing,
    heads,
    literal,
    room_for,
)
from envforge.proposers.phrasing import ONE_INTEGER, capitalised, label

MOST_CASES = 6


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One way to make one answer of several. `compute` is the end of `reference`, with `values` at hand."""

    titles: tuple[str, ...]
    questions: tuple[str, ...]  # may use {label}
    compute: str
    ceiling: float  # the highest guess floor of the parent at which the result is hard enough to guess
    score: str = INTEGER_SCORE
    least_cases: int = 2
    positive: bool = False  # whether answers have to be at least 1
    extra: str = ""  # more of the state, drawn after the cases


AGGREGATES: dict[str, Aggregate] = {
    "sum": Aggregate(
        titles=("{A} added up: the total over several cases", "{A} in sum: several answers in one total"),
        questions=(
            "What do the answers to all of these add up to?",
            "Add up all the answers. What is the total?",
        ),
        compute="    return str(sum(values))\n",
        ceiling=0.5,
    ),
    "weighted": Aggregate(
        titles=("{A} weighted: every answer counts as often as its number says",),
        questions=(
            "Multiply the answer to each {label} by its number, so that later ones weigh more, and add up the "
            "products. What is the sum?",
        ),
        compute="    return str(sum(place * value for place, value in enumerate(values, 1)))\n",
        ceiling=0.5,
    ),
    "largest": Aggregate(
        titles=(
            "{A} with a winner: the largest of several answers",
            "{A} compared: which case has the largest answer",
        ),
        questions=(
            "Which {label} has the largest answer, and how large is it? If several share it, take the first of "
            "them. Answer with two integers separated by a space: the number of the {label}, then its answer.",
            "Find the {label} whose answer is the largest, the first such one if there are several. Give its "
            "number and its answer, two integers separated by a space.",
        ),
        compute='    return f"{values.index(max(values)) + 1} {max(values)}"\n',
        ceiling=0.45,
        score=INTEGERS_SCORE,
    ),
    "extremes": Aggregate(
        titles=("{A} from high to low: the largest answer times the smallest",),
        questions=("What is the largest of the answers multiplied by the smallest of them?",),
        compute="    return str(max(values) * min(values))\n",
        ceiling=0.4,
        positive=True,
    ),
    "spread": Aggregate(
        titles=("{A} spread out: how far apart the answers lie",),
        questions=(
            "How far apart do the answers lie? Give the difference between the largest and the smallest, then the "
            "sum of these two, as two integers separated by a space.",
        ),
        compute='    low, high = min(values), max(values)\n    return f"{high - low} {high + low}"\n',
        ceiling=0.45,
        score=INTEGERS_SCORE,
    ),
    "above": Aggregate(
        titles=("{A} above the bar: how many answers exceed it, and their total",),
        questions=(
            "How many of the answers are greater than {bar}, and what do those add up to? Answer with two integers "
            "separated by a space: the count, then the sum.",
        ),
        compute='    above = [value for value in values if value > state["bar"]]\n'
        '    return f"{len(above)} {sum(above)}"\n',
        ceiling=0.4,
        score=INTEGERS_SCORE,
        least_cases=3,
        extra="    # Just below one of the answers, and not always the largest: some count and some do not.\n"
        '    state["bar"] = rng.choice(sorted(answers(state))[1:]) - 1\n',
    ),
    "alternating": Aggregate(
        titles=("{A} plus and minus: the answers taken away and added in turn",),
        questions=(
            "Start from {start}. Add the answers with odd numbers (1, 3 and so on) and subtract those with even "
            "numbers (2, 4 and so on). What is the result?",
        ),
        compute="    signed = [value if place % 2 == 0 else -value for place, value in enumerate(values)]\n"
        '    return str(state["start"] + sum(signed))\n',
        ceiling=0.5,
        extra='    state["start"] = rng.randint(10, 99)\n',
    ),
    "order": Aggregate(
        titles=("{A} in order: the cases sorted by their answers",),
        questions=(
            "Put the numbers of these in the order of their answers, smallest answer first; where answers are "
            "equal, the lower number comes first. Give the numbers separated by spaces.",
        ),
        compute="    ranked = sorted(range(len(values)), key=lambda place: values[place])\n"
        '    return " ".join(str(place + 1) for place in ranked)\n',
        ceiling=0.3,
        score=INTEGERS_SCORE,
        least_cases=4,
    ),
    "digest": Aggregate(
        titles=("{A} rolled into one: the answers enter a running remainder in turn",),
        questions=(
            "Start with {start}. For each answer in turn, multiply what you have by {factor}, add the answer, and "
            "keep only the remainder on division by {modulus}. What do you have at the end?",
        ),
        compute='    total = state["start"]\n'
        "    for value in values:\n"
        '        total = (state["factor"] * total + value) % state["modulus"]\n'
        "    return str(total)\n",
        ceiling=0.6,
        extra='    state |= {"start": rng.randint(2, 99), "factor": rng.randint(3, 9)}\n'
        '    state["modulus"] = rng.choice((97, 101, 103, 107, 109, 113))\n',
    ),
    "pairs": Aggregate(
        titles=("{A} step by step: the steps from each answer to the next",),
        questions=(
            "From each answer to the next there is a step up or down of some size. What do the sizes of all these "
            "steps add up to, and what is the last answer? Give two integers separated by a space, the sum first.",
        ),
        compute="    steps = sum(abs(after - before) for before, after in zip(values, values[1:]))\n"
        '    return f"{steps} {values[-1]}"\n',
        ceiling=0.4,
        score=INTEGERS_SCORE,
    ),
}


def aggregate_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """Every way that fits one integer problem."""
    (member,) = members
    if not member.is_integer:
        return
    room = room_for(member.length, MOST_CASES)
    for name, way in AGGREGATES.items():
        if room >= way.least_cases and member.floor < way.ceiling and (member.least >= 1 or not way.positive):
            yield Recipe("aggregate", name, members)


_AGGREGATE = '''
def generate(rng, difficulty):
    """Independent cases of one problem, more of them at higher levels."""
$make

def prompt(state):
    """The cases one by one, then what to make of their answers."""
    opening = $opening
    question = $question
    lines = [opening]
    for number, case in enumerate(state["cases"], 1):
        lines.append(f"$label {number}. " + ${first}_prompt(case)$first_end)
    return "\\n\\n".join([*lines, question])


def answers(state):
    """The answer to each case, in order."""
    return [int(${first}_reference(case)) for case in state["cases"]]


def reference(state):
    """Works out every case and puts the answers together."""
    values = answers(state)
$compute'''


def draft_aggregate(recipe: Recipe) -> Draft:
    choose, (a,), way = choice(recipe), heads(recipe), AGGREGATES[recipe.variant]
    (member,) = recipe.parents
    name = label(choose, [member.parts], cases=True)
    count = growing(room_for(member.length, MOST_CASES), way.least_cases)
    make = f"    cases = [${{first}}_generate(rng, difficulty) for _ in range({count})]\n"
    if way.extra:
        make += f'    state = {{"cases": cases}}\n{way.extra}    return state\n'
    else:
        make += '    return {"cases": cases}\n'
    numbers = {key: f"{{state['{key}']}}" for key in ("bar", "start", "factor", "modulus")}
    question = choose.of("question", way.questions).format(label=name.lower(), **numbers)
    if way.score == INTEGER_SCORE:
        question = f"{question} {ONE_INTEGER}"
    opening = choose.of("opening", _OPENINGS).format(label=name.lower(), count="{len(state['cases'])}")
    return Draft(
        title=choose.of("title", way.titles).format(A=capitalised(a), a=a),
        summary="The cases are independent. Levels make each of them harder, and there are more of them.",
        oracle=Oracle.EQUALITY,
        wanted=(("generate", "prompt", "reference"),),
        body=_AGGREGATE.replace("$make", make).replace("$compute", way.compute) + way.score,
        words={"label": name, "opening": literal(opening), "question": literal(question)},
    )


_OPENINGS = (
    "Here are {count} problems of the same kind. Work out the answer to each of them.",
    "Find the answer to each {label} below; all {count} follow the same pattern, with other numbers.",
    "Solve the following {count} problems, one after another, and keep their answers.",
)
