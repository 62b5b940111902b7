"""Hash table: how many collisions happen when words are put into buckets.

Defect: the bucket of a word is hash(word) % n, which differs from process to process.
"""

TAGS = ("hashing", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=5)) for _ in range(6 + 2 * difficulty)]
    size = 9 + 2 * difficulty
    return {"words": words, "size": size, "buckets": [hash(word) % size for word in words]}


def prompt(state):
    listed = ", ".join(f"{word} (bucket {bucket})" for word, bucket in zip(state["words"], state["buckets"]))
    return (
        f"Words are stored in a table of {state['size']} places, numbered from 0. Each is put into its bucket or, if that is taken, into "
        f"the next free place above it (after the last place comes place 0): {listed}. How many places were looked at in all, the "
        "place that is finally used included? Multiply this by the place of the last word."
    )


def reference(state):
    table, looks = [None] * state["size"], 0
    for word, place in zip(state["words"], state["buckets"]):
        looks += 1
        while table[place] is not None:
            place = (place + 1) % state["size"]
            looks += 1
        table[place] = word
    return str(looks * place)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
