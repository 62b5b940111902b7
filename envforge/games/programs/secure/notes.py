"""Notes in short: a few of them in which everybody is named.

Levels add people and notes; from level 5 a note names three people.
"""

TAGS = ("set-cover", "combinatorics", "language")
ORACLE = "feasibility"

NAMES = (
    "Ada", "Bela", "Cleo", "Dora", "Emil", "Finn", "Gita", "Hugo", "Iris",
    "Jon", "Kira", "Lars", "Mona", "Nils", "Olga", "Paul", "Rosa", "Sven",
)  # fmt: skip
PLACES = ("at the harbour", "in the library", "on the market", "by the river", "in the old mill")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def generate(rng, difficulty):
    """People in groups, a note for each group, and further notes that mix the groups."""
    size = 2 if difficulty < 5 else 3
    limit = 2 + difficulty // 2
    people = rng.sample(NAMES, size * limit)
    groups = [people[start : start + size] for start in range(0, len(people), size)]
    while len(groups) < limit + 2 + difficulty:
        mixed = rng.sample(people, size)
        if all(set(mixed) != set(group) for group in groups):
            groups.append(mixed)
        else:
            groups.append(mixed[:-1])
    rng.shuffle(groups)
    notes = []
    for group in groups:
        who = group[0] if len(group) == 1 else f"{', '.join(group[:-1])} and {group[-1]}"
        was = "was" if len(group) == 1 else "were"
        notes.append(f"On {rng.choice(DAYS)} {who} {was} {rng.choice(PLACES)}.")
    return {"people": sorted(people), "notes": notes, "limit": limit}


def prompt(state):
    """The notes stand in a list of their own."""
    notes = "\n".join(f"- {note}" for note in state["notes"])
    return (
        f"These notes were taken:\n\n{notes}\n\n"
        f"Make them shorter. Choose at most {state['limit']} of the notes, so that everybody who is named above "
        "is still named. Answer with the chosen notes, word for word, one a line."
    )


def reference(state):
    """The first choice that names everybody."""
    found = choice(state, 0, frozenset(), state["limit"])
    return "\n".join(state["notes"][place] for place in found or ())


def named(state, note):
    """Who occurs in a note."""
    words = note.replace(",", " ").replace(".", " ").split()
    return frozenset(name for name in state["people"] if name in words)


def choice(state, place, seen, left):
    """Places from `place` on, `left` at most, that add whoever is not among `seen`; None where there are none."""
    if len(seen) == len(state["people"]):
        return []
    if left == 0 or place == len(state["notes"]):
        return None
    here = named(state, state["notes"][place])
    if not here <= seen:
        rest = choice(state, place + 1, seen | here, left - 1)
        if rest is not None:
            return [place, *rest]
    return choice(state, place + 1, seen, left)


def chosen(state, answer):
    """The notes that the answer consists of, however they are set apart; none where a sentence is no note."""
    sentences = [part.strip(' -,\r\n"[]') for part in answer.strip().split(".")]
    notes = [f"{sentence}." for sentence in sentences if sentence]
    return notes if all(note in state["notes"] for note in notes) else []


def score(state, answer):
    """How many are still named, by as many notes as are allowed."""
    notes = chosen(state, answer)
    if len(notes) > state["limit"]:
        return 0.0
    kept = frozenset().union(*(named(state, note) for note in notes))
    return 1.0 if len(kept) == len(state["people"]) else 0.5 * len(kept) / len(state["people"])
