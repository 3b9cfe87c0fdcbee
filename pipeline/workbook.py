"""The review as an Excel workbook: reads the dict that matrix.json holds; equal input gives equal bytes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pipeline import decision_sheet
from pipeline.marking import highest_marking, unmarked_note
from pipeline.report import areas_of, criteria_of, grades_of, notice_of, state_of
from pipeline.sheets import Book, Sheet, Shown, text_height
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


class Frame(NamedTuple):
    """What every sheet is read by."""

    areas: list[dict[str, Any]]
    criteria: list[dict[str, Any]]
    grades: dict[int, dict[str, Any]]

    def grade(self, grade: Any) -> Shown:
        """A grade with its letter, in its colour."""
        known = self.grades.get(grade)
        return Shown(f"{grade} {known['letter']}", f"Grade {known['colour']}") if known else Shown("–", "No grade")


def write_workbook(matrix: dict[str, Any], path: Path) -> None:
    """Write the whole review as one workbook at `path`, replacing what stood there at once; one submission at a time is in memory."""
    submissions, state = matrix.get("submissions") or [], state_of(matrix)
    frame = Frame(areas_of(matrix), criteria_of(matrix), grades_of(matrix))
    names, notice = sheet_names([force_of(s) for s in submissions]), f"{state}. {notice_of(matrix)}"
    with Book(path, f"{state} compliance matrix", highest_marking(matrix), state) as book:
        overview = _overview(book, frame, notice)
        evidence, documents, decisions = Sheet(book, "Evidence", EVIDENCE), Sheet(book, "Documents", DOCUMENTS), _decisions(book)
        for place, (name, submission) in enumerate(zip(names, submissions, strict=True), 1):
            _add_overview(overview, frame, submission, name)
            _matrix_sheet(book, place, name, frame, submission, notice)
            _add_evidence(evidence, frame, submission)
            _add_documents(documents, submission)
            _add_decisions(decisions, frame, matrix, submission)
        for sheet in (evidence, documents, decisions):
            sheet.filtered()
        _offer(decisions, frame)
        _about(book, matrix, frame, notice)
        _lists(book)


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


def _overview(book: Book, frame: Frame, notice: str) -> Sheet:
    ends = (("Credible plans", 14), ("Alerts", 45), ("Problems", 45))
    headings = [("Force", 28), *((a["short"], 13) for a in frame.areas), *ends]
    return Sheet(book, "Overview", headings, f"{book.state} compliance matrix: overview", notice)


def _add_overview(sheet: Sheet, frame: Frame, submission: dict[str, Any], name: str) -> None:
    graded, credible = submission.get("area_grades") or {}, submission.get("credible")
    assessed = credible is not None and (graded or submission.get("cells"))
    sheet.add(
        Shown(force_of(submission), "Leads on", "'" + name.replace("'", "''") + "'!A1"),
        *(frame.grade(graded.get(area["id"])) for area in frame.areas),
        ("Yes" if credible else "No") if assessed else "Not assessed",
        "\n".join(map(str, submission.get("alerts") or ())) or "None",
        _problems(submission) or "None",
    )


def _matrix_sheet(book: Book, place: int, name: str, frame: Frame, submission: dict[str, Any], notice: str) -> None:
    columns, ends = len(frame.criteria), (("Area grade", 13), ("Need", 14), ("Threat", 14))
    headings = [("Area", 40), *((capital(c["short"]), 15) for c in frame.criteria), *ends]
    sheet = Sheet(book, name, headings, f"{force_of(submission)}: {book.state.lower()} matrix", notice, place=place)
    cells, graded = submission.get("cells") or {}, submission.get("area_grades") or {}
    for area in frame.areas:
        row = cells.get(area["id"]) or {}
        sheet.add(
            area["name"],
            *(frame.grade((row.get(criterion["id"]) or {}).get("grade")) for criterion in frame.criteria),
            frame.grade(graded.get(area["id"])),
            *(level((submission.get(kind) or {}).get(area["id"])) for kind in ("need", "threat")),
        )
    last = submission.get("criterion_grades") or {}
    sheet.add(Shown("Criterion grade", "Name"), *(frame.grade(last.get(criterion["id"])) for criterion in frame.criteria))
    sheet.add()
    for heading, text in (
        ("Alerts", "\n".join(map(str, submission.get("alerts") or ()))),
        ("Problems", _problems(submission)),
        ("Key", "; ".join(f"{n} {g['letter']} = {g['name']}" for n, g in frame.grades.items())),
    ):
        if text:
            sheet.add(Shown(heading, "Name"), text, *[None] * (columns + 2), height=text_height(text, 15 * columns + 30))
            sheet.merge(2, columns + 4)
    sheet.close()


def _add_evidence(sheet: Sheet, frame: Frame, submission: dict[str, Any]) -> None:
    for area in frame.areas:
        for criterion in frame.criteria:
            cell = ((submission.get("cells") or {}).get(area["id"]) or {}).get(criterion["id"])
            if not cell:
                continue
            short = {e["id"]: e["short"] for e in criterion["elements"]}
            missing = ", ".join(short.get(m, label(m)) for m in cell.get("missing") or ())
            grade, confidence = frame.grade(cell.get("grade")), Shown(cell.get("confidence"), "Per cent")
            for item in cell.get("evidence") or [{}]:
                borne = ", ".join(short.get(e, label(e)) for e in item.get("elements") or ())
                scope = SCOPES.get(str(item.get("scope")), "This area")
                found = (item.get("quote"), item.get("file"), place_of(item), scope, None)
                bare = (None,) * 4 + (cell.get("explanation") or "No evidence was found.",)
                names = (force_of(submission), area["name"], capital(criterion["short"]))
                sheet.add(*names, grade, confidence, borne or "None", missing or "None", *(found if item else bare))


def _add_documents(sheet: Sheet, submission: dict[str, Any]) -> None:
    none = {"file": "No document was found", "problems": submission.get("problems")}
    for document in submission.get("documents") or [none]:
        sheet.add(
            force_of(submission), submission.get("folder"), document.get("file"),
            label(document.get("kind") or "not known"), document.get("marking") or "None found",
            "Not known" if document.get("pages_known") is False else document.get("pages"), document.get("pages_read"),
            document.get("pages_ocr"), Shown(document.get("ocr_confidence"), "Per cent"), document.get("pages_failed"),
            document.get("pages_skipped"), "\n".join(map(str, document.get("problems") or ())) or "None", document.get("sha256"),
        )  # fmt: skip


def _decisions(book: Book) -> Sheet:
    """One row for each cell, with a grade and a reason to choose; everything else is locked (without a password)."""
    columns, hidden = decision_sheet.COLUMNS, decision_sheet.HIDDEN
    made = Sheet(book, decision_sheet.SHEET, columns, "Decisions", decision_sheet.NOTE, lines=2, first=3, hidden=hidden)
    lock = made.sheet.protection
    lock.sheet, lock.autoFilter, lock.formatColumns, lock.formatRows = True, False, False, False
    return made


def _add_decisions(sheet: Sheet, frame: Frame, matrix: dict[str, Any], submission: dict[str, Any]) -> None:
    for row in decision_sheet.decision_rows(matrix, submission, frame.areas, frame.criteria):
        sheet.add(
            row.force, row.area, row.criterion, frame.grade(row.proposed), Shown(row.confidence, "Per cent"), row.missing, row.quote,
            row.place, row.status, frame.grade(row.grade), row.reviewer, Shown(None, "To fill in"), Shown(None, "To fill in"),
            *(Shown(value, "Plain") for value in row.hidden),  # a long id that wraps would make every row high
        )  # fmt: skip


def _offer(decisions: Sheet, frame: Frame) -> None:
    """What can be chosen in the columns to fill in."""
    names = [name for name, _ in decision_sheet.COLUMNS]
    listed = ",".join(f"{n} {g['letter']}" for n, g in frame.grades.items())
    for name, formula, strict in (
        (decision_sheet.GRADE, f'"{listed}"', True),
        (decision_sheet.REASON, f"Lists!$A$2:$A${len(decision_sheet.REASONS) + 1}", False),
    ):
        choice = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=strict)
        choice.errorTitle, choice.error = "Not a grade", "Choose one of the grades in the list, or leave the cell empty."
        column = get_column_letter(names.index(name) + 1)
        choice.add(f"{column}{decisions.top + 1}:{column}{max(decisions.row, decisions.top + 1)}")
        decisions.sheet.data_validations.append(choice)


def _lists(book: Book) -> None:
    """What the drop-downs choose from."""
    lists = Sheet(book, "Lists", (("Usual reasons to override", 70),))
    for reason in decision_sheet.REASONS:
        lists.add(reason)
    lists.sheet.sheet_state = "hidden"


def _about(book: Book, matrix: dict[str, Any], frame: Frame, notice: str) -> None:
    pack, model = matrix.get("pack") or {}, matrix.get("model") or {}
    about = Sheet(book, "About", (("About this workbook", 30), ("", 90)))
    for name, value in (
        ("Status", notice), ("Protective marking", book.marking),
        ("Marking not read", unmarked_note(matrix) or None),
        ("Framework pack", pack.get("id")), ("Pack version", pack.get("version")), ("Pack SHA-256", pack.get("sha256")),
        ("Model", model.get("id")), ("Model SHA-256", model.get("sha256")), ("Format", matrix.get("format")),
        ("Submissions", len(matrix.get("submissions") or ())),
        ("Problems of the whole review", "\n".join(map(str, matrix.get("problems") or ())) or "None"),
        ("Confidence", "The software's own probability that the cell has this grade: look first where it is low."),
        ("File dates", "Fixed at 1 January 2000, so that equal results give equal files."),
    ):  # fmt: skip
        if value is not None:
            about.add(Shown(name, "Name"), value)
    for number, grade in frame.grades.items():
        about.add(frame.grade(number), grade["name"])


def _problems(submission: dict[str, Any]) -> str:
    own = [str(p) for p in submission.get("problems") or ()]
    for document in submission.get("documents") or ():
        file = f"{document.get('file')}: "
        own += [file + str(problem).removeprefix(file) for problem in document.get("problems") or ()]
    return "\n".join(own)
