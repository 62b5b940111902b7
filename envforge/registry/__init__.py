"""The registry: every proposal with its source, verdicts, lineage and history, in one database.

The only package that talks SQL: SQLite by default, any SQLAlchemy URL accepted. The schema is made and changed
by the migrations in `db/`, never behind the user's back.
"""

from envforge.registry.pool import PoolEnvironment, PoolGroupRecord, PoolMark, PoolMemberRecord, PoolRecord
from envforge.registry.records import (
    CalibrationRecord,
    EnvironmentRecord,
    EnvironmentSummary,
    LineageEdge,
    LineageNode,
    ProposalRecord,
    ReviewRecord,
    RunRecord,
    StatusRecord,
    VerdictRecord,
)
from envforge.registry.schema import create, upgrade
from envforge.registry.store import Registry
from envforge.registry.tables import ACCEPTED, OUTCOMES, RUN_KINDS, RUN_STATES, STATUSES
from envforge.registry.training import EvaluationRecord, StepEnvironment, StepRecord
from envforge.registry.transaction import Transaction

__all__ = [
    "ACCEPTED",
    "OUTCOMES",
    "RUN_KINDS",
    "RUN_STATES",
    "STATUSES",
    "CalibrationRecord",
    "EnvironmentRecord",
    "EnvironmentSummary",
    "EvaluationRecord",
    "LineageEdge",
    "LineageNode",
    "PoolEnvironment",
    "PoolGroupRecord",
    "PoolMark",
    "PoolMemberRecord",
    "PoolRecord",
    "ProposalRecord",
    "Registry",
    "ReviewRecord",
    "RunRecord",
    "StatusRecord",
    "StepEnvironment",
    "StepRecord",
    "Transaction",
    "VerdictRecord",
    "create",
    "upgrade",
]
