"""By recursion over all talks in order of their beginning: heard or not."""

from functools import lru_cache


def solve(state: dict) -> str:
    talks = sorted(map(tuple, state["talks"]))

    @lru_cache(None)
    def most(index: int, free: int) -> int:
        if index == len(talks):
            return 0
        start, end = talks[index]
        skipped = most(index + 1, free)
        return max(skipped, 1 + most(index + 1, end)) if start >= free else skipped

    return str(most(0, 0))
