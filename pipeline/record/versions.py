"""What the machine found, version by version: written once when a review ends, told again in the form of matrix.json."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from extractors.document import Document
from pipeline.record import chain
from pipeline.record.content import canonical, version_of
from pipeline.record.database import Database
from pipeline.record.tables import cells, documents, evidence, passages, reviews, rounds, submissions, texts, withdrawals
from pipeline.record.types import RecordError, Source, Version, stamp
from pipeline.store import Store

DOCUMENT: Final = TypeAdapter(Document)
ADDRESS: Final = ("file", "page", "box", "sheet", "cell", "quote", "range", "headings")
"""The fields of an evidence entry that belong to the passage; the others belong to the cell that it is evidence for."""
_CELL: Final = ("grade", "confidence", "probabilities", "elements")


class Versions:
    """The versions of every force's submission."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add_review(self, whole: Mapping[str, Any], at: datetime, store: Path, sources: Mapping[tuple[str, str], Source]) -> list[Version]:
        """Takes over what a review found (the dict of matrix.json): each submission that is not as it was becomes a new version.

        One that was withdrawn needs other documents for that: another model makes no submission of it.
        `sources` says by folder and file where each document came from; what was read from it is taken from `store` (OUT/store).
        """
        head = {k: v for k, v in whole.items() if k != "submissions"}
        hashes = [(version_of(whole, entry), entry["force"]) for entry in whole["submissions"]]
        with self.database.write() as connection:
            latest, out = newest_versions(connection), withdrawn_versions(connection)
            changed = {place: s for place, (s, force) in enumerate(hashes) if force not in latest or latest[force].sha256 != s}
            again = [place for place in changed if hashes[place][1] in latest and latest[hashes[place][1]].number in out]
            for place in again:
                if _sent_alike(connection, latest[hashes[place][1]], whole["submissions"][place]):
                    del changed[place]
            last = connection.execute(select(reviews.c.head).order_by(reviews.c.number.desc()).limit(1)).scalar_one_or_none()
            if not changed and last is not None and canonical(last) == canonical(head):
                return []
            pack, model = (str((whole.get(what) or {}).get("sha256") or "") for what in ("pack", "model"))
            review = chain.append(connection, "reviews", {"at": stamp(at), "pack": pack, "model": model, "head": head})
            for place, sha256 in changed.items():  # one at a time: a round is larger than memory
                entry = whole["submissions"][place]
                own = [source for (folder, _), source in sources.items() if folder == entry.get("folder")]
                before = latest.get(entry["force"])
                _add(connection, review, before.version + 1 if before else 1, sha256, entry, sources, _texts(Store(store), own))
            return [v for v in latest_versions(connection).values() if v.number > review]

    def round(self) -> str:
        """The round's own id, different for every record."""
        with self.database.read() as connection:
            return str(connection.execute(select(rounds.c.id)).scalar_one())

    def forces(self) -> list[str]:
        """The forces of the round, by name."""
        with self.database.read() as connection:
            return sorted(latest_versions(connection))

    def latest(self, force: str) -> Version:
        """The newest version of a force's submission. Raises RecordError for a force unknown to the round."""
        with self.database.read() as connection:
            return latest(connection, force)

    def versions(self, force: str) -> list[Version]:
        """All versions of a force's submission, oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(_versions().where(submissions.c.force == force).order_by(submissions.c.version))
            return [Version(*row) for row in rows]

    def sent(self, version: Version) -> dict[str, str]:
        """The hash of each of a version's documents, by file, in their order."""
        query = select(documents.c.file, documents.c.sha256).where(documents.c.submission == version.number)
        with self.database.read() as connection:
            return {row.file: row.sha256 for row in connection.execute(query.order_by(documents.c.position))}

    def arrivals(self, force: str) -> list[Version]:
        """The versions that came of other documents than the one before, oldest first: not what new models made of the same documents."""
        versions = self.versions(force)
        sent = [None, *({*self.sent(version).values()} for version in versions)]
        return [version for before, now, version in zip(sent, sent[1:], versions, strict=False) if before != now]

    def head(self) -> dict[str, Any]:
        """matrix.json of the last review without its submissions: pack, model, grades, areas, criteria, problems."""
        with self.database.read() as connection:
            return head_of(connection)

    def review_of(self, version: Version) -> dict[str, Any]:
        """matrix.json of the review that found a version, without its submissions."""
        query = select(reviews.c.head).join(submissions, submissions.c.review == reviews.c.number)
        with self.database.read() as connection:
            return dict(connection.execute(query.where(submissions.c.number == version.number)).scalar_one())

    def entry(self, version: Version) -> dict[str, Any]:
        """A version's entry in matrix.json, just as the machine wrote it."""
        with self.database.read() as connection:
            return entry_of(connection, version.number)

    def cell(self, version: Version, area: str, criterion: str) -> dict[str, Any]:
        """One cell of a version, in the form of matrix.json. Raises RecordError where there is none."""
        with self.database.read() as connection:
            found = cells_of(connection, version.number, area, criterion)
        if not found:
            raise RecordError(f"{version.force} has no cell {area} / {criterion}.")
        return dict(found[area][criterion])

    def sources(self, version: Version) -> dict[str, Source]:
        """Where each of a version's documents came from, by file."""
        with self.database.read() as connection:
            rows = connection.execute(select(documents).where(documents.c.submission == version.number))
            return {row.file: Source(row.path, row.store_key) for row in rows}

    def document(self, version: Version, file: str) -> Document | None:
        """What was read from a version's document, None where nothing was kept. It stays even where OUT/store is cleared."""
        query = select(texts.c.content).join(documents, documents.c.text == texts.c.sha256)
        with self.database.read() as connection:
            content = connection.execute(
                query.where(documents.c.submission == version.number, documents.c.file == file)
            ).scalar_one_or_none()
        return DOCUMENT.validate_json(zlib.decompress(content)) if content else None


def head_of(connection: Connection) -> dict[str, Any]:
    found = connection.execute(select(reviews.c.head).order_by(reviews.c.number.desc()).limit(1)).scalar_one_or_none()
    if found is None:
        raise RecordError("No review has been recorded yet. Run `readacross review SUBMISSIONS --out OUT` first.")
    return dict(found)


def latest(connection: Connection, force: str) -> Version:
    found = latest_versions(connection, force).get(force)
    if found is None:
        names = ", ".join(sorted(latest_versions(connection))) or "none yet"
        raise RecordError(f"{force!r} is no force of this round. Its forces are: {names}.")
    return found


def entry_of(connection: Connection, number: int) -> dict[str, Any]:
    rest = connection.execute(select(submissions.c.rest).where(submissions.c.number == number)).scalar_one()
    rows = connection.execute(select(documents).where(documents.c.submission == number).order_by(documents.c.position))
    sent = [{"file": row.file, "sha256": row.sha256} | row.rest for row in rows]
    return {**rest, "documents": sent, "cells": cells_of(connection, number)}


def cells_of(connection: Connection, number: int, area: str | None = None, criterion: str | None = None) -> dict[str, Any]:
    """The cells of a version, or the one, with their evidence, as matrix.json holds them."""

    def of(query: Select[Any], table: Any) -> Sequence[Row[Any]]:
        query = query.where(table.c.submission == number)
        return connection.execute(query.where(table.c.area == area, table.c.criterion == criterion) if area else query).all()

    found: dict[str, dict[str, Any]] = {}
    for row in of(select(cells).order_by(cells.c.position), cells):
        machine = {name: getattr(row, name) for name in _CELL}
        found.setdefault(row.area, {})[row.criterion] = {**row.rest, **machine, "evidence": []}
    together = (passages.c.submission == evidence.c.submission) & (passages.c.position == evidence.c.passage)
    borne = select(evidence.c.area, evidence.c.criterion, evidence.c.rest, passages.c.content).join(passages, together)
    for row in of(borne.order_by(evidence.c.position), evidence):
        found[row.area][row.criterion]["evidence"].append(row.content | row.rest)
    return found


def version_numbered(connection: Connection, force: str, version: int) -> int:
    """The number in the record of a force's n-th version."""
    query = select(submissions.c.number).where(submissions.c.force == force, submissions.c.version == version)
    return int(connection.execute(query).scalar_one())


def _versions() -> Select[Any]:
    s, r = submissions.c, reviews.c
    return select(s.number, s.force, s.version, s.sha256, r.at, r.pack, r.model).join(reviews, r.number == s.review)


def latest_versions(connection: Connection, force: str | None = None) -> dict[str, Version]:
    """The newest version of every force of the round, or of one, in the order in which the forces first came."""
    out = withdrawn_versions(connection)
    return {name: version for name, version in newest_versions(connection, force).items() if version.number not in out}


def withdrawn_versions(connection: Connection) -> set[int]:
    """The versions, by number, that were taken out of the round and not back into it."""
    w = withdrawals.c
    last = select(func.max(w.number)).group_by(w.submission)
    return set(connection.execute(select(w.submission).where(w.number.in_(last), w.withdrawn)).scalars())


def newest_versions(connection: Connection, force: str | None = None) -> dict[str, Version]:
    """The same with those that were withdrawn. A version that comes after a withdrawal is in the round again."""
    s = submissions.c
    newest = select(func.max(s.number).label("number"), func.min(s.number).label("first")).group_by(s.force).subquery()
    query = _versions().join(newest, newest.c.number == s.number).order_by(newest.c.first)
    rows = connection.execute(query.where(s.force == force) if force is not None else query)
    return {row.force: Version(*row) for row in rows}


def _sent_alike(connection: Connection, version: Version, entry: Mapping[str, Any]) -> bool:
    sent = connection.execute(select(documents.c.sha256).where(documents.c.submission == version.number)).scalars()
    return set(sent) == {document["sha256"] for document in entry["documents"]}


def _texts(store: Store, sources: Sequence[Source]) -> dict[str, tuple[str, bytes]]:
    """What was read from documents, as hash and compressed bytes by the store's key; without those that the store has lost."""
    found = {}
    for source in sources:
        try:
            content = store.path("documents", source.key).read_bytes()
        except OSError:
            continue
        found[source.key] = (hashlib.sha256(content).hexdigest(), zlib.compress(content))
    return found


def _add(
    connection: Connection,
    review: int,
    version: int,
    sha256: str,
    entry: Mapping[str, Any],
    sources: Mapping[tuple[str, str], Source],
    read: Mapping[str, tuple[str, bytes]],
) -> None:
    sent = []
    for position, document in enumerate(entry["documents"]):
        source = sources.get((entry.get("folder", ""), document["file"]), Source("", ""))
        text, packed = read.get(source.key, (None, b""))
        if text:
            _keep(connection, text, packed)
        rest = {k: v for k, v in document.items() if k not in ("file", "sha256")}
        sent.append(
            {"position": position, "file": document["file"], "sha256": document["sha256"], "text": text, "store_key": source.key,
             "path": source.path, "rest": rest}
        )  # fmt: skip
    body = {"review": review, "force": entry["force"], "version": version, "sha256": sha256, "texts": [d["text"] for d in sent]}
    number = chain.append(connection, "submissions", body, rest={**entry, "documents": None, "cells": None})
    positions = {d["file"]: d["position"] for d in sent}
    quoted: dict[bytes, dict[str, Any]] = {}
    judged: list[dict[str, Any]] = []
    borne: list[dict[str, Any]] = []
    for area, row in entry["cells"].items():
        for criterion, cell in row.items():
            rest = {k: v for k, v in cell.items() if k not in (*_CELL, "evidence")}
            own = {"area": area, "criterion": criterion}
            judged.append(own | {"position": len(judged), "rest": rest} | {name: cell[name] for name in _CELL})
            for place, item in enumerate(cell["evidence"], 1):
                content = {k: item[k] for k in ADDRESS if k in item}
                passage = {"position": len(quoted), "document": positions.get(item["file"]), "content": content}
                at = quoted.setdefault(canonical(content), passage)["position"]
                bears = {k: v for k, v in item.items() if k not in ADDRESS}
                borne.append(own | {"position": place, "passage": at, "rest": bears})
    for table, rows in ((documents, sent), (passages, list(quoted.values())), (cells, judged), (evidence, borne)):
        if rows:
            connection.execute(insert(table), [row | {"submission": number} for row in rows])


def _keep(connection: Connection, sha256: str, content: bytes) -> None:
    insert_or_leave = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert_or_leave(texts).values(sha256=sha256, content=content).on_conflict_do_nothing())
