"""Bracket depth: the deepest nesting in a string of brackets.

Defect: the tags are written like titles, with capitals and spaces.
"""

TAGS = ("String Processing", "Stack Simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    pairs = 10 + 4 * difficulty
    text, depth, left = "", 0, pairs
    while left or depth:
        if left and (depth == 0 or rng.random() < 0.55):
            text, depth, left = text + "(", depth + 1, left - 1
        else:
            text, depth = text + ")", depth - 1
    return {"text": text}


def prompt(state):
    return (
        f"For the bracket string {state['text']} add up, over all opening brackets, the number of brackets that are "
        "open right after it (itself included). What is the sum?"
    )


def reference(state):
    depth = total = 0
    for character in state["text"]:
        depth += 1 if character == "(" else -1
        if character == "(":
            total += depth
    return str(total)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
