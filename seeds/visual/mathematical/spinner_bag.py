"""Spinner and bag: the probability of a number or of a sum, on wheels of equal slices and in a bag.

Levels join events, make sectors unequal, and add a second wheel, a bag, and a ball that is already drawn.
"""

from fractions import Fraction
from itertools import product

from canvas import Canvas, look, scatter, spinner

BUCKET = "mathematical"
LEVELS = (
    "one wheel of equal sectors: one number",
    "one wheel: a number or more",
    "one wheel: odd, or a number or more",
    "unequal sectors: one number",
    "unequal sectors: odd, or a number or more",
    "two wheels of unequal sectors: the same number",
    "two wheels: a sum",
    "two wheels: a sum or more",
    "a wheel and a bag: a sum",
    "a wheel and a bag, one ball drawn before: a sum",
)
TAGS = ("probability", "fractions", "counting")
ORACLE = "equality"
EXACT, MORE, ODD, SAME = "is {}", "is {} or more", "is odd, or {} or more", "are equal"
EVENTS = (EXACT, MORE, ODD, EXACT, ODD, SAME, EXACT, MORE, EXACT, EXACT)
WORDINGS = ("What is the probability that {}?", "Find the probability that {}.")
RULES = "Dashes divide sectors into slices. All slices of a wheel{} are equally likely."


def generate(rng, difficulty):
    event, state = EVENTS[difficulty], {}
    while not state or not 0 < chance(state) < 1:
        wheels, balls = [], [rng.randint(1, 6) for _ in range(rng.randint(6, 9))] if difficulty > 7 else []
        for _ in range(2 if difficulty in (5, 6, 7) else 1):
            n = rng.randint(8, 12)
            cuts = sorted(rng.sample(range(1, n), n - 1 if difficulty < 3 else rng.randint(3, 5)))
            spans = [b - a for a, b in zip([0, *cuts], [*cuts, n])]
            wheels.append({"spans": spans, "words": [rng.randint(1, 6) for _ in spans]})
        value = rng.randint(2, 6 if difficulty < 5 else 11)
        state = {"wheels": wheels, "balls": balls, "event": event, "value": value, "drawn": difficulty > 8}
    places = scatter(rng, [34] * len(balls), 340, 340)
    return {**state, "places": places, "look": look(rng), "wording": rng.randrange(2)}


def chance(state):
    """By counting slices and balls; the first ball of the list is gone if one was drawn before."""
    parts = [[x for x, n in zip(w["words"], w["spans"]) for _ in range(n)] for w in state["wheels"]]
    parts += [state["balls"][state["drawn"] :]] if state["balls"] else []
    event, value, hits, outcomes = state["event"], state["value"], 0, list(product(*parts))
    for numbers in outcomes:
        total, more = sum(numbers), sum(numbers) >= value
        hits += {EXACT: total == value, MORE: more, ODD: more or total % 2, SAME: len({*numbers}) == 1}[event]
    return Fraction(hits, len(outcomes))


def prompt(state):
    bag, two, event = state["balls"], len(state["wheels"]) > 1, state["event"]
    what = "the sum of the two numbers" if bag or two else "the number"
    what = "the two numbers" if event == SAME else what
    deed = "Each wheel is spun once" if two else "The wheel is spun once"
    deed += ", and one ball is drawn from the bag." if bag else "."
    deed += f" Before, a {bag[0]} was drawn from the bag shown and not put back." if state["drawn"] else ""
    rules = RULES.format(", and all balls in the bag," if bag else "")
    question = WORDINGS[state["wording"]].format(f"{what} {event.format(state['value'])}")
    return f"{deed} {rules} {question} Answer with a fraction in lowest terms, like 4/17."


def reference(state):
    return str(chance(state))


def score(state, answer):
    return 1.0 if answer.replace(" ", "").strip() == reference(state) else 0.0


def render(state):
    c = Canvas(448 if len(state["wheels"]) + len(state["balls"]) == 1 else 832, 448, state["look"])
    for i, wheel in enumerate(state["wheels"]):
        spinner(c, (224 + 390 * i, 238), 184, wheel["spans"], wheel["words"], 180 / sum(wheel["spans"]))
    if state["balls"]:
        c.rect(446, 54, 340, 340, fill="panel", round=40, width=3)
    for (x, y), ball in zip(state["places"], state["balls"]):
        c.circle((446 + x, 54 + y), 34, fill=c.tint(ball, 0.55))
        c.text((446 + x, 54 + y), ball, 26, bold=True)
    return c.svg()
