"""Who was shown what of protected documents, and who had their words written into files that leave the record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from pipeline.markings import recorded
from pipeline.record import chain
from pipeline.record.decisions import plain_text
from pipeline.record.tables import documents, looks, outputs, submissions
from pipeline.record.types import Look, Output, RecordError, Version, stamp
from pipeline.record.versions import Versions, latest_versions


class Looks(Versions):
    """Looks and outputs."""

    def look(self, version: Version, files: Collection[str], *, user: str, at: datetime, why: str, shown: str) -> None:
        """Notes that someone was shown this of documents of a version, and why. Raises RecordError for an unknown document."""
        with self.database.write() as connection:
            query = select(documents.c.file, documents.c.position).where(documents.c.submission == version.number)
            there = {row.file: row.position for row in connection.execute(query)}
            if unknown := sorted({*files} - {*there}):
                raise RecordError(f"{version.force} has no document {unknown[0]!r}.")
            for file in sorted(files, key=there.__getitem__):
                body = {"submission": version.number, "document": there[file], "user": plain_text(user), "at": stamp(at),
                        "why": plain_text(why), "shown": shown}  # fmt: skip
                chain.append(connection, "looks", body)

    def looks(self) -> list[Look]:
        """Every look at a protected document, oldest first."""
        d, k, s = documents.c, looks.c, submissions.c
        query = select(k.number, s.force, s.version, d.file, d.rest, k.user, k.at, k.why, k.shown)
        query = query.join(documents, (d.submission == k.submission) & (d.position == k.document))
        query = query.join(submissions, s.number == k.submission).order_by(k.number)
        with self.database.read() as connection:
            return [
                Look(number, force, version, file, str(rest.get("marking") or ""), *more)
                for number, force, version, file, rest, *more in connection.execute(query)
            ]

    def give_out(self, files: Collection[str], *, by: str, at: datetime, forces: Collection[str] | None = None) -> None:
        """Notes that someone has the round, or these forces of it, written to these files; nothing without protected documents."""
        with self.database.write() as connection:
            versions = {v.number: force for force, v in latest_versions(connection).items() if forces is None or force in forces}
            query = select(documents).where(documents.c.submission.in_(versions)).order_by(documents.c.submission, documents.c.position)
            told: dict[str, list[str]] = {}
            for row in connection.execute(query):
                if recorded(str(row.rest.get("marking") or "")):
                    told.setdefault(versions[row.submission], []).append(row.file)
            if told:
                chain.append(connection, "outputs", {"by": plain_text(by), "at": stamp(at), "files": sorted(files), "documents": told})

    def outputs(self) -> list[Output]:
        """Everything that was written out, oldest first."""
        with self.database.read() as connection:
            return [Output(*row) for row in connection.execute(select(outputs).order_by(outputs.c.number))]
