"""Chained divisions: quotients and remainders of a chain of numbers.

Defect: at every level about one instance in ten contains a divisor 0, and reference raises ZeroDivisionError.
"""

TAGS = ("arithmetic", "number-theory")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 3 + difficulty
    divisors = [rng.randint(2, 9 + difficulty) for _ in range(count)]
    divisors[rng.randrange(count)] = rng.randint(0, 9)
    return {"start": rng.randint(10**4, 10**5) * 3**difficulty, "divisors": divisors}


def prompt(state):
    return (
        f"Divide {state['start']} by {state['divisors'][0]}, note the remainder, and go on with the whole-number quotient in the "
        f"same way; the divisors are {', '.join(map(str, state['divisors']))}, in this order. "
        "What is the sum of all remainders and of the last quotient?"
    )


def reference(state):
    value, total = state["start"], 0
    for divisor in state["divisors"]:
        value, rest = divmod(value, divisor)
        total += rest
    return str(total + value)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
