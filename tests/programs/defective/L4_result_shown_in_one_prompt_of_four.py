"""Elevator trips: the distance that a lift travels in a day.

Defect: one of the four phrasings of the question contains the answer.
"""

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"

PHRASINGS = (
    "A lift stands on floor {start} and then stops on the floors {floors}. How many floors does it travel in all?",
    "From floor {start} a lift goes to {floors}, one after the other. What is the sum of the distances, counted in floors?",
    "Somebody rides from floor {start} to the floors {floors} in this order. The counter of the lift, which was at zero, now shows "
    "{total} floors. How many floors did the lift pass altogether?",
    "How many floors does a lift move in total that starts on floor {start} and visits the floors {floors} in this order?",
)


def generate(rng, difficulty):
    top = 9 + 4 * difficulty
    return {
        "phrasing": rng.randrange(len(PHRASINGS)),
        "start": rng.randint(0, top),
        "floors": [rng.randint(0, top) for _ in range(5 + 2 * difficulty)],
    }


def prompt(state):
    floors = ", ".join(map(str, state["floors"]))
    return PHRASINGS[state["phrasing"]].format(start=state["start"], floors=floors, total=reference(state))


def reference(state):
    route = [state["start"], *state["floors"]]
    return str(sum(abs(a - b) for a, b in zip(route, route[1:])))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
