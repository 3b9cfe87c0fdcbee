"""A workbook that comes back filled in: its decisions are matched cell by cell and signed, all in one step or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from extractors.archives import UnsafeOrBroken, open_package
from extractors.text import tidy
from extractors.xlsx import read_sheet, read_workbook
from pipeline.decision_sheet import GRADE, HIDDEN, REASON, SHEET
from pipeline.record.decisions import decide
from pipeline.record.record import Record
from pipeline.record.rights import may, sees_force
from pipeline.record.standings import last_decisions
from pipeline.record.tables import submissions
from pipeline.record.types import Conflict, Decision, RecordError, User, Version, stamp
from pipeline.record.versions import head_of, latest_versions

NEEDED: Final = ("Force", "Area", "Criterion", GRADE, REASON, *HIDDEN)
Progress = Callable[[str, int, int], None]
AGAIN: Final = "Write a new workbook with `readacross publish OUT` and fill in that one."


@dataclass(frozen=True, slots=True)
class Filled:
    """A row in which the reviewer chose a grade or wrote a reason; `line` is its number on the sheet."""

    line: int
    force: str
    area: str
    criterion: str
    grade: str
    reason: str
    version: str
    area_id: str
    criterion_id: str
    seen: str

    def __str__(self) -> str:
        return f"row {self.line}, {self.force}, {self.area}, {self.criterion}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a workbook's decisions. `conflicts` are rows on whose cell someone else decided meanwhile: not imported."""

    decisions: tuple[Decision, ...]
    known: int
    """Rows that had been imported before."""
    conflicts: tuple[str, ...]


def read_filled(file: Path) -> list[Filled]:
    """The filled-in rows of a workbook that `review` or `publish` wrote. Raises RecordError."""
    try:
        with open_package(file, "Excel workbook") as package:
            book = read_workbook(package)
            found = next((one for one in (book.sheets if book else ()) if one[0] == SHEET), None)
            if book is None or found is None:
                raise RecordError(f"{file}: this workbook has no sheet {SHEET}. Send the one that Read-across wrote, filled in.")
            cells = read_sheet(package, book, *found).cells
    except UnsafeOrBroken as error:
        raise RecordError(f"{file}: {error.message} {error.remedy}") from None
    rows: dict[int, dict[int, str]] = {}
    for (row, column), shown in cells.items():
        rows.setdefault(row, {})[column] = shown.text
    top = next((row for row, texts in sorted(rows.items()) if {GRADE, REASON} <= set(texts.values())), None)
    columns = {} if top is None else {text: column for column, text in rows[top].items()}
    if top is None or (gone := [name for name in NEEDED if name not in columns]):
        lost = ", ".join(gone) if top is not None else "the heading row"
        raise RecordError(f"{file}: the sheet {SHEET} has lost {lost} (some columns are hidden). {AGAIN}")
    told = [[row, *(rows[row].get(columns[name], "") for name in NEEDED)] for row in sorted(rows) if row > top]
    filled = [Filled(*values) for values in told]  # type: ignore[arg-type]  # a number, then texts
    return [row for row in filled if row.grade or row.reason]


def take_in(record: Record, file: Path, reviewer: str, at: datetime, progress: Progress = lambda *_: None) -> Imported:
    """Signs a workbook's decisions in the reviewer's name. `progress` is told the stage, the rows done and the rows in all.

    Raises RecordError that lists every row that will not do; nothing at all is written then.
    """
    progress("Reading the workbook", 0, 1)
    filled, signer = read_filled(file), signer_of(record, reviewer)
    progress("Reading the workbook", 1, 1)
    twice = [] if may(signer, "moderator") else [a for a in record.assignments() if a.blind]
    wrong, decisions, conflicts, known = list[str](), list[Decision](), list[str](), 0
    with record.database.write() as connection:
        latest = {version.sha256: version for version in latest_versions(connection).values()}
        wrong += _mismatches(connection, filled, latest)
        last = last_decisions(connection)
        letters = {str(g["grade"]): str(g["letter"]) for g in head_of(connection)["grades"]}
        for done, row in enumerate(filled if not wrong else ()):
            progress("Signing decisions", done, len(filled))
            number, _, letter = row.grade.partition(" ")
            if not row.grade:
                wrong.append(f"{row}: there is a reason but no grade.")
            elif number not in letters or letter not in ("", letters[number]):
                choices = ", ".join(f"{n} {one}" for n, one in letters.items())
                wrong.append(f"{row}: {row.grade!r} is no grade. The grades are {choices}.")
            else:
                cell = (latest[row.version].force, row.area_id, row.criterion_id)
                current = last.get(cell)
                if current and (current.grade, tidy(current.reason), current.reviewer) == (int(number), row.reason, signer.name):
                    known += 1
                    continue
                if not sees_force(signer, cell[0]):
                    wrong.append(f"{row}: {signer.name} is not given this force. Ask an administrator of the round.")
                    continue
                if any(a.force == cell[0] and a.area in ("", cell[1]) and a.criterion in ("", cell[2]) for a in twice):
                    wrong.append(f"{row}: this cell is graded twice, blind. Give the grade in the workbench.")
                    continue
                seen = int(row.seen) if row.seen.isdigit() else None
                try:
                    decisions.append(decide(connection, *cell, int(number), signer.name, stamp(at), row.reason, seen))
                except Conflict as conflict:
                    conflicts.append(f"{row}: the workbook says {row.grade}, but {conflict}")
                except RecordError as error:
                    wrong.append(f"row {row.line}: {error}")
        progress("Signing decisions", len(filled), len(filled))
        if wrong:
            raise RecordError("\n".join([f"{file}: nothing was imported, as these rows will not do:", *(f"- {line}" for line in wrong)]))
    return Imported(tuple(decisions), known, tuple(conflicts))


def signer_of(record: Record, reviewer: str, role: str = "reviewer", does: str = "decide") -> User:
    """Who signs: the account of that name, or of that full name; anybody where the round has no accounts. Raises RecordError.

    `role` is what the account needs to be, `does` what they want to do.
    """
    name, users = reviewer.strip(), record.users()
    if not name:
        raise RecordError("A reviewer's name is needed, to sign.")
    if not users:
        return User(name, role="moderator")
    known = [user for user in users if name.casefold() in (user.name.casefold(), user.full_name.casefold())]
    if len(known) == 1 and not known[0].disabled and may(known[0], role):
        return known[0]
    why = "has no account in this round" if not known else "is the name of several" if len(known) > 1 else f"may not {does}"
    able = ", ".join(user.name for user in users if may(user, role) and not user.disabled)
    raise RecordError(f"{name} {why}, so nothing was done. Who may {does}: {able or 'nobody'}.")


def _mismatches(connection: Connection, filled: list[Filled], latest: Mapping[str, Version]) -> list[str]:
    """Rows that belong to another round or to an earlier version, that stand twice, or whose hidden and shown columns differ."""
    ever = {row.sha256: row.force for row in connection.execute(select(submissions.c.sha256, submissions.c.force))}
    wrong = []
    for version, force in sorted({(row.version, row.force) for row in filled}):
        if not version:
            wrong.append(f"{force or 'a row'}: its hidden columns are empty, so its cells cannot be found. {AGAIN}")
        elif version not in ever:
            wrong.append(f"{force}: this workbook is from another round: the record knows no such version of the submission. {AGAIN}")
        elif version not in latest:
            wrong.append(f"{ever[version]}: the submission was reviewed again after this workbook was written. {AGAIN}")
    if wrong:
        return wrong
    head = head_of(connection)
    areas, criteria = _names(head["areas"]), _names(head["criteria"])
    times = Counter((row.version, row.area_id, row.criterion_id) for row in filled)
    for row in filled:
        shown = (row.force, row.area.casefold(), row.criterion.casefold())
        meant = (tidy(latest[row.version].force), areas.get(row.area_id, ("",))[0], criteria.get(row.criterion_id, ("", ""))[1])
        if shown != meant:
            wrong.append(f"{row}: what the row shows and the cell that it stands for differ; a row was overwritten. {AGAIN}")
        elif times[row.version, row.area_id, row.criterion_id] > 1:
            wrong.append(f"{row}: this cell stands on the sheet more than once.")
    return wrong


def _names(listed: list[Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    return {one["id"]: (tidy(one["name"]).casefold(), tidy(one["short"]).casefold()) for one in listed}
