"""The main loop: seeds -> proposals -> gates -> novelty -> review -> calibration -> registry. It only wires."""

from envforge.growth.decisions import Decision, Summary, Watcher
from envforge.growth.loop import SANDBOX, Growth
from envforge.growth.planting import plant
from envforge.growth.runs import begin, check, resumable

__all__ = ["SANDBOX", "Decision", "Growth", "Summary", "Watcher", "begin", "check", "plant", "resumable"]
