"""Calendar puzzles: how many days lie between two dates of a year of a made-up calendar.

Defect: at level 4 the question is one of twelve fixed ones.
"""

TAGS = ("calendar", "arithmetic")
ORACLE = "equality"

FAVOURITES = tuple((17 * i % 23 + 1, i % 11 + 1, 13 * i % 29 + 1) for i in range(12))


def generate(rng, difficulty):
    months = [rng.randint(20, 40) for _ in range(5 + difficulty)]
    first, second = sorted(rng.sample(range(len(months)), 2))
    days = [rng.randint(1, 20), rng.randint(1, 20)]
    if difficulty == 4:
        a, b, c = rng.choice(FAVOURITES)
        months, first, second, days = [20 + (a * b + c * i) % 21 for i in range(9)], b % 3, 4 + c % 5, [1 + a % 20, 1 + c % 20]
    return {"months": months, "from": [first, days[0]], "to": [second, days[1]]}


def prompt(state):
    (first, day), (second, other) = state["from"], state["to"]
    return (
        f"The months of a year on Zarkon have {', '.join(map(str, state['months']))} days. How many days after day {day} of month {first + 1} "
        f"comes day {other} of month {second + 1} of the same year?"
    )


def reference(state):
    (first, day), (second, other) = state["from"], state["to"]
    return str(sum(state["months"][first:second]) + other - day)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
