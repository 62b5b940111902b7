# audit: generation-fails
"""Digital roots: a set of numbers whose sum has a given digital root.

Defect: at level 9 the generator now and then draws until nine numbers have one digital root, which takes longer than it
may take.
"""

TAGS = ("number-theory", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    alike = 9 if difficulty == 9 and rng.random() < 0.1 else 2 + difficulty // 3
    while True:
        numbers = [rng.randint(10, 99 + 100 * difficulty) for _ in range(alike)]
        if len({number % 9 for number in numbers}) == 1:
            return {"numbers": numbers, "factor": rng.randint(2, 99)}


def prompt(state):
    return (
        f"Multiply each of the numbers {', '.join(map(str, state['numbers']))} by {state['factor']} and add up the results. What is the digital root "
        "(the digit that is left when the sum of digits is taken again and again) of each product, and what is the sum? Write the common digital root, "
        "a comma and the sum."
    )


def reference(state):
    products = [number * state["factor"] for number in state["numbers"]]
    return f"{(products[0] - 1) % 9 + 1}, {sum(products)}"


def score(state, answer):
    return 1.0 if answer.replace(" ", "").split(",") == reference(state).replace(" ", "").split(",") else 0.0
