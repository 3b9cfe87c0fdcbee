"""Fills in the templates as a force would: in Word field by field, in Excel cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import openpyxl

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FORCE = "Brayford Constabulary"
ROWS: dict[str, str] = {
    "Threat level": "{level}: {n} incidents in 2007-08, up from {m} the year before",
    "Capability and capacity": "One unit of {n} officers covers two shifts out of three; nights are not staffed",
    "Gap": "No cover at night and {m} trained officers too few",
    "Need level": "{level}",
    "Source of assessment": "Force risk matrix and ACPO minimum standards, March 2008",
    "Initiative": "Regional {area} programme led by NPIA",
    "Our contribution": "We second a sergeant and an analyst and share our data each month",
    "Progress so far": "Six of ten actions completed by June 2008",
    "Gap addressed": "Closes the gap in night cover found in our assessment",
    "Partner forces": "Calderbrook Police and Lowmoor Constabulary",
    "What is shared": "A joint on-call rota and {m} trained officers",
    "Formal agreement": "Memorandum of understanding signed May 2008",
    "Reason for collaboration": "None of the three forces has enough need to staff its own night team",
    "Arrangements": "Calderbrook is lead force; called out through its control room and exercised every October",
    "Action": "Train {n} more officers and open a night desk",
    "Priority": "{level}",
    "By when": "31 March 2009",
    "Owner": "Superintendent (Operations)",
    "Milestones": "Phase 1 recruit by October 2008; phase 2 train by March 2009",
    "Link to need": "Ranked {level} because the assessment found no cover at night",
    "Resource": "{m} constables and £{n},000 of equipment",
    "Source of funding": "New growth in the 2008-09 revenue budget",
    "Shared assets": "Regional training ground and Calderbrook's control room",
    "Efficiency target": "Overtime cut by £12,000 a year",
    "Profile": "£{n},000 in 2008-09 and £{m},000 in 2009-10",
    "Governance board": "Protective Services Board",
    "Chief officer lead": "Assistant Chief Constable (Operations)",
    "Monitoring and reporting": "Highlight report to the Board every month",
    "Police authority role": "The authority's scrutiny panel questions progress each quarter",
    "Agreements": "Service level agreement with Calderbrook Police, May 2008",
    "Risk management": "Stands in the corporate risk register; red risks go to the Deputy Chief Constable",
    "Measure of success": "Share of incidents with a trained officer at the scene within an hour",
    "Target": "90% against a baseline of 71% in 2007-08",
    "Review": "Board reviews the plan against the measure each quarter",
    "2009 and 2011 milestones": "80% by March 2009 where need is high, 90% by 2011",
    "Outcome": "Fewer people harmed, as counted by hospital admissions",
}
LEVELS = ("High", "Medium", "Low")


def words(column: str, number: int, area: str) -> str:
    return ROWS[column].format(level=LEVELS[number % 3], n=12 + 3 * number, m=4 + number, area=area.lower())


def write(control: Any, text: str) -> None:
    """Types into a form field: Word then takes the mark of the placeholder away, and its looks."""
    properties = control.find(W + "sdtPr")
    properties.remove(properties.find(W + "showingPlcHdr"))
    run = control.find(f".//{W}r")
    run.remove(run.find(W + "rPr"))
    run.find(W + "t").text = text


def around_cells(document: Any) -> None:
    """Puts each form field that is all there is in a cell around the cell, where Word keeps it once it has saved the file."""
    for cell in list(document.element.body.iter(W + "tc")):
        control = cell.find(f"{W}p/{W}sdt")
        if control is not None:
            paragraph, content = control.getparent(), control.find(W + "sdtContent")
            paragraph.extend(list(content))
            paragraph.remove(control)
            cell.addprevious(control)
            content.append(cell)


def fill_document(path: Path, marking: str = "RESTRICTED") -> None:
    document = docx.Document(str(path))
    write(document.sections[0].header._element.find(f".//{W}sdt"), marking)
    free = [c for c in document.element.body.iterchildren(W + "p") for c in c.iter(W + "sdt")]
    write(free[0], FORCE)
    for table in document.tables:
        heads = ["".join(t.text or "" for t in cell.iter(W + "t")) for cell in table._tbl.tr_lst[0].tc_lst]
        for number, row in enumerate(table._tbl.tr_lst[2:]):
            area = "".join(t.text or "" for t in row.tc_lst[0].iter(W + "t"))
            for head, cell in list(zip(heads, row.tc_lst, strict=True))[1:]:
                write(cell.find(f".//{W}sdt"), words(head, number, area))
    document.save(str(path))


def fill_workbook(path: Path, marking: str = "RESTRICTED") -> None:
    book = openpyxl.load_workbook(path)
    book["Front"]["B3"], book["Front"]["B4"] = FORCE, marking
    for sheet in book.worksheets[1:]:
        heads = [cell.value for cell in sheet[1]]
        for number, row in enumerate(r for r in sheet.iter_rows(min_row=2) if r[0].value):
            for head, cell in list(zip(heads, row, strict=True))[1:]:
                cell.value = words(str(head), number, str(row[0].value))
    book.save(path)


def fill_need_matrix(path: Path) -> None:
    """Impact 5, 4, 3 ... so that the areas have every level."""
    book = openpyxl.load_workbook(path)
    book["Front"]["B3"], book["Front"]["B4"] = FORCE, "RESTRICTED"
    sheet = book["Need matrix"]
    column = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(range(2, sheet.max_row + 1)):
        points = {
            "Impact": 5 - number % 3 * 2,
            "Probability": 4 - number % 3,
            "Weighting": 1,
            "Points taken off": number % 4,
            "Shortfall": 5,
        }
        for name, value in points.items():
            sheet.cell(row, column[name], value)
        sheet.cell(row, column["Capability and capacity"], "One unit covers two shifts out of three")
        sheet.cell(row, column["Gap"], "No cover at night")
    book.save(path)
