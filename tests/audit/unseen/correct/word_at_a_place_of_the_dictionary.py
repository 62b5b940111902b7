"""Made-up dictionary: which word stands at a certain place when words are sorted by an odd alphabet.

The answer is always one of the words in the prompt, for the candidates have to be named.
"""

TAGS = ("sorting", "strings")
ORACLE = "equality"
LETTERS = "abdeiklmnorstu"


def generate(rng, difficulty):
    alphabet = "".join(rng.sample(LETTERS, len(LETTERS)))
    words = ["".join(rng.choice(LETTERS) for _ in range(4)) for _ in range(7 + 2 * difficulty)]
    words = sorted(dict.fromkeys(words), key=lambda word: word[::-1])
    return {"alphabet": alphabet, "words": words, "place": rng.randint(2, len(words) - 1)}


def prompt(state):
    return (
        f"In some language the letters are in the order {' '.join(state['alphabet'])}. Sort these words as its dictionary would: "
        f"{', '.join(state['words'])}. Which word is number {state['place']} from the top? Write that word alone."
    )


def reference(state):
    order = sorted(state["words"], key=lambda word: [state["alphabet"].index(letter) for letter in word])
    return order[state["place"] - 1]


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
