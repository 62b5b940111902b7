"""Relay race: the time of a relay team.

Defect: the runners are kept in a set of plain objects, whose order follows their addresses in memory.
"""

TAGS = ("simulation", "arithmetic")
ORACLE = "equality"


class Runner:
    def __init__(self, name, seconds):
        self.name = name
        self.seconds = seconds


def generate(rng, difficulty):
    names = rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 5 + difficulty)
    team = {Runner(name, rng.randint(40, 90)) for name in names}
    return {"runners": [[runner.name, runner.seconds] for runner in team], "loss": rng.randint(2, 7)}


def prompt(state):
    runners = ", ".join(f"{name} ({seconds} s)" for name, seconds in state["runners"])
    return (
        f"A relay team runs in the order {runners}; in brackets stand their usual times. Each runner after the first one needs {state['loss']} seconds more than usual if the runner before was "
        "slower by the usual times, and one second less otherwise. How many seconds does the team need?"
    )


def reference(state):
    times = [seconds for _, seconds in state["runners"]]
    return str(sum(times) + sum(state["loss"] if a > b else -1 for a, b in zip(times, times[1:])))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
