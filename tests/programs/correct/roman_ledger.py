"""Roman ledger: the balance of a book kept in roman numerals, as a roman numeral.

A number of letters only; its scorer reads no digits at all.
"""

TAGS = ("arithmetic", "numerals")
ORACLE = "equality"

SIGNS = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)


def _roman(number):
    text = ""
    for value, sign in SIGNS:
        text += sign * (number // value)
        number %= value
    return text


def generate(rng, difficulty):
    balance, lines = rng.randint(200, 900), []
    start = balance
    for _ in range(3 + difficulty):
        amount = rng.randint(15, 150 + 10 * difficulty)
        if balance > amount + 10 and (balance > 3000 or rng.random() < 0.5):
            balance -= amount
            lines.append(["spent", _roman(amount)])
        else:
            balance += amount
            lines.append(["earned", _roman(amount)])
    return {"start": _roman(start), "lines": lines, "balance": balance}


def prompt(state):
    lines = ", ".join(f"{verb} {amount}" for verb, amount in state["lines"])
    return (
        f"A Roman merchant had {state['start']} coins. Then he {lines}, in this order. How many coins has he in the end? "
        "Write a roman numeral in the usual form, with IV for four, XC for ninety and so on."
    )


def reference(state):
    return _roman(state["balance"])


def score(state, answer):
    return 1.0 if answer.strip().upper() == reference(state) else 0.0
