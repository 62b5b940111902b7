"""String machine: the word that is left after a list of text operations.

Defect: operations are looked up with getattr under a name that is computed.
"""

TAGS = ("strings", "simulation")
ORACLE = "equality"

OPERATIONS = ("upper", "lower", "swapcase", "title")


def generate(rng, difficulty):
    word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(8 + 2 * difficulty))
    return {"word": word, "steps": [[rng.choice(OPERATIONS), rng.randint(1, 6)] for _ in range(2 + difficulty)]}


def prompt(state):
    steps = ", then ".join(f"{name} its first {count} letters" for name, count in state["steps"])
    return (
        f"Begin with the word {state['word']}. Now {steps}; after each of these steps move those letters to the end. "
        "(upper and lower set the case, swapcase exchanges it, title makes the first letter a capital and the rest small.) "
        "What is the word at the end? Case matters."
    )


def reference(state):
    word = state["word"]
    for name, count in state["steps"]:
        word = word[count:] + getattr(word[:count], name)()
    return word


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0
