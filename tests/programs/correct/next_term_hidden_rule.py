"""Hidden rule: the next term of a sequence whose rule has to be found from its terms.

The state holds the hidden coefficients and the answer, computed once in generate; neither is shown, both follow
from the terms that are.
"""

TAGS = ("sequences", "induction", "algebra")
ORACLE = "equality"


def generate(rng, difficulty):
    p, q = rng.choice([-3, -2, -1, 1, 2, 3]), rng.choice([-3, -2, -1, 1, 2, 3])
    while True:
        terms = [rng.randint(1, 9 + 3 * difficulty), rng.randint(1, 9 + 3 * difficulty)]
        if terms[1] ** 2 != p * terms[0] * terms[1] + q * terms[0] ** 2:
            break
    for _ in range(3 + difficulty // 3):
        terms.append(p * terms[-1] + q * terms[-2])
    ahead = list(terms)
    for _ in range(1 + difficulty):
        ahead.append(p * ahead[-1] + q * ahead[-2])
    return {"p": p, "q": q, "terms": terms, "ahead": 1 + difficulty, "answer": ahead[-1]}


def prompt(state):
    return (
        f"A sequence starts with {', '.join(map(str, state['terms']))}. From the third term on, each term is p times "
        "the term before it plus q times the term before that, with the same whole numbers p and q throughout. "
        f"If the sequence goes on like this, which number is term number {len(state['terms']) + state['ahead']}?"
    )


def reference(state):
    return str(state["answer"])


def score(state, answer):
    try:
        return 1.0 if int(answer.strip()) == state["answer"] else 0.0
    except ValueError:
        return 0.0
