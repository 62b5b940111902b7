"""Counted month by month."""


def solve(state: dict) -> str:
    (year, month, day), (last, other, end) = state["dates"]
    days = end - day
    while (year, month) != (last, other):
        leap = year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)
        days += (28 + leap) if month == 2 else 30 if month in (4, 6, 9, 11) else 31
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return str(days)
