"""Accounts and what was given out are told in the chain; a look says what of the document was shown."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from pipeline.record.content import digest
from pipeline.record.migrations.versions.v0001_first_tables import only_grows

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("looks", sa.Column("shown", sa.Text(), nullable=True))
    accounts = op.create_table(
        "accounts",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["entries.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "outputs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["entries.number"]),
        sa.PrimaryKeyConstraint("number"),
    )
    only_grows("accounts")
    only_grows("outputs")
    _take_over(accounts)


def _take_over(accounts: sa.Table) -> None:
    """Tells of the accounts that there are already, so that a change to them from now on is found."""
    connection = op.get_bind()
    entries = sa.table("entries", sa.column("number"), sa.column("what"), sa.column("previous"), sa.column("hash"))
    users = sa.table("users", *map(sa.column, ("name", "full_name", "role", "marking", "secret", "subject", "locked_until", "disabled")),
                     sa.column("forces", sa.JSON()))  # fmt: skip
    last = connection.execute(sa.select(entries.c.number, entries.c.hash).order_by(entries.c.number.desc()).limit(1)).one_or_none()
    number, previous = (last.number, last.hash) if last else (0, connection.execute(sa.text("SELECT id FROM rounds")).scalar_one())
    at = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    for user in connection.execute(sa.select(users).order_by(users.c.name)):
        number += 1
        state = {
            "full_name": user.full_name, "role": user.role, "forces": user.forces, "marking": user.marking, "subject": user.subject,
            "secret": hashlib.sha256(user.secret.encode()).hexdigest() if user.secret else "", "locked_until": user.locked_until,
            "disabled": bool(user.disabled),
        }  # fmt: skip
        body = {"name": user.name, "by": "Read-across", "at": at, "state": state}
        link = digest({"number": number, "what": "accounts", "previous": previous, "body": body})
        connection.execute(sa.insert(entries).values(number=number, what="accounts", previous=previous, hash=link))
        connection.execute(sa.insert(accounts).values(number=number, **body))
        previous = link
