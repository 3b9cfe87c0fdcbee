"""Tables of grades as people make them: what cannot be used is named with its line, and the rest is counted right."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.publish.grades_csv import read_tables
from pipeline.publish.picture import Picture, draw_up
from pipeline.publish.tables import Figure
from pipeline.round import RoundError
from tests.publish.rounds import PACK

AREA, OTHER = PACK.areas[0].id, PACK.areas[1].id
CRITERIA = [c.id for c in PACK.criteria]


def whole(force: str, grade: int = 2) -> list[str]:
    return [f"{force},{a.id},{c},{grade}" for a in PACK.areas for c in CRITERIA]


def table(folder: Path, name: str, head: str, rows: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def picture(folder: Path, rows: list[str], levels: list[str] | None = None) -> Picture:
    grades = table(folder, "grades.csv", "force,area,criterion,grade", rows)
    needs = table(folder, "levels.csv", "force,area,threat,need", levels) if levels is not None else None
    return draw_up(PACK, read_tables(PACK, grades, needs), strict=False)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Tamar Police,time_travel,prioritisation,2", "line 72: unknown area 'time_travel'; the row is not used. Use one of serious"),
        (f"Tamar Police,{AREA},cheerfulness,2", "unknown criterion 'cheerfulness'"),
        (f"Tamar Police,{AREA},{CRITERIA[0]},4", "grade '4' is none of 0, 1, 2, 3"),
        (f"Tamar Police,{AREA},{CRITERIA[0]},2,5", "line 72: holds '5' beyond its last column; the row is not used"),
        (f"Tamar Police,{AREA},{CRITERIA[0]},2.5", "grade '2.5' is none of 0, 1, 2, 3"),
        (f"Tamar Police,{AREA},{CRITERIA[0]},", "grade '' is none of 0, 1, 2, 3"),
        (f",{AREA},{CRITERIA[0]},2", "names no force"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_count(tmp_path: Path, row: str, says: str) -> None:
    found = picture(tmp_path, [*whole("Tamar Police"), row])
    assert len(found.problems) == 1 and says in found.problems[0]
    assert found.headlines[0].figure.count == 1


def test_short_names_capitals_blanks_and_a_byte_order_mark_are_understood(tmp_path: Path) -> None:
    rows = [r.replace(AREA, f" {PACK.areas[0].short} ").replace(CRITERIA[0], PACK.criteria[0].short.upper()) for r in whole("Tamar Police")]
    path = tmp_path / "g.csv"
    path.write_text("\ufeffForce, Area ,Criterion,Grade,Note\r\n" + "\r\n".join(f"{r},x" for r in rows), encoding="utf-8")
    found = draw_up(PACK, read_tables(PACK, path, None), strict=False)
    credible = found.headlines[0].figure
    assert found.problems == () and (credible.count, credible.out_of, credible.forces) == (1, 1, (1,))


def test_blank_rows_and_whole_numbers_with_a_nought_are_as_spreadsheets_write_them(tmp_path: Path) -> None:
    found = picture(tmp_path, [*(f"{row}.0,," for row in whole("Tamar Police")), "", " , ,,", ",,,"])
    assert found.problems == () and found.headlines[0].figure.count == 1


def test_two_grades_for_one_cell_are_both_left_out(tmp_path: Path) -> None:
    found = picture(tmp_path, [*whole("Tamar Police"), f"Tamar Police,{AREA},{CRITERIA[0]},3"])
    assert "says 3 of Tamar Police" in found.problems[0] and "where line 2 says 2; neither is used" in found.problems[0]
    assert CRITERIA[0] not in found.forces[0].grades[AREA]


def test_a_missing_cell_is_no_grade_0(tmp_path: Path) -> None:
    """The force has no grade for that area and criterion, and the tables count it out there."""
    rows = [r for r in whole("Tamar Police") if not r.startswith(f"Tamar Police,{AREA},{CRITERIA[0]},")]
    found = picture(tmp_path, [*rows, *whole("Severn Police", 3)])
    by_area, by_criterion, inadequate = found.tables[2], found.tables[3], found.tables[4]
    assert [row[0].out_of for row in by_area.figures] == [1] * 5 and by_area.figures[2][1].out_of == 2
    assert by_criterion.figures[3][0] == Figure(1, 1, ((2, "", CRITERIA[0]),))
    assert inadequate.figures[0][0].out_of == 1 and inadequate.totals[0].out_of == 19
    assert [(h.figure.forces, h.figure.out_of) for h in found.headlines] == [((2,), 1), ((), 1), ((), 1), ((), 2)]
    assert "Tamar Police: no grade for 1 of 70 cells" in found.problems[0]


def test_a_headline_counts_a_force_whose_missing_grade_cannot_change_it(tmp_path: Path) -> None:
    """Below standard in an area, it has no credible plans, whatever the area without a grade has."""
    rows = [r for r in whole("Tamar Police", 1) if not r.startswith(f"Tamar Police,{AREA},{CRITERIA[0]},")]
    found = picture(tmp_path, rows)
    assert [(h.figure.forces, h.figure.out_of) for h in found.headlines] == [((), 1), ((), 0), ((1,), 1), ((1,), 1)]


@pytest.mark.parametrize("other", ["Tamar", "TAMAR POLICE", "tamar"])
def test_a_force_under_its_name_and_its_short_form_counts_nowhere_and_is_told_of(tmp_path: Path, other: str) -> None:
    found = picture(tmp_path, [*whole("Tamar Police"), *whole(other, 3), *whole("Tamarind Police")])
    assert [f.name for f in found.forces] == ["Tamarind Police"]
    assert f"Tamar Police and {other} are one force" in found.left_out[0] and "write its name alike" in found.left_out[0]


def test_a_force_that_only_the_levels_name_is_counted_nowhere(tmp_path: Path) -> None:
    levels = [f"{force},{a.id},1,3" for force in ("Tamar Police", "Tamarr Police") for a in PACK.areas]
    found = picture(tmp_path, whole("Tamar Police"), levels)
    assert found.tables[1].figures[3][0] == Figure(1, 1, ((1, AREA, ""),))
    assert "Tamarr Police: grades.csv has no such force. Not used: 10 rows." in found.problems[0]


def test_levels_that_are_not_given_are_not_none(tmp_path: Path) -> None:
    found = picture(tmp_path, whole("Tamar Police"), [f"Tamar Police,{AREA},1,3"])
    assert found.tables[1].figures[3][0].percent == 100
    assert found.tables[1].figures[0][1].percent is None
    assert "no threat and need for" in found.problems[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no column force, area, criterion, grade"),
        ("force;area;criterion;grade\n", "has no column"),
        ("force,area,criterion,grade,Grade\n", "has two columns grade. Take away"),
        ("force,area,criterion,grade\n", "holds no grade that can be used"),
        ("force,area,criterion,grade\nTamar,x,y,z\n", "holds no grade that can be used. .*unknown area 'x'"),
        ("force,area,criterion,grade\n" + "Tamar,x,y,z\n" * 5, "line 4: .* And 2 more rows."),
    ],
)
def test_a_table_without_a_grade_is_refused_with_the_reason(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "g.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RoundError, match=says):
        read_tables(PACK, tmp_path / "g.csv", None)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(RoundError, match=r"g\.csv: cannot be read .* Save it as CSV in UTF-8"):
        read_tables(PACK, tmp_path / "g.csv", None)
