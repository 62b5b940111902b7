"""The table of probes: what an audit tries, in this order."""

from __future__ import annotations

from envforge.audit.acceptance import wrong_answers
from envforge.audit.constants import fixed_answers
from envforge.audit.instances import instances
from envforge.audit.judging import echoes, self_grading
from envforge.audit.probe import Probe
from envforge.audit.purity import purity
from envforge.audit.refusals import right_answers
from envforge.audit.running import endurance, evaluation
from envforge.audit.switches import switches

PROBES: tuple[Probe, ...] = (
    Probe(
        "wrong answers",
        (
            "accepts-anything", "accepts-empty", "accepts-affix", "accepts-part", "accepts-superset", "accepts-hedge",
            "ignores-order", "ignores-sign", "accepts-neighbour", "accepts-nonfinite", "accepts-tautology",
        ),
        wrong_answers,
    ),
    Probe("right answers", ("reference-refused", "space-refused", "one-of-many"), right_answers),
    Probe("fixed answers", ("constant-answer",), fixed_answers),
    Probe("echoes", ("accepts-echo",), echoes),
    Probe("self-grading", ("self-graded", "score-overwritten"), self_grading),
    Probe("switches", ("hidden-switch",), switches, foreign=False),
    Probe("evaluation", ("evaluates-answer",), evaluation),
    Probe("endurance", ("score-unbounded", "score-raises", "score-range"), endurance),
    Probe(
        "instances",
        (
            "generation-fails", "answer-missing", "answer-in-prompt", "ambiguous-prompt", "few-instances",
            "overlapping-seeds", "level-generation-slow",
        ),
        instances,
    ),
    Probe(
        "purity", ("prompt-varies", "global-random", "score-varies", "changes-state", "writes-files"), purity
    ),
)  # fmt: skip
