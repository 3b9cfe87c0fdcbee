"""The first tables of the record."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

GROWING = (
    "rounds", "entries", "reviews", "submissions", "texts", "documents", "passages", "cells", "evidence", "decisions", "comments",
    "assignments", "looks",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table("rounds", sa.Column("id", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "texts",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("forces", sa.JSON(), nullable=True),
        sa.Column("marking", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "assignments",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["entries.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["entries.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "submissions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["entries.number"],
        ),
        sa.ForeignKeyConstraint(
            ["review"],
            ["reviews.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("force", "version"),
    )
    op.create_table(
        "cells",
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("probabilities", sa.JSON(), nullable=False),
        sa.Column("elements", sa.JSON(), nullable=False),
        sa.Column("rest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.number"],
        ),
        sa.PrimaryKeyConstraint("submission", "area", "criterion"),
    )
    op.create_table(
        "documents",
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("store_key", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("rest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.number"],
        ),
        sa.ForeignKeyConstraint(
            ["text"],
            ["texts.sha256"],
        ),
        sa.PrimaryKeyConstraint("submission", "position"),
    )
    op.create_table(
        "comments",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("flag", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["number"],
            ["entries.number"],
        ),
        sa.ForeignKeyConstraint(
            ["submission", "area", "criterion"],
            ["cells.submission", "cells.area", "cells.criterion"],
        ),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["entries.number"],
        ),
        sa.ForeignKeyConstraint(
            ["seen"],
            ["decisions.number"],
        ),
        sa.ForeignKeyConstraint(
            ["submission", "area", "criterion"],
            ["cells.submission", "cells.area", "cells.criterion"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("decisions_of_a_cell", "decisions", ["area", "criterion", "submission"], unique=False)
    op.create_table(
        "looks",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("document", sa.Integer(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["entries.number"],
        ),
        sa.ForeignKeyConstraint(
            ["submission", "document"],
            ["documents.submission", "documents.position"],
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "passages",
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Integer(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission", "document"],
            ["documents.submission", "documents.position"],
        ),
        sa.ForeignKeyConstraint(
            ["submission"],
            ["submissions.number"],
        ),
        sa.PrimaryKeyConstraint("submission", "position"),
    )
    op.create_table(
        "evidence",
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passage", sa.Integer(), nullable=False),
        sa.Column("rest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission", "area", "criterion"],
            ["cells.submission", "cells.area", "cells.criterion"],
        ),
        sa.ForeignKeyConstraint(
            ["submission", "passage"],
            ["passages.submission", "passages.position"],
        ),
        sa.PrimaryKeyConstraint("submission", "area", "criterion", "position"),
    )

    op.execute(sa.text("INSERT INTO rounds (id) VALUES (:id)").bindparams(id=uuid.uuid4().hex))
    for table in GROWING:
        only_grows(table)


def only_grows(table: str) -> None:
    """A table whose rows can be added, and never changed or taken away."""
    said = f"{table} only grows"
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END")
        return
    function = f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    op.execute(function)
    trigger = f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
    op.execute(f"{trigger} FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()")
