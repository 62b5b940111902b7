"""Training on the live pool: its runs and steps, evaluations of the policy, environments that are held out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("kind", sa.String(8), nullable=False, server_default="grow"))
    with op.batch_alter_table("runs") as runs:
        runs.alter_column("kind", server_default=None)
        runs.create_check_constraint(op.f("ck_runs_kind"), "kind IN ('grow', 'train')")

    op.create_table(
        "training_steps",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "step", name="pk_training_steps"),
        _run("training_steps"),
    )

    op.create_table(
        "training_environments",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("live_groups", sa.Integer(), nullable=False),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Double()),
        sa.Column("reward", sa.Double()),
        sa.Column("format_failures", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Double()),
        sa.Column("entropy", sa.Double()),
        sa.PrimaryKeyConstraint(
            "run_id", "step", "environment_id", "difficulty", name="pk_training_environments"
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "step"],
            ["training_steps.run_id", "training_steps.step"],
            name="fk_training_environments_run_id_step",
        ),
        _environment("training_environments"),
    )
    op.create_index("ix_training_environments_environment_id", "training_environments", ["environment_id"])

    op.create_table(
        "evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("step", sa.Integer()),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.UniqueConstraint("run_id", "name", name="uq_evaluations_run_id_name"),
        _run("evaluations"),
    )

    op.create_table(
        "evaluation_results",
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("split", sa.String(16), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("passes", sa.JSON(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("seeds", sa.JSON(), nullable=False),
        sa.Column("format_failures", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", "position", name="pk_evaluation_results"),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name="fk_evaluation_results_evaluation_id"
        ),
    )

    op.create_table(
        "held_out",
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("environment_id", name="pk_held_out"),
        _environment("held_out"),
        _run("held_out"),
    )


def downgrade() -> None:
    for table in ("held_out", "evaluation_results", "evaluations", "training_environments", "training_steps"):
        op.drop_table(table)
    with op.batch_alter_table("runs") as runs:
        runs.drop_constraint(op.f("ck_runs_kind"), type_="check")
        runs.drop_column("kind")


def _run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=f"fk_{table}_run_id")


def _environment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["environment_id"], ["environments.id"], name=f"fk_{table}_environment_id")
