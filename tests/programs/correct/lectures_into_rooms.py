"""Rooms for lectures: give every lecture a room so that none overlap in one room.

A plan is hidden in the state; the scorer looks at the timetable only and accepts every plan that works.
"""

TAGS = ("scheduling", "constraint-satisfaction")
ORACLE = "feasibility"


def generate(rng, difficulty):
    rooms = 3 + difficulty // 4
    lectures = []
    for room in range(rooms):
        now = rng.randint(8, 12)
        for _ in range(2 + difficulty // 2 + (difficulty % 2 if room == 0 else 0)):
            end = now + rng.randint(2, 9)
            lectures.append([now, end, "ABCDEFGH"[room]])
            now = end + rng.choice([0, 0, 0, 1])
    rng.shuffle(lectures)
    return {"rooms": rooms, "lectures": [[a, b] for a, b, _ in lectures], "plan": "".join(c for _, _, c in lectures)}


def prompt(state):
    listed = "\n".join(f"{i}. from hour {a} to hour {b}" for i, (a, b) in enumerate(state["lectures"], 1))
    return (
        f"A long conference has {state['rooms']} rooms, called {', '.join('ABCDEFGH'[: state['rooms']])}. "
        f"The lectures, in hours counted from the first midnight:\n{listed}\n"
        "Give each lecture a room such that no two lectures overlap in the same room; one may begin at the very "
        "hour at which another ends. Write the letters of the rooms in the order of the list, without spaces."
    )


def reference(state):
    return state["plan"]


def score(state, answer):
    plan, lectures = answer.strip().upper(), state["lectures"]
    if len(plan) != len(lectures) or any(room not in "ABCDEFGH"[: state["rooms"]] for room in plan):
        return 0.0
    for j, (start, end) in enumerate(lectures):
        for i in range(j):
            if plan[i] == plan[j] and lectures[i][0] < end and start < lectures[i][1]:
                return 0.0
    return 1.0
