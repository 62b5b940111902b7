"""Evaluation: how well a policy does on environments, with intervals, before and after. See docs/evaluation.md."""

from envforge.evaluation.exam import Exam, check
from envforge.evaluation.statistics import Estimate, attempts, difference, estimate, pass_at_k, wilson
from envforge.evaluation.subjects import Problem, Question, Source, Subject, program_subject, subjects_of
from envforge.evaluation.summary import (
    Change,
    Comparison,
    Figures,
    Summary,
    compare,
    level_figures,
    summarise,
)

__all__ = [
    "Change",
    "Comparison",
    "Estimate",
    "Exam",
    "Figures",
    "Problem",
    "Question",
    "Source",
    "Subject",
    "Summary",
    "attempts",
    "check",
    "compare",
    "difference",
    "estimate",
    "level_figures",
    "pass_at_k",
    "program_subject",
    "subjects_of",
    "summarise",
    "wilson",
]
