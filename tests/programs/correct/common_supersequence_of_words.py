"""Common supersequence: a short word that contains two words as subsequences.

The answer is a made-up word of letters, and many words will do.
"""

TAGS = ("strings", "dynamic-programming")
ORACLE = "feasibility"


def generate(rng, difficulty):
    length = 6 + difficulty
    letters = rng.sample("abcdefghijklmnopqrstuvwxyz", 4)
    first, second = ("".join(rng.choices(letters, k=length)) for _ in range(2))
    return {"first": first, "second": second}


def prompt(state):
    shortest = len(reference(state))
    return (
        f"Find a word of exactly {shortest} letters from which '{state['first']}' as well as '{state['second']}' can be "
        "obtained by crossing out letters. The words need not mean anything."
    )


def reference(state):
    a, b = state["first"], state["second"]
    table = [[""] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a), -1, -1):
        for j in range(len(b), -1, -1):
            if i == len(a) or j == len(b):
                table[i][j] = a[i:] + b[j:]
            elif a[i] == b[j]:
                table[i][j] = a[i] + table[i + 1][j + 1]
            else:
                table[i][j] = min(a[i] + table[i + 1][j], b[j] + table[i][j + 1], key=len)
    return table[0][0]


def score(state, answer):
    word = answer.strip().lower()
    if len(word) != len(reference(state)):
        return 0.0

    def contained(part):
        letters = iter(word)
        return all(letter in letters for letter in part)

    return 1.0 if contained(state["first"]) and contained(state["second"]) else 0.0
