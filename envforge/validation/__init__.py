"""Staged validation: the gates L1 to L5 (EvoEnv, section on admission; docs/gates.md)."""

from envforge.validation.gates import Validator

__all__ = ["Validator"]
