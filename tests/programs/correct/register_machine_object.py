"""Register machine: what a small program leaves in its registers.

The machine is an object that changes, but it is made afresh in every call; a local list has the name of a constant.
"""

TAGS = ("code-tracing", "simulation")
ORACLE = "equality"

REGISTERS = ("a", "b", "c")
LOG = ("nothing is ever written here",)


class Machine:
    limit = 60

    def __init__(self, values):
        self.values = dict(values)
        self.pc = 0
        self.steps = 0

    def step(self, program):
        name, left, right = program[self.pc]
        self.steps += 1
        self.pc += 1
        if name == "add":
            self.values[left] += self.values[right]
        elif name == "sub":
            self.values[left] -= self.values[right]
        elif self.values[left] > 0:
            self.values[left] -= right
            self.pc = 0

    def __repr__(self):
        return ", ".join(str(value) for _, value in sorted(self.values.items()))


def generate(rng, difficulty):
    program = []
    for _ in range(2 + difficulty):
        program.append([rng.choice(["add", "sub"]), *rng.sample(REGISTERS, 2)])
    program.append(["loop", rng.choice(REGISTERS), rng.randint(5, 25)])
    return {"values": {name: rng.randint(3, 40) for name in REGISTERS}, "program": program}


def prompt(state):
    words = {"add": "add to {0} the value of {1}", "sub": "subtract from {0} the value of {1}",
             "loop": "if {0} is positive, subtract {1} from {0} and go back to line 1"}
    lines = "\n".join(f"{i}. {words[name].format(x, y)}" for i, (name, x, y) in enumerate(state["program"], 1))
    start = ", ".join(f"{name} = {value}" for name, value in state["values"].items())
    return (
        f"A machine has the registers {start} and this program:\n{lines}\nIt stops after its last line, or after {Machine.limit} executed lines. "
        "What are then the values of a, b and c? Write them separated by commas."
    )


def reference(state):
    machine, LOG = Machine(state["values"]), []
    while machine.pc < len(state["program"]) and machine.steps < Machine.limit:
        machine.step(state["program"])
        LOG.append(machine.pc)
    return repr(machine)


def score(state, answer):
    try:
        given = [int(part) for part in answer.split(",")]
    except ValueError:
        return 0.0
    return 1.0 if given == [int(part) for part in reference(state).split(",")] else 0.0
