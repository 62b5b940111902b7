"""Maps and touches memory block by block, past the allocator, until there is no more.

Tries: memory
Expect in generate: out of memory
Expect in score: value
Limit: 10
Gate: L1
"""

import ctypes

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    block = 16 << 20
    while True:
        found = libc.mmap(None, ctypes.c_size_t(block), 3, 0x22, -1, ctypes.c_long(0))
        if found == ctypes.c_void_p(-1).value:
            return False
        ctypes.memset(found, 1, block)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
