"""The record's tables, the same in SQLite and PostgreSQL. Every table but `users` only grows: triggers refuse changes.

`entries` numbers all that happens in one sequence and chains it by hash; each other row is told in one entry. What the machine found is
kept by version: submission -> documents, cells -> evidence -> passages; `rest` holds the fields of matrix.json that no query asks for.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData()
REVISIONS: Final = ("0001", "0002", "0003")
"""Every revision of the tables, oldest first; migrations/versions has a file for each."""


def _number() -> Column[int]:
    return Column("number", Integer, ForeignKey("entries.number"), primary_key=True, autoincrement=False)


def _submission(name: str = "submission", key: bool = True) -> Column[int]:
    return Column(name, Integer, ForeignKey("submissions.number"), primary_key=key, nullable=False, autoincrement=False)


rounds = Table("rounds", METADATA, Column("id", Text, primary_key=True))
"""One row: what the first entry is chained to, so that two rounds cannot be spliced."""

entries = Table(
    "entries",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("what", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)

reviews = Table(
    "reviews",
    METADATA,
    _number(),
    Column("at", Text, nullable=False),
    Column("pack", Text, nullable=False),  # SHA-256 of the pack and, below, of the model and of the encoder
    Column("model", Text, nullable=False),
    Column("head", JSON, nullable=False),  # matrix.json without its submissions
)

submissions = Table(
    "submissions",
    METADATA,
    _number(),
    Column("review", Integer, ForeignKey("reviews.number"), nullable=False),
    Column("force", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("rest", JSON, nullable=False),
    UniqueConstraint("force", "version"),
)

texts = Table("texts", METADATA, Column("sha256", Text, primary_key=True), Column("content", LargeBinary, nullable=False))
"""What was read from a document, compressed, once for all versions that hold it; named by the hash of it uncompressed."""

documents = Table(
    "documents",
    METADATA,
    _submission(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("text", Text, ForeignKey("texts.sha256"), nullable=True),
    Column("store_key", Text, nullable=False),  # of what was read from it, in OUT/store/documents
    Column("path", Text, nullable=False),  # where the file lay when it was reviewed
    Column("rest", JSON, nullable=False),
)

passages = Table(
    "passages",
    METADATA,
    _submission(),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("document", Integer, nullable=True),
    Column("content", JSON, nullable=False),  # quote, and its address in the document
    ForeignKeyConstraint(["submission", "document"], ["documents.submission", "documents.position"]),
)

cells = Table(
    "cells",
    METADATA,
    _submission(),
    Column("area", Text, primary_key=True),
    Column("criterion", Text, primary_key=True),
    Column("position", Integer, nullable=False),  # in the submission's own order
    Column("grade", Integer, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("probabilities", JSON, nullable=False),  # of each grade
    Column("elements", JSON, nullable=False),  # the probability of each element
    Column("rest", JSON, nullable=False),
)

_CELL: Final = ["cells.submission", "cells.area", "cells.criterion"]


def _cell() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["submission", "area", "criterion"], _CELL)


evidence = Table(
    "evidence",
    METADATA,
    Column("submission", Integer, primary_key=True, autoincrement=False),
    Column("area", Text, primary_key=True),
    Column("criterion", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),  # from 1, best first
    Column("passage", Integer, nullable=False),
    Column("rest", JSON, nullable=False),  # score, elements, scope, highlights
    _cell(),
    ForeignKeyConstraint(["submission", "passage"], ["passages.submission", "passages.position"]),
)

decisions = Table(
    "decisions",
    METADATA,
    _number(),
    Column("submission", Integer, nullable=False),
    Column("area", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("grade", Integer, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("seen", Integer, ForeignKey("decisions.number"), nullable=True),
    Column("evidence", JSON, nullable=False),
    _cell(),
    Index("decisions_of_a_cell", "area", "criterion", "submission"),
)

comments = Table(
    "comments",
    METADATA,
    _number(),
    _submission(key=False),
    Column("area", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("flag", Boolean, nullable=True),
    _cell(),
)

assignments = Table(
    "assignments",
    METADATA,
    _number(),
    Column("force", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("given", Boolean, nullable=False),  # false takes it back
)

looks = Table(
    "looks",
    METADATA,
    _number(),
    Column("submission", Integer, nullable=False),
    Column("document", Integer, nullable=False),
    Column("user", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("shown", Text, nullable=True),  # what of the document: a page, its quotes; not told before revision 0002
    ForeignKeyConstraint(["submission", "document"], ["documents.submission", "documents.position"]),
)

outputs = Table(
    "outputs",
    METADATA,
    _number(),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("files", JSON, nullable=False),  # what was written
    Column("documents", JSON, nullable=False),  # the restricted documents whose words may stand in it, by force
)

withdrawals = Table(
    "withdrawals",
    METADATA,
    _number(),
    _submission(key=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False),  # false takes it back into the round
)

accounts = Table(
    "accounts",
    METADATA,
    _number(),
    Column("name", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("state", JSON, nullable=False),  # of the account from then on; of its password only the hash of what is kept
)
"""What became of each account. `users` is what follows from it, and the failures since."""

users = Table(
    "users",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("forces", JSON, nullable=True),
    Column("marking", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

GROWING: Final = tuple(table.name for table in METADATA.sorted_tables if table.name != "users")
"""The tables that only grow."""
TOLD: Final = {
    table.name: table for table in (reviews, submissions, decisions, comments, assignments, looks, outputs, withdrawals, accounts)
}
"""The tables whose rows are each told in one entry."""
LATER: Final = {"looks": ("shown",)}
"""Columns that came with a later revision: rows from before have NULL there, and their entries do not tell of them."""
