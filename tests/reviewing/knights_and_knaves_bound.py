"""Knights and knaves: who tells the truth on an island where everyone else lies.

Some knights are planted, and any set of knights that agrees with all the claims is as good. Levels add
people, and levels 3 and 6 a new kind of claim each.
"""

TAGS = ("logic", "deduction", "constraint-satisfaction")
ORACLE = "feasibility"

NAMES = (
    *("Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gwen", "Hugo", "Iris", "Jack", "Kira", "Liam"),
    *("Mona", "Nils", "Olga", "Paul", "Rosa", "Sven", "Tess", "Uwe", "Vera", "Walt", "Yara", "Zeno"),
)

# How each kind of claim sounds as a statement and as its exact denial, in the order of the levels.
CLAIMS = {
    "knight": ("{} is a knight", "{} is a knave"),
    "both": ("{} and {} are both knights", "at least one of {} and {} is a knave"),
    "alike": ("{} and {} are both knights or both knaves", "one of {} and {} is a knight, the other a knave"),
    "count": ("at least {} of the {} of us are knights", "at most {} of the {} of us are knights"),
}


def generate(rng, difficulty):
    """Each person makes a random statement, or its denial where only the denial is theirs to make."""
    people = rng.sample(NAMES, 4 + difficulty)
    planted = [name for name in people if rng.random() < 0.5] or people[:1]
    claims = []
    for speaker in people:
        kind = rng.choice(list(CLAIMS)[: 2 + difficulty // 3])
        others = [name for name in people if name != speaker]
        about = rng.sample(others, 1 if kind == "knight" else 2)
        if kind == "count":
            about = [rng.randint(2, len(people) - 1), len(people)]
        denied = holds(kind, about, planted) != (speaker in planted)
        claims.append({"speaker": speaker, "kind": kind, "about": about, "denied": denied})
    return {"claims": claims, "planted": planted}


def holds(kind, about, knights):
    """Whether the statement, not its denial, is true if exactly these are the knights."""
    if kind == "count":
        return len(knights) >= about[0]
    truthful = [name in knights for name in about]
    return truthful[0] == truthful[1] if kind == "alike" else all(truthful)


def prompt(state):
    """Says what knights and knaves do: not every solver has met them."""
    lines = []
    for claim in state["claims"]:
        words = CLAIMS[claim["kind"]][claim["denied"]].format(*claim["about"])
        lines.append(f"{claim['speaker']}: {words[0].upper()}{words[1:]}.")
    said = "\n".join(lines)
    return (
        "On an island every inhabitant is either a knight, whose claims are always true, or a knave, whose "
        f"claims are always false. {len(lines)} of them, at least one a knight, make these claims:"
        f"\n\n{said}\n\n"
        "Which of them are knights? If several answers agree with all the claims, any one of them will do. "
        "Give the names of all the knights, in any order, separated by spaces."
    )


def reference(state):
    """The planted knights."""
    return " ".join(state["planted"])


def score(state, answer):
    """Every claim has to be true exactly if its speaker is named as a knight."""
    knights = answer.replace(",", " ").split()
    people = [claim["speaker"] for claim in state["claims"]]
    if not knights or any(name not in people or knights.count(name) > 1 for name in knights):
        return 0.0
    for claim in state["claims"]:
        true = holds(claim["kind"], claim["about"], knights) != claim["denied"]
        if true != (claim["speaker"] in knights):
            return 0.0
    return 1.0
