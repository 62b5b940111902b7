"""Other people's gyms behind adapters, so that what finds faults in ours finds them in theirs (docs/audit.md)."""

from envforge.gyms.naming import gym_targets, is_gym

__all__ = ["gym_targets", "is_gym"]
