"""Edit distance: the least cost of turning one word into another.

Levels lengthen the words. From level 3 the three kinds of edit have costs of their own, and from level 6
replacing a vowel by a vowel is cheaper than any other replacement.
"""

TAGS = ("dynamic-programming", "strings", "optimization")
ORACLE = "equality"

VOWELS = "aeio"
LETTERS = VOWELS + "nrst"


def generate(rng, difficulty):
    """The second word is an edited copy of the first: unrelated words are all about equally far apart."""
    size = 7 + difficulty
    source = [rng.choice(LETTERS) for _ in range(size)]
    target, edits = list(source), rng.randint(2, size - 1)
    while edits > 0 or target == source:
        spot, letter = rng.randrange(len(target)), rng.choice(LETTERS)
        target[spot : spot + 1] = rng.choice(([], [letter], [target[spot], letter]))
        edits -= 1
    state = {"source": "".join(source), "target": "".join(target), "insert": 1, "delete": 1, "replace": 1}
    if difficulty >= 3:
        state |= {"insert": rng.randint(2, 5), "delete": rng.randint(2, 5), "replace": rng.randint(3, 7)}
    if difficulty >= 6:
        state["vowel"] = rng.randint(1, 2)
    return state


def prompt(state):
    """Names a cost for each kind of edit, even where all are equal, so that none has to be guessed."""
    discount = ""
    if "vowel" in state:
        vowels = ", ".join(VOWELS)
        discount = f", except that replacing one of the vowels {vowels} by another costs {state['vowel']}"
    return (
        f"The word '{state['source']}' is to be turned into the word '{state['target']}' by a series of "
        f"edits, each made at any place of the word. Inserting a letter costs {state['delete']}, deleting "
        f"a letter costs {state['insert']}, and replacing a letter by any other letter costs "
        f"{state['replace']}{discount}. What is the least total cost? Answer with one integer."
    )


def reference(state):
    """Row by row: what it costs to turn a prefix of the source into each prefix of the target."""
    insert, delete, target = state["insert"], state["delete"], state["target"]
    row = [insert * made for made in range(len(target) + 1)]
    for letter in state["source"]:
        above, row = row, [row[0] + delete]
        for made, wanted in enumerate(target):
            replaced = above[made] + replacement(state, letter, wanted)
            row.append(min(replaced, above[made + 1] + delete, row[made] + insert))
    return str(row[-1])


def replacement(state, old, new):
    """Apart from `reference`, because the discount depends on both letters."""
    if old == new:
        return 0
    return state["vowel"] if "vowel" in state and old in VOWELS and new in VOWELS else state["replace"]


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
