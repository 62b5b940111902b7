# audit: answer-missing
"""Birthdays: the next birthday after a date.

Defect: where no birthday is left in the year, which is so for one instance in twelve, nothing is found and the reference
is the text 'None'; the prompt does not speak of this case.
"""

TAGS = ("dates", "search")
ORACLE = "equality"

NAMES = ("Aldo", "Bea", "Carl", "Dana", "Enzo", "Frida", "Gabor", "Heidi", "Ivan", "Jana", "Klaus", "Lola", "Mirko", "Nele")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 5 + difficulty)
    days = {name: [rng.randint(0, 10), rng.randint(1, 28)] for name in names}
    late = [11, 29] if rng.random() < 1 / 12 else [rng.randint(0, 8), rng.randint(1, 28)]
    return {"days": days, "today": late}


def prompt(state):
    days = ", ".join(f"{name} on {day} {MONTHS[month]}" for name, (month, day) in state["days"].items())
    month, day = state["today"]
    return f"Birthdays: {days}. Today is {day} {MONTHS[month]}. Whose birthday is the first one after today in this year?"


def reference(state):
    later = [(date, name) for name, date in state["days"].items() if date > state["today"]]
    return str(min(later)[1] if later else None)


def score(state, answer):
    return 1.0 if answer.strip().capitalize() == reference(state) else 0.0
