"""Submissions can be withdrawn from the round."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pipeline.record.migrations.versions.v0001_first_tables import only_grows

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["entries.number"]),
        sa.ForeignKeyConstraint(["submission"], ["submissions.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    only_grows("withdrawals")
