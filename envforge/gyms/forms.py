"""How a task of somebody else's gym is named."""

FORMS = "gym:reasoning_gym, gym:reasoning_gym/TASK, gym:rlve/TASK, gym:rlve@FOLDER/TASK or py:MODULE:CLASS"


def is_gym(name: str) -> bool:
    """Whether a target's name means something that only an adapter can speak for."""
    return name.startswith(("gym:", "py:"))
