"""Stack machine: the number on top after a short program.

Defect: score is an async function.
"""

TAGS = ("code-tracing", "stacks")
ORACLE = "equality"


def generate(rng, difficulty):
    program, depth = [], 0
    while len(program) < 7 + 2 * difficulty or depth > 1:
        if depth < 2 or (len(program) < 7 + 2 * difficulty and rng.random() < 0.55):
            program.append(str(rng.randint(1, 12)))
            depth += 1
        else:
            program.append(rng.choice(["ADD", "SUB", "MUL", "MAX"]))
            depth -= 1
    return {"program": program}


def prompt(state):
    return (
        "A stack machine reads words. A number is pushed; ADD, SUB, MUL and MAX take the two upper numbers x (pushed earlier) "
        f"and y (on top) away and push x + y, x - y, x * y or the larger one. After {' '.join(state['program'])}, "
        "which number is on top?"
    )


def reference(state):
    stack = []
    for word in state["program"]:
        if word.isdigit():
            stack.append(int(word))
            continue
        y, x = stack.pop(), stack.pop()
        stack.append({"ADD": x + y, "SUB": x - y, "MUL": x * y, "MAX": max(x, y)}[word])
    return str(stack[-1])


async def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
