"""For each number the longest choice that ends with it."""


def solve(state: dict) -> str:
    longest: list[int] = []
    for index, height in enumerate(state["heights"]):
        before = [longest[i] for i in range(index) if state["heights"][i] < height]
        longest.append(1 + max(before, default=0))
    return str(max(longest))
