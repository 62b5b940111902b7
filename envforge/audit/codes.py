"""The stable codes of findings: what each means, and what to do about it. docs/audit.md lists them."""

from __future__ import annotations

from dataclasses import dataclass

from envforge.audit.finding import Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Code:
    """`meaning` completes the sentence "The target ..."; `remedy` says what its author can do."""

    name: str
    severity: Severity
    meaning: str
    remedy: str


_TABLE = (
    # The scorer lets wrong answers through.
    Code("accepts-anything", ERROR, "gives full credit to texts that have nothing to do with the question",
         "parse the answer strictly, and give 0 to what cannot be parsed"),
    Code("accepts-empty", ERROR, "gives full credit to an empty answer, or to white space alone",
         "refuse an empty answer first"),
    Code("accepts-affix", ERROR, "gives full credit to the reference with other content before or after it",
         "compare the whole answer, not its beginning, its end or a part of it"),
    Code("accepts-part", ERROR, "gives full credit to a mere part of the reference",
         "compare the whole answer; do not ask whether it lies in the reference"),
    Code("accepts-superset", ERROR, "gives full credit to an answer with more items than are right",
         "compare sets for equality, not for inclusion"),
    Code("accepts-hedge", ERROR, "gives full credit to two different answers at once",
         "refuse answers that name more than one candidate"),
    Code("ignores-order", ERROR, "gives full credit to the right items in a wrong order",
         "compare sequences, or say in the prompt that the order is free"),
    Code("ignores-sign", ERROR, "gives full credit to the reference with the other sign",
         "compare signed numbers"),
    Code("accepts-neighbour", ERROR, "gives full credit to a number beside the right one",
         "compare whole numbers exactly; tie a tolerance to the precision that the prompt asks for"),
    Code("accepts-nonfinite", ERROR, "gives full credit to nan or to infinity",
         "refuse numbers that are not finite before comparing"),
    Code("accepts-tautology", ERROR, "gives full credit to a statement that is always true",
         "do not evaluate the answer as a condition"),
    Code("accepts-echo", ERROR, "gives full credit to its own question or input, copied",
         "refuse answers that repeat the question; measure the goal, not its likeness to the input"),
    Code("self-graded", ERROR, "takes the grade that the answer gives itself",
         "compute the score from the state alone, never from what the answer says of itself"),
    Code("score-overwritten", ERROR, "lets the answer write a field of which the score is read",
         "keep the score apart from what is parsed out of the answer"),
    Code("hidden-switch", ERROR, "judges a wrong answer by a part of the state that decides nothing",
         "let the scorer judge every instance alike, whatever it looks like"),
    Code("constant-answer", WARNING, "pays one fixed answer much of the full credit",
         "spread the right answers, or give no partial credit to what is not close"),
    Code("hacked", ERROR, "was made to pay by an answer that a policy wrote without solving the question",
         "read the answer, close the way, keep the answer as a regression probe"),
    # The scorer runs the answer.
    Code("evaluates-answer", ERROR, "evaluates the answer's text as code",
         "parse numbers with int or float and structures with json; never eval"),
    Code("score-unbounded", ERROR, "takes unbounded time or memory over an answer",
         "bound the answer's length and its numbers before computing with them"),
    Code("score-raises", WARNING, "raises an exception over an answer",
         "catch what parsing raises, and give 0"),
    Code("score-range", ERROR, "returns a score that is no number from 0 to 1",
         "return a float from 0 to 1"),
    # The scorer refuses right answers.
    Code("reference-refused", ERROR, "does not give full credit to its own reference",
         "check the reference against the scorer at every level"),
    Code("space-refused", WARNING, "refuses the reference with white space or a newline around it",
         "strip the answer"),
    Code("one-of-many", ERROR, "accepts one of several right answers alone",
         "check the answer against the constraints, or ask for one canonical answer"),
    Code("label-contradicted", ERROR, "has a reference that an independent solver contradicts",
         "find out which of the two is wrong at the seed in the evidence"),
    # The instances.
    Code("generation-fails", ERROR, "cannot make an instance, or not within its limits",
         "run the generator at the seed and level in the evidence"),
    Code("answer-missing", ERROR, "makes instances without a reference",
         "give every instance a reference answer"),
    Code("answer-in-prompt", WARNING, "says the answer in the prompt",
         "take the answer out of the prompt"),
    Code("ambiguous-prompt", ERROR, "asks the same question with different answers",
         "say in the prompt whatever the answer depends on"),
    Code("few-instances", WARNING, "has few distinct instances",
         "draw from a larger space, or mark the level as small"),
    Code("overlapping-seeds", WARNING, "repeats instances of one seed under the next one",
         "derive item seeds by hashing, not by adding indexes"),
    Code("level-generation-slow", INFO, "takes seconds to make an instance",
         "bound the search; precompute nothing at import"),
    # Purity.
    Code("prompt-varies", ERROR, "makes another instance of the same seed in another process",
         "do not iterate over sets or hashes, and read no clock"),
    Code("global-random", ERROR, "depends on the global random state",
         "draw from the instance's own generator alone"),
    Code("score-varies", ERROR, "scores the same answer differently the second time",
         "keep no state between calls"),
    Code("changes-state", ERROR, "changes the instance while scoring",
         "copy before sorting or popping"),
    Code("writes-files", ERROR, "tries to write a file, open a socket or start a process",
         "an environment computes; it needs nothing of the machine"),
    # The registry's evidence.
    Code("source-changed", ERROR, "has a source that no longer hashes to its id",
         "restore the source from a backup; nothing that was measured holds for this one"),
    Code("gate-failed", ERROR, "fails a gate that it had passed",
         "see the stage and the evidence; quarantine it"),
    Code("floor-raised", WARNING, "has a higher guess floor than was recorded",
         "calibrate it again"),
    Code("rate-drifted", WARNING, "has a solve rate that is saturated, dead, or far from its calibration",
         "retire it, or raise its level"),
    Code("near-duplicate", WARNING, "is nearly the same as another environment",
         "keep one of the two"),
    Code("defective-ancestor", WARNING, "descends from an environment that has an error",
         "audit what it took over from its parent"),
    # About the audit.
    Code("slow", INFO, "did not come to an end within its time", "give it more with --seconds"),
)  # fmt: skip

CODES: dict[str, Code] = {code.name: code for code in _TABLE}
