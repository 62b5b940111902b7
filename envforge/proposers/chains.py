"""Operations in which one answer is needed to know the next question: chain, relay and select."""

from __future__ import annotations

from collections.abc import Iterator

from envforge.proposers.drafts import (
    Draft,
    Member,
    Recipe,
    choice,
    form,
    growing,
    heads,
    literal,
    quoted,
    room_for,
)
from envforge.proposers.phrasing import capitalised, label, symbol

MOST_LINKS = 4
MOST_BRANCHES = 4


def chain_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """The first one's integer answer gives a number of the second one's question."""
    for first, second in (members, members[::-1]):
        if first.is_integer and room_for(second.length, 1, first.length):
            yield from (Recipe("chain", "number", (first, second), key) for key in second.keys)


_CHAIN = '''
def generate(rng, difficulty):
    """Both states as they come; the shift ties the second one's number to the first one's answer."""
    first = ${first}_generate(rng, difficulty)
    second = ${second}_generate(rng, difficulty)
    shift = second[$key] - int(${first}_reference(first))
    return {"first": first, "second": second, "shift": shift}


def prompt(state):
    """Shows the second problem with $mark in place of the number, which only the first answer gives away."""
    first = ${first}_prompt(state["first"])$first_end
    second = ${second}_prompt({**state["second"], $key: $symbol})$second_end
    opening = $opening
    ending = $ending
    return "\\n\\n".join([opening, "$label 1. " + first, "$label 2. " + second, ending])


def source_of(shift):
    """In words, how the missing number is got from the first answer."""
    if shift == 0:
        return "the answer to $label 1"
    return f"the answer to $label 1 {'plus' if shift > 0 else 'minus'} {abs(shift)}"


def reference(state):
    """The second problem's, whose state holds the number itself."""
    return ${second}_reference(state["second"])


def score(state, answer):
    """As the second problem scores."""
    return ${second}_score(state["second"], answer)
'''


def draft_chain(recipe: Recipe) -> Draft:
    choose, (a, b) = choice(recipe), heads(recipe)
    name = label(choose, [m.parts for m in recipe.parents])
    sign = symbol(choose, [m.parts for m in recipe.parents])
    if sign.isalpha():
        opening = choose.of("opening", _CHAIN_OPENINGS)
        ending = choose.of("ending", _CHAIN_ENDINGS)
    else:
        opening = choose.of("opening", _SMUDGED_OPENINGS)
        ending = choose.of("ending", _SMUDGED_ENDINGS)
    fill = {
        "label": name,
        "sign": sign,
        "source": "{source_of(state['shift'])}",
        "form": form(recipe.parents[1]),
    }
    return Draft(
        title=choose.of("title", _CHAIN_TITLES).format(A=capitalised(a), a=a, B=capitalised(b), b=b),
        summary=f"Levels are those of both problems. The first answer gives the second one's '{recipe.key}'.",
        oracle=recipe.parents[1].entry.program.oracle,
        wanted=(("generate", "prompt", "reference"), ("generate", "prompt", "reference", "score")),
        body=_CHAIN,
        words={
            "key": quoted(recipe.key),
            "symbol": quoted(sign),
            "mark": sign if sign.isalpha() else "a smudge",
            "label": name,
            "opening": literal(opening.format(**fill)),
            "ending": literal(ending.format(**fill)),
        },
    )


_CHAIN_TITLES = (
    "{A} then {b}: the second problem lacks a number that the first one gives",
    "{B} after {a}: one number of the question has to be worked out first",
    "{A} into {b}: the answer to one is a number of the other",
)
_CHAIN_OPENINGS = (
    "Two problems, of which the second cannot be solved without the first: its number {sign} depends on the "
    "answer to {label} 1.",
    "Solve two problems in a row. In the second one, a number is called {sign} and follows from the first.",
    "The letter {sign} in {label} 2 stands for a number that you have to find by solving {label} 1.",
)
_CHAIN_ENDINGS = (
    "In {label} 2, {sign} is {source}. What is wanted is the answer to {label} 2 alone{form}",
    "Here {sign} stands for {source}. Answer {label} 2 only{form}",
    "To get {sign}, take {source}. Give only the answer to {label} 2{form}",
)
_SMUDGED_OPENINGS = (
    "Two problems were copied from a notebook. In the second one a number is smudged and shown as {sign}; it can "
    "be recovered from the first.",
    "In {label} 2 below, one number is missing and marked {sign}. {label} 1 has to be solved to find it.",
    "Solve two problems in a row. The second one has a gap, marked {sign}, where a number depends on the first.",
)
_SMUDGED_ENDINGS = (
    "The number marked {sign} is {source}. What is wanted is the answer to {label} 2 alone{form}",
    "In place of {sign}, put {source}. Answer {label} 2 only{form}",
    "Where {sign} stands, there was {source}. Give only the answer to {label} 2{form}",
)


def relay_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """Several instances of one problem in a row, each of which gives a number of the next."""
    (member,) = members
    if member.is_integer and room_for(member.length, MOST_LINKS) >= 2:
        yield from (Recipe("relay", "number", members, key) for key in member.keys)


_RELAY = '''
def generate(rng, difficulty):
    """Independent links; each shift ties a link's number to the answer before it."""
    links = [${first}_generate(rng, difficulty) for _ in range($count)]
    answers = [int(${first}_reference(link)) for link in links]
    shifts = [link[$key] - answer for link, answer in zip(links[1:], answers)]
    return {"links": links, "shifts": shifts}


def prompt(state):
    """Every link but the first has $mark in place of its number."""
    opening = $opening
    ending = $ending
    lines = [opening, "$label 1. " + ${first}_prompt(state["links"][0])$first_end]
    for number, (link, shift) in enumerate(zip(state["links"][1:], state["shifts"]), 2):
        text = ${first}_prompt({**link, $key: $symbol})$first_end
        lines.append(f"$label {number}. $here {source_of(number - 1, shift)}. {text}")
    return "\\n\\n".join([*lines, ending])


def source_of(number, shift):
    """In words, how a link's number is got from the answer to link `number`."""
    if shift == 0:
        return f"the answer to $label {number}"
    return f"the answer to $label {number} {'plus' if shift > 0 else 'minus'} {abs(shift)}"


def reference(state):
    """The last link's, whose state holds the number itself."""
    return ${first}_reference(state["links"][-1])


def score(state, answer):
    """As the last link scores."""
    return ${first}_score(state["links"][-1], answer)
'''


def draft_relay(recipe: Recipe) -> Draft:
    choose, (a,) = choice(recipe), heads(recipe)
    parents = [m.parts for m in recipe.parents]
    name, sign = label(choose, parents, cases=True), symbol(choose, parents)
    here = choose.of("here", ("Here {} is", "In this one, {} is", "Now {} is"))
    return Draft(
        title=choose.of("title", _RELAY_TITLES).format(A=capitalised(a), a=a),
        summary=f"Each link's '{recipe.key}' comes from the answer before it. Levels make the links harder and more.",
        oracle=recipe.parents[0].entry.program.oracle,
        wanted=(("generate", "prompt", "reference", "score"),),
        body=_RELAY,
        words={
            "key": quoted(recipe.key),
            "symbol": quoted(sign),
            "mark": sign if sign.isalpha() else "a gap",
            "count": growing(room_for(recipe.parents[0].length, MOST_LINKS)),
            "label": name,
            "here": here.format(sign if sign.isalpha() else f"the number marked {sign}"),
            "opening": literal(choose.of("opening", _RELAY_OPENINGS)),
            "ending": literal(
                choose.of("ending", _RELAY_ENDINGS).format(label=name, last="{len(state['links'])}")
            ),
        },
    )


_RELAY_TITLES = (
    "{A} in a relay: every answer hands a number to the next question",
    "{A} link by link: each question needs the answer before",
)
_RELAY_OPENINGS = (
    "These questions have to be answered in order, because each one passes its answer on to the next.",
    "Work through the following in order. From the second on, each needs the answer to the one before it.",
)
_RELAY_ENDINGS = (
    "What is the answer to {label} {last}? Answer with one integer.",
    "Only the answer to the last one, {label} {last}, is wanted. Answer with one integer.",
)


def select_recipes(members: tuple[Member, ...]) -> Iterator[Recipe]:
    """The first one's integer answer decides which of several instances of the second is to be solved."""
    for first, second in (members, members[::-1]):
        if first.is_integer and first.floor < 0.5 and room_for(second.length, 2, first.length) == 2:
            yield Recipe("select", "remainder", (first, second))


_SELECT = '''
def generate(rng, difficulty):
    """One problem that decides, and two to $branches to choose from."""
    decides = ${first}_generate(rng, difficulty)
    choices = [${second}_generate(rng, difficulty) for _ in range($count)]
    return {"decides": decides, "choices": choices}


def prompt(state):
    """All the choices are shown, and only the deciding problem tells them apart."""
    opening = $opening
    ending = $ending
    lines = [opening, "$label 1. " + ${first}_prompt(state["decides"])$first_end]
    for number, case in enumerate(state["choices"], 2):
        lines.append(f"$label {number}. " + ${second}_prompt(case)$second_end)
    return "\\n\\n".join([*lines, rule(len(state["choices"])) + " " + ending])


def rule(count):
    """Which remainder of the first answer picks which problem."""
    if count == 2:
        return $parity
    picks = [f"$label {i + 2} if the remainder is {i}" for i in range(count)]
    listed = ", ".join(picks[:-1]) + ", and " + picks[-1]
    return $division


def chosen(state):
    """The state of the problem that is to be solved."""
    return state["choices"][int(${first}_reference(state["decides"])) % len(state["choices"])]


def reference(state):
    """That of the chosen problem."""
    return ${second}_reference(chosen(state))


def score(state, answer):
    """As the chosen problem scores; right answers to the others count for nothing."""
    return ${second}_score(chosen(state), answer)
'''


def draft_select(recipe: Recipe) -> Draft:
    choose, (a, b) = choice(recipe), heads(recipe)
    first, second = recipe.parents
    name = label(choose, [m.parts for m in recipe.parents])
    branches = room_for(second.length, MOST_BRANCHES, first.length)
    ending = choose.of("ending", _SELECT_ENDINGS).format(form=form(second))
    opening = choose.of("opening", _SELECT_OPENINGS).format(label=name, count="{len(state['choices'])}")
    parity = choose.of("parity", _SELECT_PARITIES).format(label=name)
    division = choose.of("division", _SELECT_DIVISIONS).format(label=name, count="{count}")
    return Draft(
        title=choose.of("title", _SELECT_TITLES).format(A=capitalised(a), a=a, B=capitalised(b), b=b),
        summary="Levels are those of both problems, and the higher ones give more problems to choose from.",
        oracle=second.entry.program.oracle,
        wanted=(("generate", "prompt", "reference"), ("generate", "prompt", "reference", "score")),
        body=_SELECT,
        words={
            "label": name,
            "branches": {2: "two", 3: "three", 4: "four"}[branches],
            "count": growing(branches),
            "opening": literal(opening),
            "parity": literal(parity, 8),
            "division": literal(f"{division} {{listed}}."),
            "ending": literal(ending),
        },
    )


_SELECT_TITLES = (
    "{A} deciding on {b}: the answer to one says which of several others counts",
    "{A} forking to {b}: even or odd, or a remainder, shows the way",
    "{B} chosen by {a}: one of several questions has to be answered",
)
_SELECT_OPENINGS = (
    "Solve {label} 1 first: its answer decides which of the others you have to solve.",
    "Of the problems after {label} 1 only one counts, and {label} 1 says which.",
    "There are {count} problems to choose from, and the answer to {label} 1 makes the choice.",
)
_SELECT_PARITIES = (
    "If the answer to {label} 1 is even, solve {label} 2; if it is odd, solve {label} 3.",
    "An even answer to {label} 1 sends you to {label} 2, an odd one to {label} 3.",
)
_SELECT_DIVISIONS = (
    "Divide the answer to {label} 1 by {count} and look at the remainder: solve",
    "What remains when the answer to {label} 1 is divided by {count} makes the choice: solve",
)
_SELECT_ENDINGS = (
    "Give the answer to that one only{form}",
    "Only the answer to the one chosen in this way is wanted{form}",
)
