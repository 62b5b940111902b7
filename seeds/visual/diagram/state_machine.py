"""State machine: where a drawn automaton ends on a word, and which words it accepts.

Levels add missing arrows, accepted words and choices between arrows. Sets that are empty or full are redrawn.
"""

from canvas import Canvas, automaton, layout, look

BUCKET = "diagram"
LEVELS = (
    "the last state of a run",
    "all states of a run",
    "a missing arrow means no step",
    "which words are accepted",
    "a missing arrow means failure",
    "all last states from any first state",
    "several arrows fit: all last states",
    "which words can be accepted",
    "several arrows, and any first state",
    "the first of the shortest accepted words",
)
TAGS = ("automata", "simulation", "graph")
ORACLE = "equality"
ALL, ONE = "in any order, like XYZ.", "In which state is it after reading {0}? Give one letter."
CAN = "In which states can it be after reading {0}? Give their letters " + ALL
RINGS = "A word is accepted if it can end in a state with two rings. "
WHICH = RINGS + "Which of the words {1} are accepted? Give the capitals before them " + ALL
FIRST = RINGS + "Which is the first by alphabet of the shortest accepted words?"
PATH = "Which states does it visit from start to end when it reads {0}? Answer like XYXZ."
FAIL, STAY = "If no arrow fits, it fails. ", "If no arrow fits, it stays where it is. "
ANY = "If several arrows fit, it may take any of them; if none fits, it fails. "
FREE = "Instead of starting at the free arrow, it may begin in any state. "
EASY = (ONE, PATH, STAY + ONE, WHICH, FAIL + WHICH, FAIL + FREE + CAN)
ASKS = (*EASY, ANY + CAN, ANY + WHICH, ANY + FREE + CAN, ANY + FIRST)
WORDINGS = (
    "A machine starts at the free arrow and reads words, following for each letter one arrow with it. {}",
    "For each letter it reads, the machine follows an arrow with it; its start is at the free arrow. {}",
)


def generate(rng, difficulty):
    names = rng.sample("ABCDEFGHK", 5)
    counts = (1, 1, 0) if difficulty in (2, 4, 5) else (0, 1, 1, 2) if difficulty > 5 else (1,)
    for _ in range(300):
        fans = [(a, x, rng.sample(names, rng.choice(counts))) for a in names for x in "ab"]
        words = ["".join(rng.choices("ab", k=rng.randint(4, 6))) for _ in range(6)]
        state = {"kind": difficulty, "names": names, "arrows": [[a, x, b] for a, x, fan in fans for b in fan]}
        state |= {"words": words, "rings": rng.sample(names, 2)}
        least, most = {1: (5, 7), 9: (3, 7)}.get(difficulty, (1, 1) if difficulty < 3 else (2, 4))
        if least <= len(reference(state)) <= most and len(set(words)) == 6:
            break
    pairs = [[names.index(a), names.index(b)] for a, _, b in state["arrows"]]
    places = layout(rng, 5, pairs, 704, 576, pad=100)
    return {**state, "places": places, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    listed = ", ".join(f"{name} {word}" for name, word in zip("PQRSTU", state["words"]))
    ask = ASKS[state["kind"]].format(state["words"][0], listed)
    return WORDINGS[state["wording"]].format(ask)


def runs(state, word):
    reached = [state["names"] if state["kind"] in (5, 8) else state["names"][:1]]
    for letter in word:
        following = sorted({b for a, x, b in state["arrows"] if a in reached[-1] and x == letter})
        reached.append(following or (reached[-1] if state["kind"] == 2 else []))
    return reached


def reference(state):
    kind, words, rings = state["kind"], state["words"], set(state["rings"])
    if kind == 1:
        return "".join(here[0] for here in runs(state, words[0]))
    if kind in (0, 2, 5, 6, 8):
        return "".join(runs(state, words[0])[-1])
    if kind == 9:
        tried = (bin(n)[3:].replace("0", "a").replace("1", "b") for n in range(2, 256))  # short ones first
        return next((word for word in tried if rings & set(runs(state, word)[-1])), "-")
    return "".join(name for name, word in zip("PQRSTU", words) if rings & set(runs(state, word)[-1]))


def score(state, answer):
    given, free = "".join(answer.replace(",", " ").split()).upper(), state["kind"] not in (0, 1, 2, 9)
    return 1.0 if "".join(sorted(given) if free else given) == reference(state).upper() else 0.0


def render(state):
    c = Canvas(704, 576, state["look"])
    automaton(c, state["places"], state["names"], state["arrows"], state["rings"])
    return c.svg()
