"""Operations on the answer to one problem: arithmetic that leads on from it."""

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
)
from envforge.proposers.phrasing import ONE_INTEGER, capitalised


@dataclass(frozen=True, slots=True)
class Transform:
    """One way to lead on from an answer: numbers drawn by `drawn` make it depend on more than the answer.

    `compute` is the end of `reference`, with `value` at hand.
    """

    titles: tuple[str, ...]
    questions: tuple[str, ...]  # may use the drawn numbers by name
    drawn: str  # entries of a dict, as source
    compute: str
    score: str = INTEGER_SCORE
    helper: str = ""
    least: int | None = None  # the smallest answer that it can take


TRANSFORMS: dict[str, Transform] = {
    "remainder": Transform(
        titles=("{A} modulo: the remainder of a multiple of the answer",),
        questions=(
            "Take the answer to this question, multiply it by {factor} and add {offset}. What remains when the "
            "result is divided by {modulus}?",
        ),
        drawn='"factor": rng.randint(12, 48), "offset": rng.randint(5, 60), "modulus": rng.choice(range(61, 120, 2))',
        compute='    return str((state["factor"] * value + state["offset"]) % state["modulus"])\n',
    ),
    "digits": Transform(
        titles=("{A} digit by digit: the digit sum of a product",),
        questions=(
            "Multiply the answer to this question by {factor}. What is the sum of the decimal digits of the product, "
            "and what is its last digit? Give two integers separated by a space, the sum first.",
        ),
        drawn='"factor": rng.randint(1234, 9876)',
        compute='    digits = [int(digit) for digit in str(abs(state["factor"] * value))]\n'
        '    return f"{sum(digits)} {digits[-1]}"\n',
        score=INTEGERS_SCORE,
    ),
    "base": Transform(
        titles=("{A} in another base: the answer written with other digits",),
        questions=(
            "Add {offset} to the answer to this question and write the result in base {base}, without a prefix. "
            "What does it look like?",
        ),
        drawn='"offset": rng.randint(40, 400), "base": rng.choice((2, 3, 4, 5, 6, 7, 9))',
        compute='    return in_base(value + state["offset"], state["base"])\n',
        helper='''

def in_base(number, base):
    """The digits of a positive number, most significant first."""
    digits = ""
    while number > 0:
        digits = str(number % base) + digits
        number //= base
    return digits
''',
        least=0,
    ),
    "divisors": Transform(
        titles=("{A} and its divisors: how many numbers divide the result",),
        questions=(
            "Add {offset} to the answer to this question. Which is the largest prime that divides the result, and "
            "how many positive divisors does the result have? Give the two integers separated by a space, the prime "
            "first.",
        ),
        drawn='"offset": rng.randint(30, 300)',
        compute='    number = value + state["offset"]\n'
        "    prime, divisors = largest_prime(number), [d for d in range(1, number + 1) if number % d == 0]\n"
        '    return f"{prime} {len(divisors)}"\n',
        score=INTEGERS_SCORE,
        helper='''

def largest_prime(number):
    """The largest prime factor of a number above 1, by trial division."""
    factor = 2
    while factor * factor <= number:
        if number % factor == 0:
            number //= factor
        else:
            factor += 1
    return number
''',
        least=0,
    ),
    "collatz": Transform(
        titles=("{A} and the hailstones: halve, or triple and add one",),
        questions=(
            "Add {offset} to the answer to this question and start from there. Again and again, halve the number "
            "if it is even; if it is odd, multiply it by 3 and add 1. Which number do you have after {steps} such "
            "steps?",
        ),
        drawn='"offset": rng.randint(20, 90), "steps": 4 + difficulty + rng.randint(0, 2)',
        compute='    number = value + state["offset"]\n'
        '    for _ in range(state["steps"]):\n'
        "        number = number // 2 if number % 2 == 0 else 3 * number + 1\n"
        "    return str(number)\n",
        least=0,
    ),
    "parity": Transform(
        titles=("{A} odd or even: the answer on its way through a halving machine",),
        questions=(
            "A machine multiplies the answer to this question by {factor}, adds {offset}, and halves the result, "
            "rounding down. What comes out, and is that number odd or even? Answer with the number, a space, and the "
            "word odd or even.",
        ),
        drawn='"factor": rng.randint(3, 19), "offset": rng.randint(10, 99)',
        compute='    number = (state["factor"] * value + state["offset"]) // 2\n'
        "    return f\"{number} {'odd' if number % 2 else 'even'}\"\n",
        score='''

def score(state, answer):
    """The number and the word, in this order; a capital letter does no harm."""
    return 1.0 if answer.lower().split() == reference(state).split() else 0.0
''',
    ),
    "squares": Transform(
        titles=("{A} and the squares: how far the answer is from one",),
        questions=(
            "Multiply the answer to this question by {factor} and add {offset}. Which is the largest square number "
            "that is not above the result, and how much is missing from it to the result? Give two integers "
            "separated by a space, the square first.",
        ),
        drawn='"factor": rng.randint(3, 29), "offset": rng.randint(50, 500)',
        compute='    number = state["factor"] * value + state["offset"]\n'
        "    square = math.isqrt(number) ** 2\n"
        '    return f"{square} {number - square}"\n',
        score=INTEGERS_SCORE,
        least=0,
    ),
}


def transform_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """Every way that fits one integer problem."""
    (member,) = members
    # The largest prime is found by trial up to the number itself, which has to stay small.
    small = member.entry.profile.answer_range is not None and member.entry.profile.answer_range[1] < 10_000
    for name, way in TRANSFORMS.items():
        fits = way.least is None or (
            member.entry.profile.answer_range is not None and member.least >= way.least
        )
        if member.is_integer and member.floor < 0.55 and fits and (small or name != "divisors"):
            yield Recipe("transform", name, members)


_TRANSFORM = '''
def generate(rng, difficulty):
    """The problem as it comes, and numbers of our own that the answer meets afterwards."""
    question = ${first}_generate(rng, difficulty)
    return {"question": question, $drawn}


def prompt(state):
    """The problem, then what to do with its answer."""
    opening = $opening
    question = ${first}_prompt(state["question"])$first_end
    ending = $ending
    return "\\n\\n".join([opening, question, ending])


def reference(state):
    """Leads on from the problem's own answer."""
    value = int(${first}_reference(state["question"]))
$compute$helper'''


def draft_transform(recipe: Recipe) -> Draft:
    choose, (a,), way = choice(recipe), heads(recipe), TRANSFORMS[recipe.variant]
    numbers = {key: f"{{state['{key}']}}" for key in ("factor", "offset", "modulus", "base", "steps")}
    ending = choose.of("question", way.questions).format(**numbers)
    if way.score == INTEGER_SCORE:
        ending = f"{ending} {ONE_INTEGER}"
    body = _TRANSFORM.replace("$compute", way.compute).replace("$helper", way.helper) + way.score
    return Draft(
        title=choose.of("title", way.titles).format(A=capitalised(a), a=a),
        summary="Levels are those of the problem; what follows from its answer is short, but needs it exactly.",
        oracle=Oracle.EQUALITY,
        wanted=(("generate", "prompt", "reference"),),
        body=("import math\n" if "math." in body else "") + body,
        words={
            "opening": literal(choose.of("opening", _OPENINGS)),
            "ending": literal(ending),
            "drawn": way.drawn,
        },
    )


_OPENINGS = (
    "The answer to the following question is needed for a second step.",
    "First find the answer to this question; something remains to be done with it afterwards.",
    "This takes two steps: the question below, and then a calculation with its answer.",
)
