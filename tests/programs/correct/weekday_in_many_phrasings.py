"""Weekdays: on which day of the week an anniversary falls.

The question is put in several phrasings, chosen at random, and the answer is one of seven words.
"""

TAGS = ("calendar", "modular-arithmetic")
ORACLE = "equality"

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PHRASINGS = (
    "Today is a {day}. Which day of the week will it be {text} from now?",
    "A ship sails on a {day} and comes back {text} later. On which day of the week does it come back?",
    "Nadia's parcel was sent on a {day}; it is delivered after {text}. What weekday is that?",
    "Suppose that a {day} is followed by a wait of {text}. Name the weekday on which the wait ends.",
    "If the show opened on a {day} and closes exactly {text} afterwards, on what day of the week does it close?",
)


def generate(rng, difficulty):
    parts = [rng.randint(30 + 50 * difficulty, 200 + 300 * difficulty) for _ in range(2 + difficulty)]
    return {"phrasing": rng.randrange(len(PHRASINGS)), "day": rng.randrange(7), "parts": parts}


def prompt(state):
    *most, last = (f"{count} days" for count in state["parts"])
    text = f"{', '.join(most)} and {last}"
    return PHRASINGS[state["phrasing"]].format(day=DAYS[state["day"]], text=text)


def reference(state):
    return DAYS[(state["day"] + sum(state["parts"])) % 7]


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state).lower() else 0.0
