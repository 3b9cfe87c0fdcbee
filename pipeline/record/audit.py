"""The audit: is everything as it was written? And the whole history as lines that anyone can check without this program."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from pipeline.record import chain
from pipeline.record.accounts import altered_accounts
from pipeline.record.content import canonical, version_of
from pipeline.record.record import Record
from pipeline.record.reviewed import REVIEWED
from pipeline.record.tables import LATER, TOLD, documents, entries, reviews, rounds, submissions, texts
from pipeline.record.types import RecordError
from pipeline.record.versions import entry_of
from pipeline.store import write_whole
from pipeline.words import harmless


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found. `wrong` is empty where everything is as it was written; `head` is the last entry's hash."""

    round: str
    entries: int
    decisions: int
    versions: int
    head: str
    wrong: tuple[str, ...]


def audit(record: Record, published: Mapping[str, Any] | None = None) -> Audit:
    """Checks the chain, every version against its hash, every text against its name and every account against what is told of it.

    `published` is the `record` of a reviewed.json: an entry that was published and is no longer there is told.
    """
    with record.database.read() as connection:
        bodies = bodies_of(connection)
        wrong = [*chain.broken(connection, bodies), *_altered(connection), *altered_accounts(connection)]
        number, head = chain.head(connection)
        if published:
            query = select(entries.c.hash).where(entries.c.number == published.get("entries"))
            if published.get("entries") and connection.execute(query).scalar_one_or_none() != published.get("head"):
                wrong.append(f"entry {published['entries']} is not the one that reviewed.json was published with.")
        identity = connection.execute(select(rounds.c.id)).scalar_one()
    return Audit(identity, number, len(bodies["decisions"]), len(bodies["submissions"]), head, tuple(wrong))


def bodies_of(connection: Connection) -> dict[str, dict[int, dict[str, Any]]]:
    """What each entry tells, as the tables say it today; by table and number."""
    bodies = {}
    for what, table in TOLD.items():
        columns = [column for column in table.c if column.name not in ("number", "rest")]
        rows = connection.execute(select(table.c.number, *columns)).mappings()
        later = LATER.get(what, ())
        bodies[what] = {
            row["number"]: {c.name: row[c.name] for c in columns if row[c.name] is not None or c.name not in later} for row in rows
        }
    for body in bodies["submissions"].values():
        body["texts"] = []
    query = select(documents.c.submission, documents.c.text).order_by(documents.c.submission, documents.c.position)
    for submission, text in connection.execute(query):
        if submission in bodies["submissions"]:
            bodies["submissions"][submission]["texts"].append(text)
    return bodies


def _altered(connection: Connection) -> Iterator[str]:
    """Versions and texts that are not what their hashes say."""
    query = select(submissions.c.number, submissions.c.force, submissions.c.version, submissions.c.sha256, reviews.c.head)
    for number, force, version, sha256, head in connection.execute(query.join(reviews, reviews.c.number == submissions.c.review)):
        try:
            whole = version_of(head, entry_of(connection, number)) == sha256
        except (KeyError, ValueError):  # rows that are gone, or that hold no JSON any more
            whole = False
        if not whole:
            yield f"version {version} of {force}: the machine's grades or evidence were changed after they were written."
    for sha256, content in connection.execute(select(texts.c.sha256, texts.c.content)):
        try:
            whole = hashlib.sha256(zlib.decompress(content)).hexdigest() == sha256
        except (zlib.error, TypeError):
            whole = False
        if not whole:
            yield f"the text {sha256[:12]} of a document was changed after it was written."


def history(record: Record) -> Iterator[dict[str, Any]]:
    """Every entry in order: number, what, previous, hash and the body that the hash covers."""
    with record.database.read() as connection:
        bodies = bodies_of(connection)
        for entry in connection.execute(select(entries).order_by(entries.c.number)):
            body = bodies[entry.what].get(entry.number)
            yield {"number": entry.number, "what": entry.what, "previous": entry.previous, "hash": entry.hash, "body": body}


def audit_lines(record: Record, out: Path) -> tuple[bool, list[str]]:
    """Whether all is as it was written, and what to tell a person; reviewed.json in `out` is held against the record too."""
    try:
        published = json.loads((out / REVIEWED).read_text(encoding="utf-8")).get("record")
    except (OSError, ValueError, AttributeError):
        published = None
    found = audit(record, published)
    what = f"{found.entries} entries, among them {found.versions} versions of submissions and {found.decisions} decisions"
    if found.wrong:
        return False, ["The record was changed after it was written:", *(f"- {line}" for line in found.wrong), f"It has {what}."]
    return True, [f"The record is as it was written: {what}.", f"Round {found.round}, last entry's hash {found.head}."]


def write_history(record: Record, file: Path) -> None:
    """Exports by the file's ending: every entry as JSON lines, the decisions as CSV, or the whole record as a copy to keep.

    Raises RecordError or OSError.
    """
    match file.suffix.lower():
        case ".jsonl":
            write_whole(file, "".join(f"{line}\n" for line in as_lines(record)).encode("ascii"))
        case ".csv":
            write_whole(file, as_csv(record).encode("utf-8-sig"))
        case ".sqlite":
            record.database.copy(file)
        case _:
            raise RecordError(f"{file}: give it the ending .jsonl (every entry), .csv (the decisions) or .sqlite (a copy of the record).")


def as_lines(record: Record) -> Iterator[str]:
    """The history as JSON lines, each canonical: the SHA-256 of a line without its hash is that hash."""
    for entry in history(record):
        yield canonical(entry).decode("ascii")


COLUMNS = ("number", "force", "version", "area", "criterion", "kind", "grade", "reviewer", "at", "reason", "seen", "evidence")


def as_csv(record: Record) -> str:
    """The decisions as CSV for a spreadsheet, where no text can be a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for one in record.decisions():
        marks = asdict(one.evidence)
        values = [getattr(one, name) for name in COLUMNS[:-1]]
        rows.writerow([harmless(v) for v in [*values, json.dumps(marks, ensure_ascii=False) if any(marks.values()) else ""]])
    return out.getvalue()
