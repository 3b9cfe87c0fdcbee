"""What surrounds decisions: comments and flags, and who has what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from pipeline.record import chain
from pipeline.record.decisions import machine_grade, plain_text
from pipeline.record.tables import assignments, comments, submissions
from pipeline.record.types import Assignment, Comment, RecordError, stamp
from pipeline.record.versions import Versions, latest


class Desk(Versions):
    """Comments and assignments."""

    def comment(self, force: str, area: str, criterion: str, *, author: str, at: datetime, text: str, flag: bool | None = None) -> Comment:
        """Adds a remark to a cell; `flag` True raises the cell for discussion, False settles that. Raises RecordError."""
        with self.database.write() as connection:
            version = latest(connection, force)
            machine_grade(connection, version, area, criterion)
            if not (text := plain_text(text)) and flag is None:
                raise RecordError("A comment needs some words.")
            body = {"submission": version.number, "area": area, "criterion": criterion, "author": plain_text(author), "at": stamp(at),
                    "text": text, "flag": flag}  # fmt: skip
            number = chain.append(connection, "comments", body)
            return Comment(number, force, area, criterion, plain_text(author), stamp(at), text, flag)

    def comments(self, force: str | None = None) -> list[Comment]:
        """Every comment, oldest first; of one force or of all."""
        c = comments.c
        query = select(c.number, submissions.c.force, c.area, c.criterion, c.author, c.at, c.text, c.flag)
        query = query.join(submissions, submissions.c.number == c.submission).order_by(c.number)
        with self.database.read() as connection:
            return [Comment(*row) for row in connection.execute(query.where(submissions.c.force == force) if force else query)]

    def flagged(self) -> dict[tuple[str, str, str], Comment]:
        """The cells raised for discussion and not yet settled, each with the comment that raised it; by force, area and criterion."""
        found: dict[tuple[str, str, str], Comment] = {}
        for one in self.comments():
            if one.flag is True:
                found[one.force, one.area, one.criterion] = one
            elif one.flag is False:
                found.pop((one.force, one.area, one.criterion), None)
        return found

    def assign(
        self,
        force: str,
        *,
        reviewer: str,
        by: str,
        at: datetime,
        area: str = "",
        criterion: str = "",
        blind: bool = False,
        given: bool = True,
    ) -> None:
        """Gives a reviewer a force, or an area, a criterion or a cell of it; `given` False takes it back."""
        with self.database.write() as connection:
            latest(connection, force)
            body = {"force": force, "area": area, "criterion": criterion, "reviewer": plain_text(reviewer), "by": plain_text(by),
                    "at": stamp(at), "blind": blind, "given": given}  # fmt: skip
            chain.append(connection, "assignments", body)

    def assignments(self) -> list[Assignment]:
        """Who has what now."""
        found: dict[tuple[str, str, str, str], Assignment] = {}
        a = assignments.c
        query = select(a.number, a.force, a.area, a.criterion, a.reviewer, a.by, a.at, a.blind, a.given).order_by(a.number)
        with self.database.read() as connection:
            for *row, given in connection.execute(query):
                one = Assignment(*row)
                key = (one.force, one.area, one.criterion, one.reviewer)
                found.pop(key, None)
                if given:
                    found[key] = one
        return list(found.values())
