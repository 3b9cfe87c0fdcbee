"""What a table's headers say of its rows' areas, read from a page as a force would write it."""

from __future__ import annotations

from pathlib import Path

from classifiers.classify import Classifier
from classifiers.model import load
from extractors.read import read_document, sha256_of
from rules.loader import load_pack


def areas_of_rows(folder: Path, *rows: str) -> dict[str, set[str]]:
    """The areas likelier than not of each row of a table, by its first cell."""
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.split('|'))}</tr>" for row in rows)
    path = folder / "gaps.html"
    path.write_text(f"<h1>Where we stand</h1><table>{cells.replace('td>', 'th>', 2 * (rows[0].count('|') + 1))}</table>", encoding="utf-8")
    document = read_document(path, path.name, sha256_of(path))
    classifier = Classifier(load_pack(), load())
    [readings] = classifier.read([classifier.look(document.passages, "")])
    return {document.passages[r.passage].cells[0]: {area for area, p in r.areas if p >= 0.5} for r in readings}


def test_a_row_speaks_of_every_area_under_whose_name_it_fills_a_cell(tmp_path: Path) -> None:
    areas = areas_of_rows(
        tmp_path,
        "|Major crime|Missing persons|Public order|Roads policing",
        "Threat|Medium|High|Low|High",
        "Gap|Three detectives short of our need|Search advisers: two short|-|No night cover, against a need for four cars",
    )
    assert areas["Threat"] == {"major_crime", "missing_persons", "public_order", "roads_policing"}
    assert areas["Gap"] == {"major_crime", "missing_persons", "roads_policing"}


def test_a_column_or_two_that_sound_like_areas_make_no_such_table(tmp_path: Path) -> None:
    areas = areas_of_rows(
        tmp_path,
        "Date|Event|Expected|Roads policing|Missing persons|Cost",
        "1 May|Spring fair; we need 40 more officers than we have and face a high threat of disorder|4,000|2|0|£3,000",
    )
    assert not {"roads_policing", "missing_persons"} & areas.get("1 May", set())
