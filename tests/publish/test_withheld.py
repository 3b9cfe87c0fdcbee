"""A public picture must not tell what a single closed paper states: small rounds, levels alike, differences between tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.publish.national import Wanted, publish_national
from pipeline.publish.national_json import national
from pipeline.publish.picture import Picture, draw_up
from pipeline.publish.sentences import one_sided
from pipeline.publish.tables import LEVELS
from tests.publish.rounds import PACK, round_of

AREAS = [a.id for a in PACK.areas]


def public(whole: dict[str, Any]) -> Picture:
    return draw_up(PACK, whole, strict=False, public=True)


def with_need(levels: list[int], open_papers: int = 0) -> dict[str, Any]:
    """A round in which each force states this need for every area; the first forces state it in an open paper."""
    whole = round_of(len(levels))
    for number, (entry, level) in enumerate(zip(whole["submissions"], levels, strict=True)):
        entry["need"] = dict.fromkeys(AREAS, level)
        paper = "plan.pdf" if number < open_papers else "psip.docx"
        entry["level_sources"] = {"need": {area: [paper] for area in AREAS}}
    return whole


def told(picture: Picture, area: int = 0) -> list[int | None]:
    """Table 2's per cents for an area."""
    return [row[area].percent for row in picture.tables[1].figures]


@pytest.mark.parametrize(
    ("levels", "open_papers", "shown"),
    [
        ([3], 0, False),
        ([3, 1], 0, False),
        ([3, 1, 2, 0], 0, False),
        ([3, 1, 2, 0, 3], 0, True),
        ([3, 3, 3, 3, 3, 3, 3], 0, False),  # each is known to be high
        ([3, 3, 3, 3, 3, 3, 1], 0, False),  # the force that is not knows all the others
        ([3, 3, 3, 3, 3, 1, 1], 0, True),
        ([3, 1, 2, 0, 3], 5, True),  # open papers state all of them
        ([3, 1, 2, 0, 3, 2], 5, False),  # the sixth is what is left over
        ([3, 1, 2, 0, 3, 2, 1, 1, 2, 3], 5, True),
    ],
)
def test_a_figure_is_shown_only_where_it_tells_no_single_level(levels: list[int], open_papers: int, shown: bool) -> None:
    picture = public(with_need(levels, open_papers))
    assert (told(picture) != [None] * 4) is shown
    assert (picture.tables[1].totals[0].percent is not None) is shown
    index = picture.tables[5].figures[picture.tables[5].rows.index("need")][0].percent
    assert (index is not None) is shown
    assert all(p.need == index and (p.ratio is not None) is shown for p in picture.proportions)
    assert ("on need in every area" in picture.withheld) is not shown


def test_a_column_that_is_kept_back_cannot_be_had_from_the_totals() -> None:
    whole = with_need([3, 1, 2, 0, 3, 2])
    for entry in whole["submissions"]:
        entry["need"][AREAS[4]] = 3
    picture = public(whole)
    assert told(picture, 4) == [None] * 4 and told(picture, 3) != [None] * 4
    assert all(total.percent is None for total in picture.tables[1].totals)
    assert picture.proportions[4].ratio is None and picture.proportions[3].ratio is not None
    assert f"on need for {PACK.areas[4].name.lower()}" in picture.withheld
    json.dumps(national(picture))


def test_no_output_of_one_closed_force_holds_its_levels(tmp_path: Path) -> None:
    whole = round_of(1)
    entry = whole["submissions"][0]
    entry["need"] = dict(zip(AREAS, [3, 2, 1, 0, 3, 2, 1, 0, 3, 2], strict=True))
    entry["threat"] = dict(zip(AREAS, [0, 1, 2, 3, 0, 1, 2, 3, 0, 1], strict=True))
    (tmp_path / "matrix.json").write_text(json.dumps(whole), encoding="utf-8")
    publish_national(Wanted(tmp_path / "out", tmp_path, public=True), lambda *_: None)
    files = {p.name for p in (tmp_path / "out" / "national").iterdir()}
    assert not files & {"chart-1.svg", "chart-2.png", "chart-6.svg", "alerts.csv"} and {"chart-3.svg", "table-2.csv"} <= files
    for name in ("table-1.csv", "table-2.csv"):
        rows = csv.DictReader((tmp_path / "out" / "national" / name).open(encoding="utf-8-sig"))
        figures = [row for row in rows if row["Row"].lower() in LEVELS]
        assert figures and not any(row[area.name] or row["All"] for row in figures for area in PACK.areas)
    page = (tmp_path / "out" / "national.html").read_text(encoding="utf-8")
    assert "National figures on need in every area and on threat in every area were withheld" in page
    assert "There are no figures." in page and "Need against provision, nationally" not in page
    assert "No levels of need and threat are known here. So no alert can be ruled out." in page and "No area of high need" not in page


def test_what_a_partner_says_elsewhere_is_not_denied() -> None:
    whole = round_of(2)
    names = [entry["force"] for entry in whole["submissions"]]
    for entry, other in zip(whole["submissions"], reversed(names), strict=True):
        entry["partners"] = {AREAS[0]: [other]}
        for row in entry["cells"].values():
            for cell in row.values():
                cell["evidence"] = []
    quote = {"file": "plan.pdf", "page": 1, "quote": f"A rota shared with {names[1]}.", "elements": ["partner"], "scope": "specific"}
    whole["submissions"][0]["cells"][AREAS[0]]["collaboration"]["evidence"] = [quote]
    picture = public(whole)
    found = picture.collaboration
    assert [(x.source, x.target, x.state) for x in found.links] == [(names[0], names[1], "partner's open documents do not say")]
    assert found.withheld == 1 and found.silent == () and found.unnamed == () and found.one_sided() == ()
    assert one_sided(picture) == "The open documents show no such link."


def test_a_public_picture_leaves_nothing_of_one_that_stood_there(tmp_path: Path) -> None:
    """The tables that only the whole picture has go; what is not ours stays."""
    (tmp_path / "matrix.json").write_text(json.dumps(round_of(2)), encoding="utf-8")
    folder = tmp_path / "out" / "national"
    publish_national(Wanted(tmp_path / "out", tmp_path), lambda *_: None)
    (folder / "notes.csv").write_text("ours", encoding="utf-8")
    assert {"alerts.csv", "chart-2.svg"} <= {p.name for p in folder.iterdir()}
    publish_national(Wanted(tmp_path / "out", tmp_path, public=True), lambda *_: None)
    assert not {"alerts.csv", "chart-2.svg", "chart-2.png"} & {p.name for p in folder.iterdir()}
    assert (folder / "notes.csv").is_file() and (folder / "table-3.csv").is_file()


def test_how_much_is_kept_back_does_not_tell_a_level() -> None:
    """Of a force with one area below standard, the number of its alerts would tell whether need is high there."""
    whole = with_need([3])
    (entry,) = whole["submissions"]
    said = []
    for alerts in ([], [f"{PACK.areas[0].name}: need is high and the plans are graded 1 (insufficient)."]):
        entry["alerts"] = alerts
        said.append(public(whole).withheld)
    assert said[0] == said[1] and "10 levels of need and threat" in said[0]
