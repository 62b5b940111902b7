"""Machine order: the order in which jobs leave a machine that always takes the shortest waiting job.

An answer with some jobs at their right places earns a part of the credit, never all of it.
"""

TAGS = ("scheduling", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 5 + difficulty
    labels = rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count)
    lengths = rng.sample(range(2, 40), count)
    arrivals = sorted(rng.randint(0, 10 * count) for _ in range(count))
    return {"jobs": [[label, arrival, length] for label, arrival, length in zip(labels, arrivals, lengths)]}


def prompt(state):
    jobs = "; ".join(f"{label} arrives at minute {at} and takes {n} minutes" for label, at, n in state["jobs"])
    return (
        f"One machine handles jobs: {jobs}. Whenever it is free, it takes the shortest of the jobs that have "
        "arrived by then (no two take equally long) and finishes it without a break; if none is there, it waits for "
        "the next arrival. In which order are the jobs finished? Write their letters separated by spaces."
    )


def reference(state):
    waiting, now, order = [list(job) for job in state["jobs"]], 0, []
    while waiting:
        ready = [job for job in waiting if job[1] <= now]
        if not ready:
            now = min(job[1] for job in waiting)
            continue
        job = min(ready, key=lambda j: j[2])
        waiting.remove(job)
        now += job[2]
        order.append(job[0])
    return " ".join(order)


def score(state, answer):
    wanted, given = reference(state).split(), answer.upper().split()
    if given == wanted:
        return 1.0
    if sorted(given) != sorted(wanted):
        return 0.0
    return 0.5 * sum(a == b for a, b in zip(given, wanted)) / len(wanted)
