"""Closing tags: complete a broken piece of markup.

Defect: one of the element names is "answer", so that some references contain the tag that ends an answer.
"""

TAGS = ("parsing", "stacks")
ORACLE = "equality"

NAMES = ("a", "body", "cell", "div", "entry", "field", "group", "head", "item", "list", "menu", "note",
         "option", "page", "query", "row", "section", "table", "unit", "value", "answer", "word", "zone", "frame")


def generate(rng, difficulty):
    pieces, stack = [], []
    while len(pieces) < 8 + 2 * difficulty or len(stack) < 3:
        if len(stack) > 2 and rng.random() < 0.35:
            pieces.append(f"/{stack.pop()}")
        else:
            stack.append(rng.choice(NAMES))
            pieces.append(stack[-1])
    return {"pieces": pieces}


def prompt(state):
    markup = "".join(f"<{piece}>" for piece in state["pieces"])
    return (
        f"In the markup {markup} some elements are not closed. Write the closing tags that have to be appended, "
        "in the right order and without spaces."
    )


def reference(state):
    stack = []
    for piece in state["pieces"]:
        if piece.startswith("/"):
            stack.pop()
        else:
            stack.append(piece)
    return "".join(f"</{name}>" for name in reversed(stack))


def score(state, answer):
    return 1.0 if "".join(answer.split()) == reference(state) else 0.0
