"""Bulls and cows: a code that agrees with all guesses made so far.

Each instance is built around a secret code, but every code that agrees with the clues counts; often only one does.
"""

TAGS = ("logic", "deduction", "games")
ORACLE = "feasibility"


def _judge(code, guess):
    bulls = sum(a == b for a, b in zip(code, guess))
    common = sum(min(code.count(digit), guess.count(digit)) for digit in sorted(set(guess)))
    return [bulls, common - bulls]


def generate(rng, difficulty):
    length = 4 + difficulty // 5
    digits = "123456789"[: 6 + difficulty // 3]
    secret = "".join(rng.sample(digits, length))
    guesses = ["".join(rng.sample(digits, length)) for _ in range(4 + difficulty)]
    guesses = [guess for guess in guesses if guess != secret]
    return {"digits": digits, "secret": secret, "clues": [[guess, _judge(secret, guess)] for guess in guesses]}


def prompt(state):
    clues = "; ".join(
        f"{guess}: {bulls} in the right place, {cows} in a wrong place" for guess, (bulls, cows) in state["clues"]
    )
    return (
        f"A secret code has {len(state['secret'])} different digits from 1 to {state['digits'][-1]}. For each guess "
        f"you learn how many of its digits are in the code at the same place, and how many at another place: {clues}. "
        "Give a code that agrees with all of this."
    )


def reference(state):
    return state["secret"]


def score(state, answer):
    code = answer.strip()
    if len(code) != len(state["secret"]) or len(set(code)) < len(code):
        return 0.0
    if any(digit not in state["digits"] for digit in code):
        return 0.0
    return 1.0 if all(_judge(code, guess) == judged for guess, judged in state["clues"]) else 0.0
