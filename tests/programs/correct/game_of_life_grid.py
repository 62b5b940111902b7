"""Game of life on a torus: the whole board after some generations.

The answer has several lines, one for each row of the board.
"""

TAGS = ("cellular-automata", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 4 + difficulty
    rows = ["".join(rng.choices("#.", weights=[2, 3], k=size)) for _ in range(4 + difficulty // 2)]
    return {"rows": rows, "steps": 1 + difficulty // 3}


def prompt(state):
    board = "\n".join(state["rows"])
    return (
        "On this board # is a live cell and . a dead one. The top row is the neighbour of the bottom row, and the left "
        "column that of the right column, so every cell has eight neighbours.\n\n"
        f"{board}\n\n"
        "In each step a live cell survives with two or three live neighbours, a dead cell comes to life with exactly "
        f"three, and all others are dead afterwards. Draw the board after {state['steps']} "
        f"step{'s' if state['steps'] > 1 else ''}, row by row, one row per line."
    )


def _step(rows):
    height, width = len(rows), len(rows[0])
    fresh = []
    for y in range(height):
        line = ""
        for x in range(width):
            around = sum(
                rows[(y + dy) % height][(x + dx) % width] == "#"
                for dy in (-1, 0, 1)
                for dx in (-1, 0, 1)
                if dy or dx
            )
            line += "#" if around == 3 or (around == 2 and rows[y][x] == "#") else "."
        fresh.append(line)
    return fresh


def reference(state):
    rows = state["rows"]
    for _ in range(state["steps"]):
        rows = _step(rows)
    return "\n".join(rows)


def score(state, answer):
    given = [line.strip() for line in answer.strip().splitlines()]
    return 1.0 if given == reference(state).split("\n") else 0.0
