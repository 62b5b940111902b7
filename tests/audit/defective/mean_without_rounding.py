# audit: reference-refused
"""School marks: the mean of some marks.

Defect: the reference is rounded to two decimals as the prompt says, and the scorer compares it with the mean that was
not rounded.
"""

TAGS = ("arithmetic", "statistics")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"marks": [rng.randint(1, 15) for _ in range(5 + 2 * difficulty)]}


def prompt(state):
    return f"A pupil has the marks {', '.join(map(str, state['marks']))}. What is their mean, rounded to two decimal places?"


def reference(state):
    return f"{sum(state['marks']) / len(state['marks']):.2f}"


def score(state, answer):
    try:
        value = float(answer)
    except ValueError:
        return 0.0
    return 1.0 if value * len(state["marks"]) == sum(state["marks"]) else 0.0
