"""The record of a round: versions of submissions, decisions on their cells, and what surrounds them. One database holds one round."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from pipeline.record.accounts import Accounts
from pipeline.record.database import ENVIRONMENT, FILE, Database
from pipeline.record.decisions import Decisions
from pipeline.record.desk import Desk
from pipeline.record.looks import Looks
from pipeline.record.types import RecordError
from pipeline.record.withdrawals import Withdrawals
from pipeline.store import write_whole

ROUND: Final = "record.round"
"""The file in OUT that names the round whose record a database holds."""


class Record(Decisions, Desk, Looks, Withdrawals, Accounts):
    """Everything that is kept of a round. Safe for several threads and processes at once."""

    @classmethod
    def open(cls, where: Path | str, *, new: bool = False) -> Record:
        """Opens the record of an OUT folder (a file in it, or the database that READACROSS_RECORD names) or of a PostgreSQL URL.

        `new` makes the file where there is none, and ties OUT to the round in the database. Raises RecordError where there is no record,
        it cannot be opened, or the database holds another round than OUT.
        """
        url = os.environ.get(ENVIRONMENT)
        if isinstance(where, str) or not url:
            if isinstance(where, Path) and not new and not (where / FILE).exists():
                if (where / ROUND).exists():
                    raise RecordError(f"{where}: the record of this round is on a server. Give its address in {ENVIRONMENT}.")
                raise RecordError(f"{where}: there is no record of a review. Run `readacross review SUBMISSIONS --out {where}` first.")
            return cls(Database(where))
        record = cls(Database(url))
        try:
            record._tie(where, new)
        except BaseException:
            record.close()
            raise
        return record

    @staticmethod
    def kept(out: Path) -> bool:
        """Whether the round in OUT has a record, here or on a server: a copy of its files alone has none."""
        return (out / FILE).exists() or (out / ROUND).exists()

    def _tie(self, out: Path, new: bool) -> None:
        """Sees to it that a folder and a database are of one round; a `new` round ties the two. Raises RecordError."""
        marker, own = out / ROUND, self.round()
        known = marker.read_text(encoding="utf-8").strip() if marker.exists() else ""
        if known == own:
            return
        alone = not known and (out / FILE).exists()
        if new and not known and not alone and not self.forces():
            write_whole(marker, own.encode())
            return
        this = f"is of no round yet, for it has no {ROUND}"
        remedy = f"Name the database of this folder's round in {ENVIRONMENT}, or an empty one for a new round."
        if known:
            this = f"is of the round {known}"
        elif alone:
            this, remedy = f"has its record in {FILE}", f"Take {ENVIRONMENT} away: the record in the folder is used then."
        raise RecordError(
            f"{out} {this}; {self.database.name} holds the round {own}. {remedy} If the two do belong together, write {own} into {marker}."
        )

    def called(self, out: Path) -> str:
        """The round by a name that people know and no other round has: the same on every machine."""
        server = self.database.engine.dialect.name == "postgresql"
        name = self.database.engine.url.database if server else out.resolve().name
        return f"{re.sub(r'[/%&<>]', '-', name or '')} {self.round()[:6]}"

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
