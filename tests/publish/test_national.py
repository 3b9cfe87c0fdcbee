"""What `readacross national` writes, as its readers meet it: page, chapter, workbook, CSV, graph, JSON."""

from __future__ import annotations

import csv
import itertools
import json
import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx
import openpyxl
import pytest
from docx import Document
from lxml import etree, html
from typer.testing import CliRunner

import cli
from commands import common
from pipeline.publish.collaboration import ONE_SIDED, Link
from pipeline.publish.picture import draw_up
from pipeline.publish.sentences import one_sided
from pipeline.report import write_report
from tests.accessible import shortfalls
from tests.publish.rounds import OPEN, PACK, SECRET, round_of

HOSTILE = '=HYPERLINK("http://example.invalid")<script>alert(1)</script> Police'
TOTALS = ("All", "All cells", "Forces with one or more")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
run = CliRunner()


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The picture of a round of seven, one with a hostile name, after an earlier round; the review's report beside it."""
    folder = tmp_path_factory.mktemp("round")
    for name, shift in (("now", 0), ("2007", 3)):
        whole = round_of(7, shift)
        whole["submissions"][0]["force"] = HOSTILE
        (folder / name).mkdir()
        (folder / name / "matrix.json").write_text(json.dumps(whole), encoding="utf-8")
    write_report(round_of(7), folder / "now" / "report.html")
    result = run.invoke(cli.app, ["national", str(folder / "now"), "--before", str(folder / "2007")])
    assert result.exit_code == common.ALL_READ, result.output
    return folder / "now"


@pytest.fixture(scope="module")
def page(out: Path) -> Any:
    return html.fromstring((out / "national.html").read_text(encoding="utf-8"))


def test_every_output_is_there(out: Path) -> None:
    assert {p.name for p in out.iterdir()} == {
        "matrix.json", "report.html", "national.json", "national.html", "national.xlsx", "national.docx", "national",
    }  # fmt: skip
    names = {p.name for p in (out / "national").iterdir()}
    assert {"links.graphml", "chart-8.svg", "chart-8.png", "table-5.csv", "links.csv", "support-ladder.csv"} <= names


def test_every_link_of_the_page_leads_somewhere(out: Path, page: Any) -> None:
    ids = page.xpath("//@id")
    assert [i for i, n in Counter(ids).items() if n > 1] == []
    report = set(html.fromstring((out / "report.html").read_text(encoding="utf-8")).xpath("//@id"))
    links = page.xpath("//a/@href")
    assert len([x for x in links if x.startswith("report.html#f")]) >= 7 * 70
    for link in links:
        file, _, anchor = link.partition("#")
        assert anchor in (report if file == "report.html" else ids), link


def test_the_number_in_a_table_is_the_number_of_forces_that_it_leads_to(out: Path, page: Any) -> None:
    national = json.loads((out / "national.json").read_text(encoding="utf-8"))
    for number in ("1", "2", "3", "4", "5"):
        for r, row in enumerate(national["tables"][number]["count"], 1):
            for c, count in enumerate(row, 1):
                panel = page.get_element_by_id(f"t{number}-{r}-{c}")
                items = [x for x in panel.findall(".//li") if x.find("a") is not None]
                assert len(items) == count
                assert len(national["tables"][number]["behind"][r - 1][c - 1]) == count


def test_the_page_needs_no_network_and_no_script(out: Path, page: Any) -> None:
    text = (out / "national.html").read_text(encoding="utf-8").replace("http://www.w3.org", "")
    assert page.xpath("//script") == [] and page.xpath("//img") == []
    assert "http://example.invalid" in text and 'href="http' not in text and "src=" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_every_chart_of_the_page_has_a_name_and_words(page: Any) -> None:
    charts = page.xpath("//svg[contains(@class, 'chart')]")
    assert len(charts) == 9
    for chart in charts:
        title, description = (page.get_element_by_id(i) for i in chart.get("aria-labelledby").split())
        assert title.text.startswith("Chart ") and len(description.text) > 40


@pytest.mark.parametrize("name", ["national.html", "report.html"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_pages_pass_an_accessibility_check_and_fit_wide_and_narrow_screens(out: Path, name: str, width: int) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with playwright.sync_playwright() as browsers:
        try:
            browser = browsers.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        except playwright.Error:
            pytest.skip("chromium is not installed")
        shown = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 900}).new_page()
        shown.goto((out / name).as_uri())
        shown.add_style_tag(content="*{content-visibility:visible!important}")
        across = shown.evaluate("document.documentElement.scrollWidth")
        found = axe.Axe().run(shown).response["violations"]
        browser.close()
    assert across == width  # what is wider scrolls by itself, with the page standing still
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


@pytest.mark.parametrize("name", ["national.html", "report.html"])
def test_every_table_of_the_pages_has_a_caption_and_headings_with_a_scope(out: Path, name: str) -> None:
    page: Any = html.fromstring((out / name).read_text(encoding="utf-8"))
    tables = page.xpath("//table")
    assert len(tables) > 15 and all(table.xpath("normalize-space(caption)") for table in tables)
    assert page.xpath("//table//th[not(@scope)]") == [] and page.xpath("//th[not(normalize-space())]") == []


def test_figures_of_the_workbook_lead_to_the_cells_behind(out: Path) -> None:
    book = openpyxl.load_workbook(out / "national.xlsx")
    behind = book["Behind"]
    for name in ("Table 1", "Table 3", "Table 5", "Table 6"):
        sheet, headings = book[name], [c.value for c in book[name][4]]
        linked = [c for row in sheet.iter_rows(min_row=5) for c in row if c.hyperlink]
        assert linked
        for cell in linked:
            start = int(cell.hyperlink.location.rpartition("A")[2])
            first, heading = [c.value for c in behind[start]], headings[cell.column - 1]
            assert first[:2] == [name, sheet.cell(cell.row, 1).value]
            before = [c.value for c in behind[start - 1]][: 2 if heading in TOTALS else 3]
            assert (heading in TOTALS or first[2] == heading) and before != first[: len(before)]
        wanted = {c.coordinate for row in sheet.iter_rows(min_row=5) for c in row if c.column > 2 and isinstance(c.value, int) and c.value}
        assert {c for c in wanted if sheet.cell(sheet[c].row, 1).value != "Out of"} <= {c.coordinate for c in linked}
    assert book["Cells"].max_row == 4 + 7 * 70
    assert not any(c.data_type == "f" for sheet in book for row in sheet.iter_rows() for c in row)


def test_every_number_of_the_chapter_leads_to_the_forces_that_it_counts_and_these_to_their_cells(out: Path) -> None:
    document = Document(str(out / "national.docx"))
    national = json.loads((out / "national.json").read_text(encoding="utf-8"))
    marks: dict[str, Any] = {}
    for mark in document.element.body.iter(f"{W}bookmarkStart"):
        assert marks.setdefault(mark.get(f"{W}name"), mark.getparent()) is mark.getparent()
    links = list(document.element.body.iter(f"{W}hyperlink"))
    assert len(links) > 1000 and all(link.get(f"{W}anchor") in marks for link in links)
    assert all(len(name) <= 40 for name in marks)  # Word cuts longer ones
    names = national["force_names"]
    for number in ("1", "2", "3", "4", "5"):
        for r, row in enumerate(national["tables"][number]["behind"]):
            for c, forces in enumerate(row):
                entry = marks.get(f"behind_{number}_{r}_{c}")
                assert (entry is None) == (not forces)
                if entry is not None:
                    assert [_text(x) for x in entry.iter(f"{W}hyperlink")] == [names[str(n)] for n in forces]
    for table in [t for t in document.tables if _caption(t).startswith("Table ") or "by stage" in _caption(t)]:
        for cell in (c for row in table.rows[1:] for c in row.cells[1:] if c.text.isdigit() and c.text != "0"):
            assert cell._tc.find(f".//{W}hyperlink") is not None, (_caption(table), cell.text)
    matrix = next(t for t in document.tables if _caption(t) == f"The cells of {names['2']}")
    whole = json.loads((out / "matrix.json").read_text(encoding="utf-8"))["submissions"][1]
    for row, criterion in zip(matrix.rows[1:], PACK.criteria, strict=False):
        assert [c.text for c in row.cells[1:11]] == [str(whole["cells"][a.id][criterion.id]["grade"]) for a in PACK.areas]


def test_every_output_gives_the_same_figures(out: Path, page: Any) -> None:
    national = json.loads((out / "national.json").read_text(encoding="utf-8"))
    book, document = openpyxl.load_workbook(out / "national.xlsx"), Document(str(out / "national.docx"))
    for number, table in national["tables"].items():
        said = table["count" if number == "5" else "percent"]
        lines = [[str(n) for n in row] for row in said]
        for r, total in enumerate(table.get("total_count" if number == "5" else "total_percent", ())):
            lines[r].append(str(total))
        rows = list(csv.reader((out / "national" / f"table-{number}.csv").open(encoding="utf-8-sig")))[1 : 1 + len(lines)]
        assert [row[2 : 2 + len(line)] for row, line in zip(rows, lines, strict=True)] == lines
        sheet = book[f"Table {number}"].iter_rows(min_row=5, max_row=4 + len(lines), min_col=3, values_only=True)
        assert [[str(x) for x in row[: len(line)]] for row, line in zip(sheet, lines, strict=True)] == lines
        written = next(t for t in document.tables if _caption(t).startswith(f"Table {number}."))
        assert [[c.text for c in row.cells[1 : 1 + len(line)]] for row, line in zip(written.rows[1:], lines, strict=False)] == lines
        shown = page.get_element_by_id(f"table-{number}").xpath(".//tbody/tr")
        assert [[td.xpath("string(.//a)") for td in tr.findall("td")][: len(line)] for tr, line in zip(shown, lines, strict=False)] == lines
    follows = {h: len(national["need_against_provision"][h]) for h in ("follows_need", "follows_threat")}
    counts = [*national["headlines"].values(), *national["governance"].values(), *national["orientation"].values(), *follows.values()]
    rows = list(csv.DictReader((out / "national" / "findings.csv").open(encoding="utf-8-sig")))
    assert [int(row["Forces"]) for row in rows] == counts and {row["Kind"] for row in rows} >= {"Governance", "Orientation"}
    assert [row[2] for row in book["Findings"].iter_rows(min_row=5, values_only=True)] == counts
    beside = next(t for t in document.tables if _caption(t).startswith("Governance"))
    assert [int(row.cells[1].text) for row in beside.rows[1:]] == counts[4:]
    assert [int(x.text) for x in page.xpath("//*[starts-with(@href, '#v-')]") if x.text.isdigit()] == counts[4:]
    assert [int(x.text) for x in page.xpath("//ul[@class='heads']//a")] == counts[:4]


def test_findings_of_the_workbook_lead_on_to_the_forces_and_what_shows_them(out: Path) -> None:
    book = openpyxl.load_workbook(out / "national.xlsx")
    behind = book["Behind"]
    for row in book["Findings"].iter_rows(min_row=5):
        if row[2].value:
            start = int(row[2].hyperlink.location.rpartition("A")[2])
            forces = {r[3].value for r in behind.iter_rows(min_row=start) if (r[0].value, r[1].value) == (row[0].value, row[1].value)}
            assert len(forces) == row[2].value
    for line in behind.iter_rows(min_row=2):
        sheet, _, place = line[3].hyperlink.location.rpartition("!A")
        target = [c.value for c in book[sheet.strip("'")][int(place)]]
        assert target[0] == line[3].value and (sheet != "'Cells'" or line[4].value in (target[1], None))
    governed = book["Force findings"]
    assert governed.max_row == 4 + 7 * (len(PACK.governance) + 1)


def test_agreements_and_ratios_of_the_workbook_lead_to_what_they_are_worked_out_from(out: Path) -> None:
    book = openpyxl.load_workbook(out / "national.xlsx")
    for row in book["Need v provision"].iter_rows(min_row=5):
        for cell in (c for c in (row[1], row[3]) if c.value is not None):
            start = int(cell.hyperlink.location.rpartition("A")[2])
            assert book["Areas"].cell(start, 1).value == row[0].value and cell.number_format == "0.00"
    behind = book["Behind"]
    for row in book["Proportions"].iter_rows(min_row=5):
        for cell, kind in zip(row[1:3], ("Need", "Provision"), strict=True):
            start = int(cell.hyperlink.location.rpartition("A")[2])
            assert [c.value for c in behind[start]][:3] == ["Table 6", kind, row[0].value]
        assert row[3].value is None or row[3].hyperlink.location == "'Table 6'!A4"


def test_the_workbook_is_set_up_for_print(out: Path) -> None:
    for sheet in openpyxl.load_workbook(out / "national.xlsx"):
        across = sum(d.width for d in sheet.column_dimensions.values())
        paper = {"9": 27.5, "8": 39.8}[str(sheet.page_setup.paperSize)]  # centimetres between the margins of A4 and A3
        assert min(1, paper / (0.19 * across)) * 11 >= 7, sheet.title  # points in print
        assert sheet.freeze_panes and sheet.print_title_rows and sheet.page_setup.orientation == "landscape"
        assert "RESTRICTED" in sheet.oddHeader.center.text and "RESTRICTED" in sheet.oddFooter.center.text


def test_figures_of_the_planning_model_lead_to_the_cells_behind(out: Path, page: Any) -> None:
    book = openpyxl.load_workbook(out / "national.xlsx")
    sheet, behind = book["Planning model"], book["Planning cells"]
    heads = [c.value for c in sheet[4]]
    figures = [c for row in sheet.iter_rows(min_row=5) for c in row if row[0].value != "All forces" and c.column > 2]
    assert len(figures) == 7 * len(PACK.planning_model) * (len(PACK.areas) + 1)
    for cell in figures:
        force, stage = (sheet.cell(cell.row, column).value for column in (1, 2))
        place = [c.value for c in behind[int(cell.hyperlink.location.rpartition("A")[2])]]
        assert place[:2] == [force, stage] and heads[cell.column - 1] in (place[2], "All")
    national = json.loads((out / "national.json").read_text(encoding="utf-8"))
    for stage in PACK.planning_model:
        panel = page.get_element_by_id(f"stage-{stage.id}-force-2")
        cells = [x for x in panel.findall(".//li/a") if x.get("href").startswith("report.html#f2-")]
        assert len(cells) == len(PACK.areas) * len({e.split(".")[0] for e in stage.elements})
        found, sought = map(sum, zip(*national["planning_model_by_force"][stage.id]["2"].values(), strict=True))
        assert f": {found} of {sought} elements found" in panel.text_content()


def test_what_is_passed_on_alone_carries_the_marking(out: Path) -> None:
    for path in (out / "national").glob("*.csv"):
        rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
        assert {row["Protective marking"] for row in rows} == {"RESTRICTED"}, path.name
    for path in (out / "national").glob("*.svg"):
        status = "Provisional" if path.stem in ("chart-1", "chart-2") else "Mixed"  # nobody validates what forces say of themselves
        assert f"{status} – RESTRICTED" in path.read_text(encoding="utf-8"), path.name
    assert networkx.read_graphml(out / "national" / "links.graphml").graph["marking"] == "RESTRICTED"


def test_csv_files_hold_no_formula(out: Path) -> None:
    for path in (out / "national").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                assert not any(value[:1] in ("=", "@", "\t") or (value[:1] in "+-" and not _number(value)) for value in row if value)


def test_the_chapter_has_real_headings_header_rows_and_words_for_its_pictures(out: Path) -> None:
    document = Document(str(out / "national.docx"))
    assert shortfalls(document) == []
    assert len(document.tables) >= 10 and len(document.inline_shapes) == 9
    section = document.sections[0]
    assert "RESTRICTED" in section.header.paragraphs[0].text and "RESTRICTED" in section.footer.paragraphs[0].text
    assert "Mixed." in document.paragraphs[1].text
    first = [p.text for p in itertools.takewhile(lambda p: p.text != "Headlines", document.paragraphs)]
    assert {"Round: now", "Submissions: 7, with 14 documents", "Decided by reviewers: 210 of 490 cells"} <= set(first)


def test_letters_of_the_chapters_pictures_are_printed_no_smaller_than_seven_points(out: Path) -> None:
    chapter = Document(str(out / "national.docx"))
    drawings = [etree.parse(str(path)).getroot() for path in sorted((out / "national").glob("chart-*.svg"))]
    printed = {shape._inline.docPr.get("title"): shape.width.pt for shape in chapter.inline_shapes}
    assert len(printed) == len(drawings) == 9
    for drawing in drawings:
        scale = printed[str(drawing.findtext("{*}title"))] / float(drawing.get("viewBox").split()[2])
        sizes = [float(size) for t in drawing.iter("{*}text") for size in re.findall(r"([\d.]+)px", t.get("style", ""))]
        assert sizes and min(sizes) * scale > 6.95


def test_figures_worked_out_of_others_lead_to_what_they_are_worked_out_from(out: Path, page: Any) -> None:
    national = json.loads((out / "national.json").read_text(encoding="utf-8"))
    areas = national["need_against_provision"]["areas"]
    ratios = {x["area"]: page.get_element_by_id(f"t6-ratio-{x['area']}").xpath(".//li/a/text()") for x in areas if x["ratio"]}
    assert ratios == {x["area"]: [str(x["provision"]), str(x["need"]), "the rows Need and Provision"] for x in areas if x["ratio"]}
    ranks = page.xpath("//table[caption//text() = 'Rank agreement of provision with need and threat']/tbody/tr")
    assert [set(row.xpath("*[position() < 4]/a/@href")) for row in ranks] == [{f"#force-{n}"} for n in range(1, 8)]
    pairs = page.xpath("//a[starts-with(@href, '#pairs-')]")
    assert pairs and all(int(a.text) == len(page.get_element_by_id(a.get("href")[1:]).findall(".//li")) for a in pairs)
    (cells,) = page.xpath("//a[@href = '#practice-cells']")
    behind = page.get_element_by_id("practice-cells").xpath(".//li/a[contains(@href, 'report.html')]")
    assert cells.text.startswith(f"{len(behind)} ")
    document = Document(str(out / "national.docx"))
    ranks = next(t for t in document.tables if _caption(t).startswith("Rank agreement"))
    for n, row in enumerate(ranks.rows[1:], 1):
        assert {x.get(f"{W}anchor") for cell in row.cells[:3] for x in cell._tc.iter(f"{W}hyperlink")} == {f"force_{n}"}
    regions = next(t for t in document.tables if _caption(t).startswith("Arrangements"))
    for row in regions.rows[1:]:
        (link,) = row.cells[2]._tc.iter(f"{W}hyperlink") if row.cells[2].text != "0" else (None,)
        assert link is None or link.get(f"{W}anchor").startswith("behind_region_")
    anchors = {x.get(f"{W}anchor") for x in document.element.body.iter(f"{W}hyperlink")}
    assert {"behind_practice", "behind_unquoted", "behind_follows_need"} <= anchors


@pytest.mark.parametrize(
    ("agreed", "says"),
    [
        ([], "both name each other"),
        ([False], "1 link is named on one side only: the partner's own plans do not name the force for that area. It is not said"),
        ([True], "It is said to rest on a formal agreement."),
        ([False, False], "2 links are named on one side only: the partner's own plans do not name the force for that area. None is said"),
        ([True, False, False], "Of these, 1 is said to rest on a formal agreement."),
        ([True, True], "All are said to rest on a formal agreement."),
    ],
)
def test_links_on_one_side_are_told_in_plain_words(agreed: list[bool], says: str) -> None:
    found = draw_up(PACK, round_of(2), strict=False)
    links = tuple(Link("Avon Police", "Exe Police", PACK.areas[n].id, ONE_SIDED, x) for n, x in enumerate(agreed))
    assert says in one_sided(replace(found, collaboration=replace(found.collaboration, links=links)))


def test_the_graph_is_read_by_other_programs(out: Path) -> None:
    graph = networkx.read_graphml(out / "national" / "links.graphml")
    links = list(csv.reader((out / "national" / "links.csv").open(encoding="utf-8-sig")))[1:]
    assert graph.is_directed() and graph.number_of_edges() == len(links) > 0
    edges = etree.parse(out / "national" / "links.graphml").getroot().findall(".//{*}edge")
    assert len({edge.get("id") for edge in edges}) == len(links)
    assert all(data["area"] in {a.id for a in PACK.areas} for _, _, data in graph.edges(data=True))
    assert {data["region"] for _, data in graph.nodes(data=True)} & {r.name for r in PACK.force_names.regions}


def test_a_force_that_many_rely_on_leads_to_those_that_name_it(out: Path, page: Any) -> None:
    said = [p for p in Document(str(out / "national.docx")).paragraphs if " is named by " in p.text]
    items = page.xpath("//li[b and contains(., ', named by ')]")
    assert len(said) == len(items) > 0
    for paragraph, item in zip(said, items, strict=True):
        count = int(paragraph.text.partition(" is named by ")[2].split()[0])
        assert len(list(paragraph._p.iter(f"{W}hyperlink"))) == len(item.findall("a")) == count


def test_forces_that_name_one_another_stand_in_chapter_workbook_and_graph(out: Path, page: Any) -> None:
    listed = page.xpath("//p[starts-with(., 'Forces that name one another')]/following-sibling::ul[1]/li")
    told = {item.text_content() for item in listed}
    assert "Bedfordshire Police, Cambridgeshire Constabulary" in told
    assert "Bedfordshire Police and Cambridgeshire Constabulary." in [p.text for p in Document(str(out / "national.docx")).paragraphs]
    nodes = networkx.read_graphml(out / "national" / "links.graphml").nodes(data="group")
    rows = openpyxl.load_workbook(out / "national.xlsx")["Standing"].iter_rows(values_only=True)
    together = {row[0] for row in rows if row[1] == "Name one another"}
    assert {name for name, group in nodes if group} == together and max(group for _, group in nodes) == len(told)


def test_drawings_are_well_formed_and_described(out: Path) -> None:
    for path in (out / "national").glob("*.svg"):
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        assert root.find("{http://www.w3.org/2000/svg}desc").text


def test_notable_practice_in_no_output_quotes_a_restricted_document(out: Path) -> None:
    rows = list(csv.reader((out / "national" / "notable-practice.csv").open(encoding="utf-8-sig")))
    assert any(OPEN in row for row in rows) and not any(SECRET in value for row in rows for value in row)
    section = (out / "national.html").read_text(encoding="utf-8").partition('id="practice"')[2].partition('id="ladder"')[0]
    assert OPEN in section and SECRET not in section


def test_a_public_copy_holds_nothing_of_a_restricted_document_and_says_how_much_it_kept_back(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    command = ["national", str(out), "--public", "--before", str(out.parent / "2007"), "--out", str(folder)]
    assert run.invoke(cli.app, command).exit_code == common.ALL_READ
    for path in (p for p in folder.rglob("*") if p.is_file()):
        contents = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                contents = [packed.read(name) for name in packed.namelist()]
        for content in contents:
            assert b"Nightjar" not in content and b"psip.docx" not in content and b"RESTRICTED" not in content, path.name
    whole = json.loads((out / "national.json").read_text(encoding="utf-8"))
    national = json.loads((folder / "national.json").read_text(encoding="utf-8"))
    assert national["tables"]["2"]["percent"] == whole["tables"]["2"]["percent"]
    assert national["tables"]["3"]["behind"] == whole["tables"]["3"]["behind"]
    assert not any(forces for row in national["tables"]["2"]["behind"] for forces in row)
    assert "quotations" in national["withheld"] and national["marking"] == "NOT PROTECTIVELY MARKED"
    assert national["withheld"] in html.fromstring((folder / "national.html").read_text(encoding="utf-8")).text_content()
    areas = list(csv.DictReader((folder / "national" / "areas.csv").open(encoding="utf-8-sig")))
    assert {row["Need"] for row in areas} == {""} and any(row["Area grade"] for row in areas)


def test_the_same_round_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["national", str(out), "--before", str(out.parent / "2007"), "--out", str(tmp_path)])
    assert result.exit_code == common.ALL_READ
    for name in ("national.json", "national.xlsx", "national.docx", "national/chart-8.svg", "national/chart-8.png"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_tables_of_grades_say_what_they_could_not_use_and_the_rest_is_published(tmp_path: Path) -> None:
    rows = [f"Tamar Police,{a.id},{c.id},2" for a in PACK.areas for c in PACK.criteria]
    (tmp_path / "g.csv").write_text(
        "\n".join(["force,area,criterion,grade", *rows, "Tamar Police,nowhere,prioritisation,9"]), encoding="utf-8"
    )
    result = run.invoke(cli.app, ["national", "--grades", str(tmp_path / "g.csv"), "--out", str(tmp_path / "new")])
    assert result.exit_code == common.SOME_UNREAD
    assert "1 force of 1 (100%) has credible plans in every area." in result.output
    assert "line 72: unknown area 'nowhere'" in result.output
    national = json.loads((tmp_path / "new" / "national.json").read_text(encoding="utf-8"))
    assert national["tables"]["1"]["percent"][0][0] is None and national["basis"] == "given"
    assert (tmp_path / "new" / "national.docx").is_file()


def test_a_round_of_one_cell_is_published_with_what_there_is(tmp_path: Path) -> None:
    row = f"Tamar Police,{PACK.areas[0].id},{PACK.criteria[0].id},2"
    (tmp_path / "g.csv").write_text(f"force,area,criterion,grade\n{row}\n", encoding="utf-8")
    result = run.invoke(cli.app, ["national", "--grades", str(tmp_path / "g.csv"), "--out", str(tmp_path / "new")])
    assert result.exit_code == common.SOME_UNREAD and "no grade for 69 of 70 cells" in result.output
    text = html.fromstring((tmp_path / "new" / "national.html").read_text(encoding="utf-8")).text_content()
    assert text.count("There are no figures.") == 4 and "No national figures on need are given" in text
    assert "There are no figures." in "\n".join(p.text for p in Document(str(tmp_path / "new" / "national.docx")).paragraphs)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], common.WRONG_COMMAND, "Give either the folder OUT of a review, or --grades"),
        (["nowhere"], common.NOTHING_DONE, "holds neither reviewed.json nor matrix.json"),
        (["--grades", "nowhere.csv", "--out", "x"], common.NOTHING_DONE, "nowhere.csv: cannot be read"),
        (["nowhere", "--grades", "g.csv"], common.WRONG_COMMAND, "Give either"),
        (["--grades", "g.csv", "--out", "x", "--public"], common.WRONG_COMMAND, "--public needs the folder OUT of a review"),
    ],
)
def test_a_wrong_command_says_what_to_give(arguments: list[str], code: int, says: str) -> None:
    result = run.invoke(cli.app, ["national", *arguments])
    assert result.exit_code == code and says in result.output


def _caption(table: Any) -> str:
    return str(table._tbl.tblPr.find(f"{W}tblCaption").get(f"{W}val"))


def _text(element: Any) -> str:
    return "".join(str(t.text) for t in element.iter(f"{W}t"))


def _number(value: str) -> bool:
    return value.replace(".", "", 1).lstrip("-").isdigit()
