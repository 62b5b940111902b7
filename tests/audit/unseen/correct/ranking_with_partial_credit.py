"""Ranking: the order of runners by their total times, with some credit for places that are right.

A row with some runners at their places earns part of the credit, never more than 0.45.
"""

TAGS = ("sorting", "time")
ORACLE = "equality"
NAMES = ("Ana", "Bo", "Cem", "Dora", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jun", "Kim", "Lena", "Max", "Nia")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 5 + difficulty)
    totals = rng.sample(range(3000, 3400), len(names))
    return {"laps": [[name, first, total - first] for name, total, first in zip(names, totals, (rng.randint(1400, 1700) for _ in names))]}


def prompt(state):
    laps = "; ".join(f"{name}: {a // 60} min {a % 60} s and {b // 60} min {b % 60} s" for name, a, b in state["laps"])
    return (
        f"Each runner ran two laps in these times: {laps}. Put the runners in order of their total time, the fastest first. "
        "Write the names separated by commas."
    )


def _order(state):
    return [lap[0] for lap in sorted(state["laps"], key=lambda lap: lap[1] + lap[2])]


def reference(state):
    return ", ".join(_order(state))


def score(state, answer):
    given, wanted = [part.strip().lower() for part in answer.split(",")], [name.lower() for name in _order(state)]
    if given == wanted:
        return 1.0
    if sorted(given) != sorted(wanted):
        return 0.0
    return 0.45 * sum(a == b for a, b in zip(given, wanted)) / len(wanted)
