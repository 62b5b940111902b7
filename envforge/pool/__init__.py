"""The live pool: which admitted environment is trained on next, at which difficulty, and when one leaves."""

from envforge.pool.controllers import Controller, Outcome
from envforge.pool.kinds import CONTROLLERS
from envforge.pool.member import Member
from envforge.pool.pool import Group, Pool, Refreshed, Ticket

__all__ = [
    "CONTROLLERS",
    "Controller",
    "Group",
    "Member",
    "Outcome",
    "Pool",
    "Refreshed",
    "Ticket",
]
