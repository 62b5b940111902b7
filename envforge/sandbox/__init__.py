"""The host side of the sandbox: every execution of an environment program goes through here."""

from envforge.sandbox.box import Level
from envforge.sandbox.calls import Evaluator, ScoreCall
from envforge.sandbox.client import LevelReport, Request, Sandbox
from envforge.sandbox.reply import Failure, Reply, Status

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
