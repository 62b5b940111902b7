"""Training on the live pool: GRPO whose groups are drawn, scored and written down here. Imports no torch."""

from envforge.training.run import follow, train
from envforge.training.watching import TrainingStopped, TrainingSummary, TrainingWatcher

__all__ = ["TrainingStopped", "TrainingSummary", "TrainingWatcher", "follow", "train"]
