"""The review as an Excel workbook: reads the dict that matrix.json holds; equal input gives equal bytes."""

import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from pipeline import decision_sheet
from pipeline.marking import highest_marking, unmarked_note
from pipeline.report import areas_of, criteria_of, grades_of, notice_of, state_of
from pipeline.sheets import FIXED, fit_rows, font, header, height, print_setup, put, same_bytes, title
from pipeline.store import write_whole
from pipeline.words import SCOPES, capital, clean, force_of, label, level, place_of

EVIDENCE = (
    ("Force", 17), ("Area", 18), ("Criterion", 16), ("Grade", 9), ("Confidence", 13), ("Elements borne", 16),
    ("Elements missing in the cell", 18), ("Quote", 62), ("File", 24), ("Page or cell", 14), ("Scope", 22),
    ("Explanation (cells without quotes)", 28),
)  # fmt: skip
DOCUMENTS = (
    ("Force", 24), ("Folder", 20), ("File", 40), ("Kind", 16), ("Marking", 22), ("Pages", 8), ("Pages read", 11),
    ("By OCR", 11), ("OCR confidence", 12), ("Pages failed", 11), ("Pages skipped", 11),
    ("Problems", 60), ("SHA-256", 68),
)  # fmt: skip
SURE_COLUMN = 1 + [name for name, _ in DOCUMENTS].index("OCR confidence")


def write_workbook(matrix: dict[str, Any], path: Path) -> None:
    """Write the whole review as one workbook at `path`, replacing what stood there at once."""
    book = Workbook()
    book.remove(book.worksheets[0])
    submissions = matrix.get("submissions") or []
    names, notice, marking = sheet_names([force_of(s) for s in submissions]), _notice(matrix), highest_marking(matrix)
    _overview(book.create_sheet("Overview"), matrix, names)
    for name, submission in zip(names, submissions, strict=True):
        _matrix_sheet(book.create_sheet(name), matrix, submission, notice)
    _evidence(book.create_sheet("Evidence"), matrix)
    _documents(book.create_sheet("Documents"), matrix)
    _decisions(book.create_sheet(decision_sheet.SHEET), matrix)
    _about(book.create_sheet("About"), matrix)
    _lists(book.create_sheet("Lists"))
    for sheet in book.worksheets:
        fit_rows(sheet)
        print_setup(sheet, marking, state_of(matrix))
    book.properties.title, book.properties.creator = f"{state_of(matrix)} compliance matrix", "Read-across"
    book.properties.created = FIXED
    book.save(packed := BytesIO())
    write_whole(path, same_bytes(packed.getvalue()))


def sheet_names(forces: Sequence[str]) -> list[str]:
    """A valid sheet name for each force, in order, none of them twice and none that another sheet has."""
    taken = {"overview", "evidence", "documents", "decisions", "about", "lists", "history"}
    names: list[str] = []
    for force in forces:
        plain = " ".join(re.sub(r"[\[\]:*?/\\]", " ", clean(force)).split()).strip("' ") or "Force"
        name, number = plain[:31].strip("' "), 1
        while name.casefold() in taken:
            number += 1
            tail = f" ({number})"
            name = plain[: 31 - len(tail)].strip("' ") + tail
        taken.add(name.casefold())
        names.append(name)
    return names


def _overview(sheet: Worksheet, matrix: dict[str, Any], names: list[str]) -> None:
    areas, grades = areas_of(matrix), grades_of(matrix)
    top = title(sheet, f"{state_of(matrix)} compliance matrix: overview", _notice(matrix))
    ends = (("Credible plans", 14), ("Alerts", 45), ("Problems", 45))
    header(sheet, top, [("Force", 28), *((a["short"], 13) for a in areas), *ends])
    for row, (name, submission) in enumerate(zip(names, matrix.get("submissions") or [], strict=True), top + 1):
        force = put(sheet, row, 1, force_of(submission))
        force.hyperlink = Hyperlink(ref=force.coordinate, location="'" + name.replace("'", "''") + "'!A1")
        force.font = font(color="1D70B8", underline="single")
        graded = submission.get("area_grades") or {}
        for column, area in enumerate(areas, 2):
            _grade(sheet, row, column, graded.get(area["id"]), grades)
        credible = submission.get("credible")
        assessed = credible is not None and (graded or submission.get("cells"))
        put(sheet, row, len(areas) + 2, ("Yes" if credible else "No") if assessed else "Not assessed")
        put(sheet, row, len(areas) + 3, "\n".join(map(str, submission.get("alerts") or ())) or "None")
        put(sheet, row, len(areas) + 4, _problems(submission) or "None")


def _matrix_sheet(sheet: Worksheet, matrix: dict[str, Any], submission: dict[str, Any], notice: str) -> None:
    areas, criteria, grades = areas_of(matrix), criteria_of(matrix), grades_of(matrix)
    top = title(sheet, f"{force_of(submission)}: {state_of(matrix).lower()} matrix", notice)
    columns, ends = len(criteria), (("Area grade", 13), ("Need", 14), ("Threat", 14))
    header(sheet, top, [("Area", 40), *((capital(c["short"]), 15) for c in criteria), *ends])
    cells, row = submission.get("cells") or {}, top
    for row, area in enumerate(areas, top + 1):
        put(sheet, row, 1, area["name"])
        for column, criterion in enumerate(criteria, 2):
            cell = (cells.get(area["id"]) or {}).get(criterion["id"]) or {}
            _grade(sheet, row, column, cell.get("grade"), grades)
        _grade(sheet, row, columns + 2, (submission.get("area_grades") or {}).get(area["id"]), grades)
        put(sheet, row, columns + 3, level((submission.get("need") or {}).get(area["id"])))
        put(sheet, row, columns + 4, level((submission.get("threat") or {}).get(area["id"])))
    row += 1
    put(sheet, row, 1, "Criterion grade").font = font(bold=True)
    for column, criterion in enumerate(criteria, 2):
        _grade(sheet, row, column, (submission.get("criterion_grades") or {}).get(criterion["id"]), grades)
    row += 2
    for heading, text in (
        ("Alerts", "\n".join(map(str, submission.get("alerts") or ()))),
        ("Problems", _problems(submission)),
        ("Key", "; ".join(f"{n} {g['letter']} = {g['name']}" for n, g in grades.items())),
    ):
        if text:
            put(sheet, row, 1, heading).font = font(bold=True)
            put(sheet, row, 2, text)
            sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=columns + 4)
            sheet.row_dimensions[row].height = height(text, 15 * columns + 30)
            row += 1


def _evidence(sheet: Worksheet, matrix: dict[str, Any]) -> None:
    header(sheet, 1, EVIDENCE)
    areas, criteria, grades, row = areas_of(matrix), criteria_of(matrix), grades_of(matrix), 1
    for submission in matrix.get("submissions") or []:
        for area in areas:
            for criterion in criteria:
                cell = ((submission.get("cells") or {}).get(area["id"]) or {}).get(criterion["id"])
                if not cell:
                    continue
                short = {e["id"]: e["short"] for e in criterion["elements"]}
                missing = ", ".join(short.get(m, label(m)) for m in cell.get("missing") or ())
                for item in cell.get("evidence") or [{}]:
                    row += 1
                    borne = ", ".join(short.get(e, label(e)) for e in item.get("elements") or ())
                    _grade(sheet, row, 4, cell.get("grade"), grades)
                    put(sheet, row, 5, cell.get("confidence")).number_format = "0%"
                    scope = SCOPES.get(str(item.get("scope")), "This area")
                    found = (item.get("quote"), item.get("file"), place_of(item), scope, None)
                    bare = (None,) * 4 + (cell.get("explanation") or "No evidence was found.",)
                    texts = (borne or "None", missing or "None", *(found if item else bare))
                    names = (force_of(submission), area["name"], capital(criterion["short"]))
                    for column, text in (*enumerate(names, 1), *enumerate(texts, 6)):
                        put(sheet, row, column, text)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(EVIDENCE))}{row}"


def _documents(sheet: Worksheet, matrix: dict[str, Any]) -> None:
    header(sheet, 1, DOCUMENTS)
    row = 1
    for submission in matrix.get("submissions") or ():
        none = {"file": "No document was found", "problems": submission.get("problems")}
        for document in submission.get("documents") or [none]:
            row += 1
            values = (
                force_of(submission), submission.get("folder"), document.get("file"),
                label(document.get("kind") or "not known"), document.get("marking") or "None found",
                "Not known" if document.get("pages_known") is False else document.get("pages"), document.get("pages_read"),
                document.get("pages_ocr"), document.get("ocr_confidence"), document.get("pages_failed"), document.get("pages_skipped"),
                "\n".join(map(str, document.get("problems") or ())) or "None", document.get("sha256"),
            )  # fmt: skip
            for column, value in enumerate(values, 1):
                put(sheet, row, column, value)
            sheet.cell(row, SURE_COLUMN).number_format = "0%"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(DOCUMENTS))}{row}"


def _decisions(sheet: Worksheet, matrix: dict[str, Any]) -> None:
    """One row for each cell, with a grade and a reason to choose; everything else is locked (without a password)."""
    top = title(sheet, "Decisions", decision_sheet.NOTE)
    header(sheet, top, decision_sheet.COLUMNS)
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=len(decision_sheet.COLUMNS) - len(decision_sheet.HIDDEN))
    sheet["A2"].alignment, sheet.row_dimensions[2].height = Alignment(vertical="top", wrap_text=True), 34
    names = [name for name, _ in decision_sheet.COLUMNS]
    yours = [names.index(name) + 1 for name in (decision_sheet.GRADE, decision_sheet.REASON)]
    hidden = [names.index(name) + 1 for name in decision_sheet.HIDDEN]
    looks = dict.fromkeys(yours, "To fill in") | dict.fromkeys(hidden, "Plain")  # a long id that wraps would make every row high
    grades, row = grades_of(matrix), top
    for row, cell in enumerate(decision_sheet.decision_rows(matrix), top + 1):
        shown = (cell.force, cell.area, cell.criterion, None, cell.confidence, cell.missing, cell.quote, cell.place, cell.status, None,
                 cell.reviewer, None, None, *cell.hidden)  # fmt: skip
        for column, value in enumerate(shown, 1):
            put(sheet, row, column, value, looks.get(column, "Text"))
        sheet.cell(row=row, column=5).number_format = "0%"
        _grade(sheet, row, 4, cell.proposed, grades)
        _grade(sheet, row, 10, cell.grade, grades)
    listed = ",".join(f"{n} {g['letter']}" for n, g in grades.items())
    for column, formula in zip(yours, (f'"{listed}"', f"Lists!$A$2:$A${len(decision_sheet.REASONS) + 1}"), strict=True):
        strict = column == yours[0]
        choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=strict)
        choice.errorTitle, choice.error = "Not a grade", "Choose one of the grades in the list, or leave the cell empty."
        choice.add(f"{get_column_letter(column)}{top + 1}:{get_column_letter(column)}{max(row, top + 1)}")
        sheet.add_data_validation(choice)
    for column in hidden:
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    sheet.freeze_panes = sheet.cell(row=top + 1, column=4)
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(names))}{row}"
    sheet.protection.sheet, sheet.protection.autoFilter, sheet.protection.formatColumns, sheet.protection.formatRows = True, *[False] * 3


def _lists(sheet: Worksheet) -> None:
    """What the drop-downs choose from."""
    header(sheet, 1, (("Usual reasons to override", 70),))
    for row, reason in enumerate(decision_sheet.REASONS, 2):
        put(sheet, row, 1, reason)
    sheet.sheet_state = "hidden"


def _about(sheet: Worksheet, matrix: dict[str, Any]) -> None:
    pack, model = matrix.get("pack") or {}, matrix.get("model") or {}
    header(sheet, 1, (("About this workbook", 30), ("", 90)))
    rows = [
        ("Status", _notice(matrix)), ("Protective marking", highest_marking(matrix)),
        ("Marking not read", unmarked_note(matrix) or None),
        ("Framework pack", pack.get("id")), ("Pack version", pack.get("version")), ("Pack SHA-256", pack.get("sha256")),
        ("Model", model.get("id")), ("Model SHA-256", model.get("sha256")), ("Format", matrix.get("format")),
        ("Submissions", len(matrix.get("submissions") or ())),
        ("Problems of the whole review", "\n".join(map(str, matrix.get("problems") or ())) or "None"),
        ("Confidence", "The software's own probability that the cell has this grade: look first where it is low."),
        ("File dates", "Fixed at 1 January 2000, so that equal results give equal files."),
    ]  # fmt: skip
    rows = [row for row in rows if row[1] is not None]
    for row, (name, value) in enumerate(rows, 2):
        put(sheet, row, 1, name).font = font(bold=True)
        put(sheet, row, 2, value)
    grades = grades_of(matrix)
    for row, number in enumerate(grades, len(rows) + 2):
        _grade(sheet, row, 1, number, grades)
        put(sheet, row, 2, grades[number]["name"])


def _grade(sheet: Worksheet, row: int, column: int, grade: Any, grades: dict[int, dict[str, Any]]) -> None:
    known = grades.get(grade)
    put(sheet, row, column, f"{grade} {known['letter']}" if known else "–", f"Grade {known['colour']}" if known else "No grade")


def _notice(matrix: dict[str, Any]) -> str:
    return f"{state_of(matrix)}. {notice_of(matrix)}"


def _problems(submission: dict[str, Any]) -> str:
    own = [str(p) for p in submission.get("problems") or ()]
    for document in submission.get("documents") or ():
        file = f"{document.get('file')}: "
        own += [file + str(problem).removeprefix(file) for problem in document.get("problems") or ()]
    return "\n".join(own)
