"""The policy in the loop: reviews, calibrations, repair rounds, the live pool."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("policy", sa.Text()))
    op.add_column("verdicts", sa.Column("policy", sa.Text()))
    with op.batch_alter_table("proposals") as proposals:
        proposals.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
        proposals.add_column(sa.Column("usage", sa.JSON()))
        proposals.drop_constraint("uq_proposals_run_id_index", type_="unique")
        proposals.create_unique_constraint("uq_proposals_run_id_index_round", ["run_id", "index", "round"])
    with op.batch_alter_table("proposals") as proposals:
        proposals.alter_column("round", server_default=None)

    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        _environment("reviews"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_reviews_run_id"),
    )
    op.create_index("ix_reviews_environment_id", "reviews", ["environment_id"])

    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("trend", sa.Double()),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("isolation", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
        _environment("calibrations"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_calibrations_run_id"),
    )
    op.create_index("ix_calibrations_environment_id", "calibrations", ["environment_id"])

    op.create_table(
        "pool_members",
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("live_groups", sa.Integer(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("environment_id", name="pk_pool_members"),
        _environment("pool_members"),
        sa.CheckConstraint(
            "state IN ('active', 'parked', 'retired', 'rotated')", name=op.f("ck_pool_members_state")
        ),
    )
    op.create_index("ix_pool_members_state", "pool_members", ["state"])

    op.create_table(
        "pool_groups",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("environment_id", sa.String(16), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_pool_groups"),
        _environment("pool_groups"),
    )
    op.create_index("ix_pool_groups_environment_id", "pool_groups", ["environment_id"])


def downgrade() -> None:
    for table in ("pool_groups", "pool_members", "calibrations", "reviews"):
        op.drop_table(table)
    op.execute("DELETE FROM proposals WHERE round > 0")
    with op.batch_alter_table("proposals") as proposals:
        proposals.drop_constraint("uq_proposals_run_id_index_round", type_="unique")
        proposals.create_unique_constraint("uq_proposals_run_id_index", ["run_id", "index"])
        proposals.drop_column("usage")
        proposals.drop_column("round")
    op.drop_column("verdicts", "policy")
    op.drop_column("runs", "policy")


def _environment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["environment_id"], ["environments.id"], name=f"fk_{table}_environment_id")
