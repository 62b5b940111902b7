"""The host side of the sandbox: every execution of an environment program goes through here."""

from envforge.sandbox.calls import Evaluator, ScoreCall
from envforge.sandbox.client import Sandbox
from envforge.sandbox.levels import Level, LevelReport
from envforge.sandbox.reply import Failure, Reply, Status
from envforge.sandbox.request import Request

__all__ = [
    "Evaluator",
    "Failure",
    "Level",
    "LevelReport",
    "Reply",
    "Request",
    "Sandbox",
    "ScoreCall",
    "Status",
]
