"""What a set of environments is worth: quality, diversity, levels, near-duplicates. See docs/analysis.md."""

from envforge.analysis.data import as_data
from envforge.analysis.figures import Analysis, EnvironmentFigures, LevelFigures, StepFigures
from envforge.analysis.page import page
from envforge.analysis.quality import GRADES, Rates, grade
from envforge.analysis.survey import Source, examine, survey

__all__ = [
    "GRADES",
    "Analysis",
    "EnvironmentFigures",
    "LevelFigures",
    "Rates",
    "Source",
    "StepFigures",
    "as_data",
    "examine",
    "grade",
    "page",
    "survey",
]
