"""The record of a round: versions of submissions, decisions on their cells, and what surrounds them. One database holds one round."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.record.database import ENVIRONMENT, FILE, Database
from pipeline.record.decisions import Decisions
from pipeline.record.desk import Desk
from pipeline.record.types import RecordError


class Record(Decisions, Desk):
    """Everything that is kept of a round. Safe for several threads and processes at once."""

    @classmethod
    def open(cls, where: Path | str, *, new: bool = False) -> Record:
        """Opens the record of an OUT folder (a file in it, or the database that READACROSS_RECORD names) or of a PostgreSQL URL.

        `new` makes the file where there is none. Raises RecordError where there is no record, or it cannot be opened.
        """
        if isinstance(where, Path):
            if url := os.environ.get(ENVIRONMENT):
                where = url
            elif not new and not (where / FILE).exists():
                raise RecordError(f"{where}: there is no record of a review. Run `readacross review SUBMISSIONS --out {where}` first.")
        return cls(Database(where))

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
