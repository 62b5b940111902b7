"""Critical path: the earliest hour at which a whole project can be finished.

Levels add tasks. From level 3 some tasks may not start before a given hour, and from level 6 tasks start only
when a bus comes.
"""

from string import ascii_uppercase

TAGS = ("graphs", "scheduling", "planning")
ORACLE = "equality"


def generate(rng, difficulty):
    """Tasks are stored in an order in which they can be done; their names do not betray it."""
    names = rng.sample(ascii_uppercase, 6 + difficulty + difficulty // 2)
    tasks = []
    for place, name in enumerate(names):
        recent = names[max(0, place - 4) : place]
        task = {"name": name, "hours": rng.randint(2, 15), "earliest": 0, "after": []}
        if place > 1:
            task["after"] = sorted(rng.sample(recent, rng.randint(1, min(3, place))))
        if difficulty >= 3 and rng.random() < 0.4:
            task["earliest"] = rng.randint(1, 8 * place + 8)
        tasks.append(task)
    state = {"tasks": tasks, "delay": rng.randint(2, 6)}
    if difficulty >= 6:
        state["bus"] = rng.randint(3, 7)
    return state


def prompt(state):
    """Lists the tasks by name, so that the solver has to find the order of work."""
    lines = []
    for task in sorted(state["tasks"], key=lambda task: task["name"]):
        line = f"- {task['name']} takes {task['hours']} hours"
        if task["after"]:
            line += f" and waits for {' and '.join(task['after'])}"
        if task["earliest"]:
            line += f"; it cannot start before hour {task['earliest']}"
        lines.append(line)
    tasks = "\n".join(lines)
    bus = ""
    if "bus" in state:
        bus = f"Tasks can start only when the bus comes: at hour 0 and then every {state['bus']} hours. "
    return (
        f"A project that begins at hour 0 consists of these tasks:\n\n{tasks}\n\n"
        f"A task that waits for others can start only when a handover of {state['delay']} hours has passed "
        f"since the first of them was finished. {bus}A task that has started runs without a break, and any "
        "number of tasks can run at the same time.\n\n"
        "At which hour can the whole project be finished at the earliest? Answer with one integer."
    )


def reference(state):
    """Starts every task as early as it can be: nothing is gained by waiting."""
    finish, bus = {}, state.get("bus", 1)
    for task in state["tasks"]:
        ready = max((finish[name] + state["delay"] for name in task["after"]), default=0)
        start = -(-max(ready, task["earliest"]) // bus) * bus  # the first bus that is not too early
        finish[task["name"]] = start + task["hours"]
    return str(max(finish.values()))


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
