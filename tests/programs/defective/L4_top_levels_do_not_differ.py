"""Undo stack: the text in an editor after typing and undoing.

Defect: the size stops growing at level 6, so levels 6, 7, 8 and 9 are the same.
"""

TAGS = ("stacks", "strings")
ORACLE = "equality"


def generate(rng, difficulty):
    size = min(difficulty, 6)
    words, actions = 0, []
    while len(actions) < 8 + 3 * size or words < 3:
        if words > 2 and rng.random() < 0.4:
            actions.append("undo")
            words -= 1
        else:
            actions.append("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=3)))
            words += 1
    return {"actions": actions}


def prompt(state):
    actions = ", ".join("undo" if action == "undo" else f"type {action}" for action in state["actions"])
    return (
        f"In an empty editor somebody does the following: {actions}. Each undo removes the last typed piece that is still there. "
        "What text is in the editor afterwards? Write it without spaces."
    )


def reference(state):
    stack = []
    for action in state["actions"]:
        if action == "undo":
            stack.pop()
        else:
            stack.append(action)
    return "".join(stack)


def score(state, answer):
    return 1.0 if "".join(answer.lower().split()) == reference(state) else 0.0
