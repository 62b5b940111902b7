# audit: accepts-affix, accepts-hedge
"""Car park: what a stay costs.

Defect: the scorer takes what stands after the last colon, so that 'not 340: 512' passes for 512.
"""

TAGS = ("arithmetic", "time")
ORACLE = "equality"


def generate(rng, difficulty):
    start = rng.randint(300, 700)
    stays = [[start + rng.randint(0, 60), start + rng.randint(90, 700)] for _ in range(1 + difficulty)]
    return {"stays": stays, "first": rng.randint(120, 300), "rest": rng.randint(50, 110)}


def _clock(minutes):
    return f"{minutes // 60} h {minutes % 60:02d}"


def prompt(state):
    stays = ", ".join(f"from {_clock(a)} to {_clock(b)}" for a, b in state["stays"])
    return (
        f"A car park takes {state['first']} cents for the first hour that has begun and {state['rest']} cents for each further hour "
        f"that has begun. What do these stays cost together, in cents? {stays}."
    )


def reference(state):
    hours = [-(-(b - a) // 60) for a, b in state["stays"]]
    return str(sum(state["first"] + (count - 1) * state["rest"] for count in hours))


def score(state, answer):
    text = answer.rpartition(":")[2].strip()
    return 1.0 if text == reference(state) else 0.0
