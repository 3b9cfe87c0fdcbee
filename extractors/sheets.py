"""Sheets of any format -> Extract: each sheet is a page, its tables found with their headers, its notes read as prose.

Rows and columns are 1-based; a Place gives the sheet and the cell in which a text stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from extractors import progress
from extractors.archives import UnsafeOrBroken, unread
from extractors.document import Block, Extract, Place, Problem
from extractors.drawn import drafts_of
from extractors.sheet_cells import Sheet, column_letters
from extractors.sheet_tables import Reading
from extractors.text import Draft, guess_of, settle


def read_sheets(name: str, title: str, sheets: Sequence[tuple[str, Callable[[], Sheet]]]) -> Extract:
    """Reads the sheets of a workbook: (name, what reads it) in the order of the tabs. A sheet that cannot be read costs that sheet."""
    blocks: list[Block] = []
    problems: list[Problem] = []
    running: dict[str, None] = {}
    table = lost = 0
    for number, (sheet_name, read) in enumerate(sheets, start=1):
        progress.step(number, len(sheets))
        try:
            sheet = read()
        except UnsafeOrBroken as error:
            problems.append(Problem(name, f'Sheet "{sheet_name}": {error.message}', error.remedy, number))
            lost += 1
            continue
        running |= dict.fromkeys(sheet.running)
        if sheet.uncomputed:
            hold = "1 formula holds" if sheet.uncomputed == 1 else f"{sheet.uncomputed} formulas hold"
            message = f'Sheet "{sheet_name}": {hold} no value, so what should be shown there could not be read.'
            problems.append(Problem(name, message, "Open it in Excel or LibreOffice, save it and send it again."))
        if sheet.errors:
            show = "1 cell shows" if sheet.errors == 1 else f"{sheet.errors} cells show"
            message = f'Sheet "{sheet_name}": {show} only that a formula failed (such as #REF!), which is read as empty.'
            remedy = "Ask the force what should stand there."
            problems.append(Problem(name, message, remedy, outcome="flagged"))
        for one in sheet.drawn:
            if one.unread:
                remedy = "Look at it yourself; if it matters, add it as a document of its own or add the workbook as PDF."
                problems.append(Problem(name, f'Sheet "{sheet_name}": {one.unread}', remedy, outcome="flagged"))
        if sheet.cells or sheet.boxes or sheet.remarks or sheet.drawn:
            reading = Reading(sheet, table=table)
            blocks += settle([*reading.drafts(), *_beside(sheet, reading.table)])
            table = reading.table + sum(bool(one.rows) for one in sheet.drawn)
    if not blocks and not problems:
        return unread(name, "This workbook holds no text.", "Check that the right file was sent.")
    return Extract(tuple(blocks), len(sheets), len(sheets) - lost, title, tuple(running), tuple(problems))


def _beside(sheet: Sheet, table: int) -> Iterator[Draft]:
    """What lies on the sheet: texts in boxes, drawings, and remarks, which are read, shown and marked hidden; `table` is the last."""
    for text in sheet.boxes:
        yield Draft("paragraph", text, (Place(0, len(text), sheet=sheet.name),), guess=guess_of(text), hidden=sheet.hidden)
    for one in sheet.drawn:
        table += bool(one.rows)
        yield from (replace(draft, hidden=draft.hidden or sheet.hidden) for draft in drafts_of(one, table, sheet=sheet.name))
    for remark in sorted(sheet.remarks, key=lambda remark: (remark.row, remark.column)):
        text = f"Comment by {remark.by or 'someone'}: {remark.text}"
        cell = f"{column_letters(remark.column)}{remark.row}"
        yield Draft("note", text, (Place(0, len(text), sheet=sheet.name, cell=cell),), hidden=True)
