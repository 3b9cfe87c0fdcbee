"""What someone who opens the workbook would notice."""

import time
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.workbook import sheet_names, write_workbook
from tests.pipeline.matrix_example import FORMULA, MARKED, looks_at_each, matrix_example


def book_of(matrix: dict[str, Any], folder: Path) -> Any:
    write_workbook(matrix, folder / "matrix.xlsx")
    assert [p.name for p in folder.iterdir()] == ["matrix.xlsx"]
    return openpyxl.load_workbook(folder / "matrix.xlsx")


@pytest.fixture
def book(tmp_path: Path) -> Any:
    return book_of(matrix_example(), tmp_path)


def rows(sheet: Any, start: int = 1) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=start)]


def test_sheets(book: Any) -> None:
    assert book.sheetnames == [
        "Overview", "Eskdale Constabulary", "@Eskdale Constabulary North of", "Evidence", "Documents", "Decisions", "About", "Lists",
    ]  # fmt: skip


def test_overview_shows_both_forces_with_alerts_and_problems(book: Any) -> None:
    table = rows(book["Overview"], 4)
    assert table[0] == ["Force", "Roads", "Order", "Missing", "Credible plans", "Alerts", "Problems"]
    assert table[1][:5] == ["Eskdale Constabulary", "2 M", "2 M", "1 I", "No"]
    assert table[1][6] == "eskdale_plan.pdf: Page 9 is a picture without text."
    assert table[2][1:6] == ["–", "–", "–", "Not assessed", "None"]
    assert table[2][6] == "No document could be read.\nscan.pdf: The file is encrypted."
    assert book["Overview"]["A6"].hyperlink.location == "'@Eskdale Constabulary North of'!A1"


def test_matrix_has_letters_colours_and_levels(book: Any) -> None:
    sheet = book["Eskdale Constabulary"]
    table = rows(sheet, 4)
    assert table[0] == ["Area", "Plans", "Governance", "Area grade", "Need", "Threat"]
    assert table[1] == ["Roads policing", "2 M", "2 M", "2 M", "Medium", "High"]
    assert table[3] == ["Missing persons", "0 N", "2 M", "1 I", "High", "Low"]
    assert table[4][:3] == ["Criterion grade", "1 I", "2 M"]
    fills = {sheet[c].value: sheet[c].fill.fgColor.rgb for c in ("B5", "B6", "B7")}
    assert set(fills) == {"2 M", "1 I", "0 N"} and len(set(fills.values())) == 3
    assert "Provisional" in sheet["A2"].value


def test_evidence_has_a_row_for_each_quote_and_one_for_a_cell_without(book: Any) -> None:
    sheet = book["Evidence"]
    table = rows(sheet)
    assert len(table) == 1 + 7
    first = dict(zip(table[0], table[1], strict=True))
    assert (first["Grade"], first["Confidence"], first["Quote"]) == ("2 M", 0.84, MARKED)
    assert (first["Elements borne"], first["Page or cell"], first["Scope"]) == ("action, owner", "page 4", "This area")
    empty = next(row for row in table if row[1] == "Missing persons" and row[3] == "0 N")
    assert empty[6] == "action, owner" and empty[7] is None and empty[11] == "Nothing bears on it."
    assert {row[9] for row in table[1:]} >= {"Boards!B7", "page 6"}
    assert sheet.auto_filter.ref == "A1:L8" and sheet.freeze_panes == "B2"


def test_decisions_can_be_filled_in_and_nothing_else(book: Any) -> None:
    sheet = book["Decisions"]
    table = rows(sheet, 4)
    assert len(table) == 1 + 6 and table[0][11:13] == ["Your grade", "Your reason"]
    assert table[1][:4] == ["Eskdale Constabulary", "Roads policing", "Plans", "2 M"]
    assert table[1][8:13] == ["Provisional", "2 M", None, None, None]
    assert (table[1][14:], table[5][5]) == (["roads", "plans", None], "action, owner")
    open_to_all = {cell.column_letter for row in sheet.iter_rows(min_row=5) for cell in row if not cell.protection.locked}
    assert sheet.protection.sheet and open_to_all == {"L", "M"}
    choices = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert choices["L5:L10"] == '"0 N,1 I,2 M,3 H"' and choices["M5:M10"].startswith("Lists!$A$2:")
    assert [c for c in "LMNOPQ" if sheet.column_dimensions[c].hidden] == [*"NOPQ"]
    assert book["Lists"].sheet_state == "hidden"


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    matrix = matrix_example()
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", FORMULA, " =1"]
    matrix["submissions"][0]["force"] = "=cmd|'/c calc'!A1"
    matrix["submissions"][0]["alerts"] = hostile
    matrix["areas"][0]["name"] = "+area"
    matrix["criteria"][0]["short"] = "=short"
    matrix["submissions"][0]["documents"] = [{"file": text, "problems": [text], "sha256": text} for text in hostile]
    book = book_of(matrix, tmp_path)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell
                if isinstance(cell.value, str) and cell.value[:1] in "=+-@\t\n" and cell.value:
                    assert cell.quotePrefix, cell
    quotes = [row[7] for row in rows(book["Evidence"])]
    assert any(str(q).startswith(FORMULA) for q in quotes) and "\x07" not in "".join(map(str, quotes))


def test_documents_and_about(book: Any) -> None:
    documents = rows(book["Documents"])
    assert len(documents) == 4
    assert documents[1][2:7] == ["eskdale_plan.pdf", "PSIP", "RESTRICTED", 9, 8]
    assert documents[1][7:12] == [2, 0.81, 1, 0, "Page 9 is a picture without text."]
    assert documents[3][4] == "None found" and documents[3][11] == "The file is encrypted."
    about = dict(rows(book["About"])[1:])
    assert about["Framework pack"] == "small-pack" and about["Pack SHA-256"] == "ab" * 32
    assert about["Model"] == "model-1" and about["3 H"] == "High provision" and "Provisional" in about["Status"]
    assert about["Problems of the whole review"] == "The folder 'loose' holds no document."


def test_every_sheet_prints_with_its_marking(book: Any) -> None:
    for sheet in book:
        assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == "RESTRICTED"
        assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows and sheet.freeze_panes


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    write_workbook(matrix_example(), tmp_path / "one.xlsx")
    time.sleep(2.1)  # longer than the resolution of a zip's dates
    write_workbook(matrix_example(), tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_the_bare_format_and_no_submissions_are_read_too(tmp_path: Path) -> None:
    matrix = matrix_example()
    for name in ("grades", "areas", "criteria", "model", "problems"):
        del matrix[name]
    assert book_of(matrix, tmp_path)["Eskdale Constabulary"]["B5"].value == "2 M"
    assert book_of({"submissions": []}, tmp_path).sheetnames == ["Overview", "Evidence", "Documents", "Decisions", "About", "Lists"]


def test_sheet_names_are_valid_and_none_stands_twice() -> None:
    long = "A very long name of a police force"
    forces = ["Evidence", "evidence", "a/b", "a:b", "'quoted'", "", "[]", long + " one", long + " two", "History"]
    names = sheet_names(forces)
    assert len({n.casefold() for n in names}) == len(names) == 10
    assert all(0 < len(n) <= 31 and not set(n) & set("[]:*?/\\") and n.strip("'") == n for n in names)
    assert names[0] == "Evidence (2)" and names[1] == "evidence (3)"


def test_a_problem_that_names_its_file_is_not_told_with_the_name_twice(tmp_path: Path) -> None:
    matrix = matrix_example()
    matrix["submissions"][0]["documents"][0]["problems"] = ["eskdale_plan.pdf: page 9 is a picture without text."]
    assert rows(book_of(matrix, tmp_path)["Overview"], 4)[1][6] == "eskdale_plan.pdf: page 9 is a picture without text."


def test_a_larger_round_has_no_entry_read_more_often(tmp_path: Path) -> None:
    few, many = (looks_at_each(write_workbook, tmp_path / "out", forces) for forces in (4, 12))
    assert many <= few


def test_a_larger_round_takes_hardly_more_memory(tmp_path: Path) -> None:
    def most(forces: int) -> int:
        matrix = matrix_example()
        matrix["submissions"] = [matrix["submissions"][0] | {"force": f"Force {number}"} for number in range(forces)]
        tracemalloc.start()
        write_workbook(matrix, tmp_path / "matrix.xlsx")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    few, many = most(5), most(45)
    assert (many - few) / 40 < 50_000, "bytes a force"
