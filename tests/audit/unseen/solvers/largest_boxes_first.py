"""All numbers of middle and large boxes are tried; the rest goes into boxes for one egg."""


def solve(state: dict) -> str:
    one, middle, large = state["boxes"]
    eggs = state["eggs"]
    counts = []
    for a in range(eggs // large + 1):
        for b in range((eggs - a * large) // middle + 1):
            rest = eggs - a * large - b * middle
            if rest % one == 0:
                counts.append(a + b + rest // one)
    return str(min(counts))
