"""Priority queue: in which order patients are called.

Defect: the prompt asks for the order, the scorer compares sets.
"""

TAGS = ("queues", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 6 + difficulty
    numbers = rng.sample(range(10, 100), count)
    return {"patients": [[number, rng.randint(1, 5)] for number in numbers], "called": 4 + difficulty // 2}


def prompt(state):
    patients = ", ".join(f"{number} with urgency {urgency}" for number, urgency in state["patients"])
    return (
        f"Patients wait who came in this order: {patients}. The most urgent one (5 is the highest urgency) is always called next, of equally urgent "
        f"ones the one who came first. Write the numbers of the first {state['called']} patients in the order in which they are called, separated by commas."
    )


def reference(state):
    ranked = sorted(state["patients"], key=lambda patient: -patient[1])
    return ", ".join(str(number) for number, _ in ranked[: state["called"]])


def score(state, answer):
    try:
        given = {int(part) for part in answer.split(",")}
    except ValueError:
        return 0.0
    return 1.0 if given == {int(part) for part in reference(state).split(",")} else 0.0
