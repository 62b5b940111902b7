"""Puts the import system back and imports a module from disk.

Tries: files
Expect: forbidden system call, raised
Gate: L1
"""

import importlib.machinery
import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    sys.meta_path.append(importlib.machinery.PathFinder)
    sys.path_hooks.append(
        importlib.machinery.FileFinder.path_hook((importlib.machinery.SourceFileLoader, [".py"]))
    )
    sys.path.append(sys.base_prefix + "/lib/python3.11")
    import wave

    return bool(wave)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
