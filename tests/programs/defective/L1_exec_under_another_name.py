"""Tiny programs: what a straight-line program leaves in a variable.

Defect: runs the program with exec, under the alias run_program.
"""

TAGS = ("code-tracing", "arithmetic")
ORACLE = "equality"

run_program = exec


def generate(rng, difficulty):
    lines = [f"a = {rng.randint(2, 30)}", f"b = {rng.randint(2, 30)}", f"c = {rng.randint(2, 30)}"]
    for _ in range(3 + difficulty):
        target, left, right = rng.choice("abc"), rng.choice("abc"), rng.choice("abc")
        lines.append(f"{target} = {left} {rng.choice('+-')} {right} + {rng.randint(1, 20)}")
    return {"lines": lines}


def prompt(state):
    program = "\n".join(state["lines"])
    return f"These lines are carried out from top to bottom:\n\n{program}\n\nWhat is 100 * a + 10 * b + c at the end?"


def reference(state):
    scope = {}
    run_program("\n".join(state["lines"]), scope)
    return str(100 * scope["a"] + 10 * scope["b"] + scope["c"])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
