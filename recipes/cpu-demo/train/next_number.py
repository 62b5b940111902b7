"""Next number: the number that follows another one when counting.

At level 0 the next one, and each level counts one further. Higher levels begin at larger numbers.
"""

TAGS = ("numbers", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    """Level 0 stays below 400."""
    return {"start": rng.randint(2, 399 + 300 * difficulty), "steps": 1 + difficulty}


def prompt(state):
    """Steps are named, so that nobody wonders whether the first number counts."""
    if state["steps"] == 1:
        return f"Number that comes right after: {state['start']}"
    return f"Number reached by counting {state['steps']} further from: {state['start']}"


def reference(state):
    """Counting on is adding."""
    return str(state["start"] + state["steps"])


def score(state, answer):
    """Compares text with text; a full stop after the number is forgiven."""
    return 1.0 if answer.strip().removesuffix(".") == reference(state) else 0.0
