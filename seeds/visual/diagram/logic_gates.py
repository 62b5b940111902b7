"""Logic gates: what a drawn circuit puts out.

Levels add kinds of gates, layers, questions about all inputs, and a memory. Crossing wires are joined at dots only.
"""

from canvas import Canvas, circuit, look, table

BUCKET = "diagram"
LEVELS = (
    "four gates of two kinds",
    "negated gates",
    "exclusive gates",
    "two layers: outputs are used again",
    "two layers of all kinds",
    "three layers",
    "for which inputs is the output 1",
    "the kinds are told by shape only",
    "for which inputs do two outputs differ",
    "an output fed back from tick to tick",
)
TAGS = ("logic-circuits", "boolean-algebra", "simulation")
ORACLE = "equality"
# For how many ones among its two inputs a gate puts out 1.
KINDS = {"AND": (2,), "OR": (1, 2), "NAND": (0, 1), "NOR": (0,), "XOR": (1,), "XNOR": (0, 2)}
POOLS = (2, 4, 6, 2, 6, 6, 4, 6, 6, 6)  # how many of the KINDS each level uses
WIDE, DEEP = (4, 4, 4), (3, 3, 2, 1)
SHAPES = ((4, 4), (4, 4), (4, 4), WIDE, WIDE, (4, 4, 4, 4), DEEP, DEEP, (3, 3, 3, 2), DEEP)
BITS = "Which bits are at the outputs, from top to bottom? Answer with the four bits, like 0000."
ROWS = (
    "For which inputs {}? Answer with all such values of ABC in any order, separated by spaces, like 000 111."
)
TICKS = "A and B follow the table; C is 0 at first, then Z of the tick before. What is Z in turn? Answer like 00000."
ONES, UNEQUAL = ROWS.format("is the output Z equal to 1"), ROWS.format("do the outputs Y and Z differ")
ASKS = (*[BITS] * 6, ONES, ONES, UNEQUAL, TICKS)
WORDINGS = (
    "Wires that cross are joined only at dots. {}",
    "In this circuit crossing wires touch only at dots. {}",
)


def generate(rng, difficulty):
    """Redrawn until every output is used and the bits of the answer, or the inputs that fit, are of both kinds."""
    pool, state = list(KINDS)[: POOLS[difficulty]], {"kind": difficulty}
    for _ in range(300):
        sizes, state["layers"], wired = SHAPES[difficulty], [], True
        for before, size in zip(sizes, sizes[1:]):
            state["layers"].append([[rng.choice(pool), *rng.sample(range(before), 2)] for _ in range(size)])
            wired = wired and len({i for gate in state["layers"][-1] for i in gate[1:]}) == before
        state["bits"] = [[rng.randint(0, 1) for _ in range(5)] for _ in range(3)]
        answer = reference(state)
        if wired and (2 <= len(answer.split()) <= 6 if difficulty in (6, 7, 8) else {*answer} == {"0", "1"}):
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKS[state["kind"]])


def outputs(state, bits):
    for layer in state["layers"]:
        bits = [int(bits[i] + bits[j] in KINDS[kind]) for kind, i, j in layer]
    return bits


def reference(state):
    if state["kind"] < 6:
        return "".join(map(str, outputs(state, state["bits"][0])))
    if state["kind"] < 9:
        triples = ([n >> 2, n >> 1 & 1, n & 1] for n in range(8))
        return " ".join("".join(map(str, bits)) for bits in triples if sum(outputs(state, bits)) == 1)
    word = "0"
    for a, b in zip(*state["bits"][1:]):
        word += str(outputs(state, [a, b, int(word[-1])])[0])
    return word[1:]


def score(state, answer):
    return 1.0 if sorted(answer.replace(",", " ").split()) == reference(state).split() else 0.0


def render(state):
    kind, depth, inputs = state["kind"], len(state["layers"]), "ABCD" if state["kind"] < 6 else "ABC"
    c = Canvas((448, 544, 736)[depth - 1], 608 if kind == 9 else 448, state["look"])
    words = [f"{name} = {bit}" if kind < 6 else name for name, bit in zip(inputs, state["bits"][0])]
    circuit(c, words, state["layers"], "WXYZ"[-len(state["layers"][-1]) :], h=448, names=kind < 7)
    if kind == 9:
        rows = [[name, *row] for name, row in zip("AB", state["bits"][1:])]
        table(c, (c.w - 420) / 2, 462, ("tick", 1, 2, 3, 4, 5), rows, widths=70)
    return c.svg()
