"""Submissions that were withdrawn: a damaged delivery, a folder in the wrong place. Nothing of them is lost, and nothing waits for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from pipeline.record import chain
from pipeline.record.decisions import plain_text
from pipeline.record.tables import withdrawals
from pipeline.record.types import RecordError, Withdrawal, stamp
from pipeline.record.versions import Versions, newest_versions, withdrawn_versions


class Withdrawals(Versions):
    """What is out of the round."""

    def withdraw(self, force: str, *, by: str, at: datetime, reason: str, withdrawn: bool = True) -> None:
        """Takes a force's submission out of the round; `withdrawn` False takes it back, with the decisions on it.

        A version that the force sends later is in the round by itself. Raises RecordError.
        """
        with self.database.write() as connection:
            out, newest = withdrawn_versions(connection), newest_versions(connection)
            fit = sorted(name for name, version in newest.items() if (version.number in out) is not withdrawn)
            if force not in fit:
                what, there = ("is no force of this round", "Its forces") if withdrawn else ("is not withdrawn", "Withdrawn")
                raise RecordError(f"{force!r} {what}. {there} are: {', '.join(fit) or 'none'}.")
            if not (reason := plain_text(reason)):
                raise RecordError(f"{force}: say why it is {'withdrawn' if withdrawn else 'taken back'}.")
            body = {"submission": newest[force].number, "by": plain_text(by), "at": stamp(at), "reason": reason, "withdrawn": withdrawn}
            chain.append(connection, "withdrawals", body)

    def withdrawn(self) -> list[Withdrawal]:
        """What is out of the round now, by force."""
        with self.database.read() as connection:
            out = withdrawn_versions(connection)
            named = {version.number: version for version in newest_versions(connection).values() if version.number in out}
            w = withdrawals.c
            rows = connection.execute(select(w.submission, w.by, w.at, w.reason).where(w.submission.in_(named)).order_by(w.number))
            last = {row.submission: row for row in rows}
        found = [Withdrawal(named[n].force, named[n].version, row.by, row.at, row.reason) for n, row in last.items()]
        return sorted(found, key=lambda one: one.force)
