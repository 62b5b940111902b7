# audit: prompt-varies, label-contradicted
"""Most frequent word: which word of a text comes most often.

Defect: of several words that are as frequent, the reference names the one that a set yields first, not the one that stands first.
"""

TAGS = ("counting", "strings")
ORACLE = "equality"
WORDS = ("apple", "bread", "cheese", "dates", "eggs", "figs", "grapes", "honey", "ice", "jam", "kale", "leek", "mint", "nuts", "oats")


def generate(rng, difficulty):
    words = rng.sample(WORDS, 5 + difficulty // 2)
    return {"order": [rng.choice(words) for _ in range(12 + 3 * difficulty)]}


def prompt(state):
    return (
        f"Customers ordered one after another: {', '.join(state['order'])}. Which of these goods was ordered most often? If several were, "
        "as often as each other, name the one of them that was ordered first. Write one word."
    )


def reference(state):
    return max(set(state["order"]), key=state["order"].count)


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
