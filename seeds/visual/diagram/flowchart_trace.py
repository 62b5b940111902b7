"""Flowchart trace: the numbers that a drawn program prints.

Levels go from straight steps to branches, loops and loops in loops. Every loop moves its counter towards the end.
"""

from canvas import flow_canvas, look

BUCKET = "diagram"
LEVELS = (
    "straight steps",
    "prints between the steps",
    "a copy kept for later",
    "a branch",
    "a branch within a branch",
    "two branches in turn",
    "a loop",
    "a loop with a branch",
    "a loop that prints",
    "a loop within a loop",
)
TAGS = ("flowchart", "program-tracing", "arithmetic")
ORACLE = "equality"
WORDINGS = ("What does the program in the flowchart print?", "Run the flowchart. What is printed?")
X, Y = "x = x + {0}|x = x + y|x = y + {0}|x = x × 2", "y = y + {0}|y = y + x|y = x + {0}|y = y × 2"
ON, LOW, COPY, TEST = "x = x + {0}", "x < {1}", "z = x + {0}", "x > {1}|x < {1}|y > {1}|y < x|x < y"
PROGRAMS = (
    [X, Y, X, "print x"],
    [X, "print x", Y, "print y", X, "print x"],
    [COPY, X, Y, "y = y + z", "print x", "print y"],
    [Y, ["if", TEST, [X, Y], [Y]], "print x", "print y"],
    [["if", TEST, [X, ["if", TEST, [X], [Y]]], [Y]], "print x", "print y"],
    [["if", TEST, [X], [Y]], ["if", TEST, [Y], [X]], "print x", "print y"],
    [["while", LOW, [ON, Y], []], "print x", "print y"],
    [["while", LOW, [ON, ["if", "y < {2}", [Y], ["y = y − {1}"]]], []], "print x", "print y"],
    [["while", LOW, [ON, Y, "print y"], []], "print x"],
    [["while", LOW, [ON, COPY, ["while", "z > {0}", ["z = z − {0}", "y = y + z"], []]], []], "print y"],
)


def generate(rng, difficulty):
    """Redrawn until values stay small, loops are run again, and a branch in one has gone both ways."""
    for _ in range(300):
        program = fill(["start", "x = {0}", "y = {0}", *PROGRAMS[difficulty], "end"], rng)
        tests = [event for event in run(program, {}) if event[0] != "print"]
        again = difficulty < 6 or (tests.count(tests[0]) > 1 and len(set(tests)) == (2, 4)[difficulty % 2])
        if again and len(tests) < 15 and all(0 <= value < 150 for event, value in run(program, {})):
            break
    return {"program": program, "wording": rng.randrange(2), "look": look(rng)}


def fill(part, rng):
    if isinstance(part, list):
        return [fill(step, rng) for step in part]
    return rng.choice(part.split("|")).format(rng.randint(2, 6), rng.randint(11, 22), rng.randint(18, 40))


def run(program, values):
    for step in program:
        if isinstance(step, list):
            outcome = calculate(step[1], values)
            yield step[1], outcome
            yield from run(step[2] + [step] * (step[0] == "while") if outcome else step[3], values)
        elif "print" in step:
            yield "print", values[step[-1]]
        elif "=" in step:
            values[step[0]] = calculate(step[4:], values)


def calculate(expression, values):
    words = (*expression.split(), "+", "0")
    a, b = (values[word] if word in values else int(word) for word in words[:3:2])
    return {"+": a + b, "−": a - b, "×": a * b, "<": a < b, ">": a > b}[words[1]]


def prompt(state):
    return WORDINGS[state["wording"]] + " Give the numbers in order, with spaces between, like 41 7 300."


def reference(state):
    return " ".join(str(number) for event, number in run(state["program"], {}) if event == "print")


def score(state, answer):
    return 1.0 if answer.replace(",", " ").split() == reference(state).split() else 0.0


def render(state):
    c = flow_canvas(state["program"], state["look"])
    c.rect(12, 12, c.w - 24, c.h - 24, stroke=0, width=4, round=16)
    return c.svg()
