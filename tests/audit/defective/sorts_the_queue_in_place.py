# audit: changes-state
"""Queue: how long people wait at a counter.

Defect: to compare the sums the scorer sorts the list of the state itself.
"""

TAGS = ("simulation", "lists")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"minutes": [rng.randint(1, 15 + 3 * difficulty) for _ in range(4 + difficulty)]}


def prompt(state):
    return (
        f"People with business of {', '.join(map(str, state['minutes']))} minutes stand before a counter, in this order. How many minutes do they wait altogether before it is "
        "their turn, and how many would it be if those with the shortest business came first? Write both numbers, separated by a space."
    )


def _waiting(minutes):
    return sum(minute * after for minute, after in zip(minutes, range(len(minutes) - 1, -1, -1)))


def reference(state):
    return f"{_waiting(state['minutes'])} {_waiting(sorted(state['minutes']))}"


def score(state, answer):
    as_they_stand = _waiting(state["minutes"])
    state["minutes"].sort()
    return 1.0 if answer.split() == [str(as_they_stand), str(_waiting(state["minutes"]))] else 0.0
