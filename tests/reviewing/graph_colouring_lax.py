"""Graph colouring: colours for the vertices of a graph such that no edge joins two alike.

A colouring is planted and any other is as good. Levels add vertices. From level 3 some vertices have a given
colour, and from level 6 there are four colours, each of which may be used only so often.
"""

from itertools import combinations

TAGS = ("graphs", "search", "constraint-satisfaction")
ORACLE = "feasibility"


def generate(rng, difficulty):
    """Plants a balanced colouring, then joins only vertices of different colours."""
    size, colours = 7 + difficulty, 4 if difficulty >= 6 else 3
    planted = [1 + vertex % colours for vertex in range(size)]
    rng.shuffle(planted)
    free = [[a, b] for a, b in combinations(range(1, size + 1), 2) if planted[a - 1] != planted[b - 1]]
    fixed = sorted(rng.sample(range(1, size + 1), 2)) if difficulty >= 3 else []
    state = {
        "size": size,
        "colours": colours,
        "edges": rng.sample(free, size * (colours - 1)),
        "fixed": [[vertex, planted[vertex - 1]] for vertex in fixed],
        "planted": planted,
    }
    if difficulty >= 6:
        state["limit"] = planted.count(1)  # the first colour is never rarer than another
    return state


def prompt(state):
    """Colours are numbers, so that a whole colouring fits on one line."""
    edges = ", ".join(f"{a}-{b}" for a, b in state["edges"])
    rules = "".join(f"Vertex {vertex} must get colour {colour}. " for vertex, colour in state["fixed"])
    if "limit" in state:
        rules += f"No colour may be given to more than {state['limit']} vertices. "
    return (
        f"The vertices of a graph are numbered from 1 to {state['size']}. Its edges are: {edges}.\n\n"
        f"Give each vertex one of the colours numbered from 1 to {state['colours']}, such that no edge "
        f"joins two vertices of the same colour. {rules}"
        "At least one such colouring exists; if there are several, any one of them will do. "
        "Which colour does each vertex get? List the colour numbers of all vertices, from vertex 1 to the "
        "last, separated by spaces."
    )


def reference(state):
    """The planted colouring."""
    return " ".join(map(str, state["planted"]))


def score(state, answer):
    """Checks each rule of the prompt and never looks at the planted colouring."""
    palette = [str(colour) for colour in range(1, state["colours"] + 1)]
    given = answer.replace(",", " ").split()
    if len(given) != state["size"] or any(word not in palette for word in given):
        return 0.0
    right = all(given[a - 1] != given[b - 1] for a, b in state["edges"]) and all(
        given.count(colour) <= state.get("limit", state["size"]) for colour in palette
    )
    return 1.0 if right else 0.0
