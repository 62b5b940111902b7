"""The first schema. What the tables and columns mean is said in envforge/registry/tables.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("isolation", sa.Text(), nullable=False),
        sa.Column("command", sa.JSON()),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.CheckConstraint(
            "state IN ('running', 'finished', 'interrupted', 'failed')", name=op.f("ck_runs_state")
        ),
    )
    op.create_index("ix_runs_state", "runs", ["state"])

    op.create_table(
        "environments",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer()),
        sa.Column("title", sa.Text()),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON()),
        sa.Column("oracle", sa.String(16)),
        sa.Column("max_difficulty", sa.Integer()),
        sa.Column("flavour", sa.String(16)),
        sa.Column("signature", sa.String(64)),
        sa.Column("bucket", sa.Text()),
        sa.Column("levels", sa.JSON()),
        sa.Column("profile", sa.JSON()),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("isolation", sa.Text(), nullable=False),
        sa.Column("created_run_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_environments"),
        sa.UniqueConstraint("sequence", name="uq_environments_sequence"),
        sa.ForeignKeyConstraint(["created_run_id"], ["runs.id"], name="fk_environments_created_run_id"),
        sa.CheckConstraint("kind IN ('text', 'visual')", name=op.f("ck_environments_kind")),
        sa.CheckConstraint(
            "status IN ('rejected', 'validated', 'admitted', 'retired', 'quarantined')",
            name=op.f("ck_environments_status"),
        ),
    )
    for column in ("created_at", "created_run_id", "signature", "status"):
        op.create_index(f"ix_environments_{column}", "environments", [column])

    op.create_table(
        "fingerprints",
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("part", sa.String(8), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("environment_id", "part", name="pk_fingerprints"),
        _environment("fingerprints", "environment_id"),
        sa.CheckConstraint("part IN ('code', 'prompt')", name=op.f("ck_fingerprints_part")),
    )

    op.create_table(
        "embeddings",
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("environment_id", "model", "part", name="pk_embeddings"),
        _environment("embeddings", "environment_id"),
    )

    op.create_table(
        "lineage",
        sa.Column("child_id", sa.String(16), nullable=False),
        sa.Column("parent_id", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("child_id", "parent_id", "position", name="pk_lineage"),
        _environment("lineage", "child_id"),
        _environment("lineage", "parent_id"),
    )
    op.create_index("ix_lineage_parent_id", "lineage", ["parent_id"])

    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.String(16)),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("transcript", sa.JSON()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.UniqueConstraint("run_id", "index", name="uq_proposals_run_id_index"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_proposals_run_id"),
        _environment("proposals", "environment_id"),
        sa.CheckConstraint(
            "outcome IN ('admitted', 'validated', 'rejected', 'duplicate', 'none')",
            name=op.f("ck_proposals_outcome"),
        ),
    )
    op.create_index("ix_proposals_environment_id", "proposals", ["environment_id"])
    op.create_index("ix_proposals_outcome_stage", "proposals", ["outcome", "stage"])

    op.create_table(
        "verdicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("proposal_id", sa.Integer()),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("isolation", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
        _environment("verdicts", "environment_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_verdicts_run_id"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_verdicts_proposal_id"),
    )
    op.create_index("ix_verdicts_environment_id", "verdicts", ["environment_id"])
    op.create_index("ix_verdicts_run_id", "verdicts", ["run_id"])

    op.create_table(
        "status_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("old", sa.String(16)),
        sa.Column("new", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_status_changes"),
        _environment("status_changes", "environment_id"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_status_changes_run_id"),
    )
    op.create_index("ix_status_changes_environment_id", "status_changes", ["environment_id"])

    writer = op.create_table(
        "writer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_writer"),
        sa.CheckConstraint("id = 1", name=op.f("ck_writer_single")),
    )
    op.bulk_insert(writer, [{"id": 1}])


def downgrade() -> None:
    for table in (
        "writer",
        "status_changes",
        "verdicts",
        "proposals",
        "lineage",
        "embeddings",
        "fingerprints",
        "environments",
        "runs",
    ):
        op.drop_table(table)


def _environment(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["environments.id"], name=f"fk_{table}_{column}")
