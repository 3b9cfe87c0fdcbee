"""What surrounds decisions: comments and flags, who has what, who looked at what, and the accounts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, select

from pipeline.record import chain
from pipeline.record.decisions import machine_grade, plain_text
from pipeline.record.tables import assignments, comments, documents, looks, submissions, users
from pipeline.record.types import Assignment, Comment, Look, RecordError, User, stamp
from pipeline.record.versions import Versions, latest


class Desk(Versions):
    """Comments, assignments, looks and users."""

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

    def look(self, force: str, file: str, *, user: str, at: datetime, why: str) -> None:
        """Notes that someone opened a document of the force's latest version, and why. Raises RecordError for an unknown one."""
        with self.database.write() as connection:
            version = latest(connection, force)
            query = select(documents.c.position).where(documents.c.submission == version.number, documents.c.file == file)
            position = connection.execute(query).scalar_one_or_none()
            if position is None:
                raise RecordError(f"{force} has no document {file!r}.")
            body = {"submission": version.number, "document": position, "user": plain_text(user), "at": stamp(at), "why": plain_text(why)}
            chain.append(connection, "looks", body)

    def looks(self) -> list[Look]:
        """Every look at a protected document, oldest first."""
        d, k = documents.c, looks.c
        query = select(k.number, submissions.c.force, d.file, d.rest, k.user, k.at, k.why)
        query = query.join(documents, (d.submission == k.submission) & (d.position == k.document))
        query = query.join(submissions, submissions.c.number == k.submission).order_by(k.number)
        with self.database.read() as connection:
            return [
                Look(n, force, file, str(rest.get("marking") or ""), *more) for n, force, file, rest, *more in connection.execute(query)
            ]

    def users(self) -> list[User]:
        """Every account, by name."""
        with self.database.read() as connection:
            return [User(*row) for row in connection.execute(select(users).order_by(users.c.name))]

    def user(self, name: str) -> User | None:
        with self.database.read() as connection:
            row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
            return User(*row) if row else None

    def save_user(self, user: User) -> None:
        """Makes an account or changes it: of accounts, only today's state is kept."""
        with self.database.write() as connection:
            connection.execute(delete(users).where(users.c.name == user.name))
            connection.execute(insert(users).values(**asdict(user)))
