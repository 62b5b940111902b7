# audit: label-contradicted
"""Days between: how many days lie between two dates.

Defect: the reference takes each fourth year for a leap year, the years 1700, 1800 and 1900 too; only the higher levels
come across them often.
"""

TAGS = ("dates", "arithmetic")
ORACLE = "equality"

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def generate(rng, difficulty):
    first = rng.randint(1901 - 28 * difficulty, 1980)
    years = sorted([first, first + rng.randint(0, 5 + 9 * difficulty)])
    dates = [[year, rng.randint(1, 12), rng.randint(1, 28)] for year in years]
    return {"dates": sorted(dates)}


def prompt(state):
    (a, b, c), (d, e, f) = state["dates"]
    return f"How many days after the date {a:04d}-{b:02d}-{c:02d} (year, month, day) is the date {d:04d}-{e:02d}-{f:02d} in the Gregorian calendar?"


def _number(year, month, day):
    days = 365 * year + (year - 1) // 4 + sum(DAYS[: month - 1]) + day
    return days + (1 if month > 2 and year % 4 == 0 else 0)


def reference(state):
    one, two = (_number(*date) for date in state["dates"])
    return str(two - one)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
