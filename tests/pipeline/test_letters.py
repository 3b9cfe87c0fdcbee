"""What a reviewer who edits and sends a letter would notice."""

from __future__ import annotations

import copy
import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
from typer.testing import CliRunner

import cli
from commands import common
from extractors.read import read_document
from pipeline.marking import public_copy
from pipeline.publish.advice import advise, visit_reasons
from pipeline.publish.letters import TEMPLATE, WORDS, LetterError, file_names, forces_meant, write_letters
from pipeline.publish.quotations import excerpt
from pipeline.round import RoundError, load_round
from rules.loader import load_pack
from tests.accessible import shortfalls

run = CliRunner()
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def matrix(examples_out: Path) -> dict[str, Any]:
    return load_round(examples_out)


def letter(matrix: dict[str, Any], folder: Path, force: str = "Saltmere", public: bool = False) -> Any:
    (path,) = write_letters(load_pack(), matrix, folder, force, public)
    return docx.Document(str(path))


def text_of(document: Any) -> str:
    return "\n".join("".join(t.text or "" for t in p.iter(W + "t")) for p in document.element.body.iter(W + "p"))


def _line_of(document: Any, name: str) -> Any:
    return next(p for p in document.paragraphs if p.text == f"{{{{ {name} }}}}")


@pytest.fixture(scope="module")
def saltmere(matrix: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    return letter(matrix, tmp_path_factory.mktemp("letters"))


def test_every_area_stands_in_the_letter_with_its_grade_and_what_it_lacks(saltmere: Any, matrix: dict[str, Any]) -> None:
    headings = [p.text for p in saltmere.paragraphs if p.style.name == "Heading 2"]
    submission = next(s for s in matrix["submissions"] if s["force"] == "Saltmere Police")
    names = {g["grade"]: g["name"].lower() for g in matrix["grades"]}
    assert [f"{a['name']}: {names[submission['area_grades'][a['id']]]}" for a in matrix["areas"]] == headings[: len(matrix["areas"])]
    parts = {p.text for p in saltmere.paragraphs if p.style.name == "Heading 3"}
    assert parts == {"Strengths", "Work in progress", "Areas for improvement"}


def test_what_leads_to_a_list_stays_on_its_page(saltmere: Any) -> None:
    leading = [p for p in saltmere.paragraphs if p.text.endswith(":")]
    assert leading and all(p.paragraph_format.keep_with_next for p in leading)


def test_every_quotation_is_in_the_documents(saltmere: Any, matrix: dict[str, Any]) -> None:
    submission = next(s for s in matrix["submissions"] if s["force"] == "Saltmere Police")
    said = [" ".join(e["quote"].split()) for row in submission["cells"].values() for c in row.values() for e in c["evidence"]]
    said += [q["quote"] for q in submission["governance_evidence"].values()]
    quoted = [q.strip("… ") for q in re.findall(r"“([^”]{12,})”", text_of(saltmere))]
    assert len(quoted) > 20
    assert [q for q in quoted if not any(q in one for one in said)] == []


def test_every_reference_leads_to_a_row_of_the_annex(saltmere: Any, matrix: dict[str, Any]) -> None:
    links = {link.get(W + "anchor") for link in saltmere.element.body.iter(W + "hyperlink")}
    marks = [mark.get(W + "name") for mark in saltmere.element.body.iter(W + "bookmarkStart")]
    ids = [mark.get(W + "id") for mark in saltmere.element.body.iter(W + "bookmarkStart")]
    assert links <= set(marks)
    assert len(marks) == len(set(ids)) == len(matrix["areas"]) * len(matrix["criteria"])


def test_every_sentence_of_the_overall_judgement_names_the_row_of_grades_that_it_rests_on(saltmere: Any) -> None:
    grades = next(t for t in saltmere.tables if t.cell(0, 0).text == "Criterion")
    rows = {row.cells[0].text.split()[0] for row in grades.rows[1:-1]}
    judged = [p.text for p in saltmere.paragraphs if re.match(r"(Sufficiency|Robustness|Sustainability): ", p.text)]
    assert len(judged) == 3
    for sentence in (s for text in judged for s in text.split(". ")[2:]):
        told = re.search(r"\((?:last row|rows? ([\d, and]+))\)\.?$", sentence)
        assert told and set(re.findall(r"\d+", told[1] or "")) <= rows, sentence


def test_what_falls_short_is_said_with_what_to_add_in_the_packs_words(saltmere: Any) -> None:
    text = text_of(saltmere)
    assert re.search(
        r"[Cc]ollaboration(?:\. To reach the standard,|:) name the partners and say what is done or shared together\. \[", text
    )
    assert "Sufficiency: in part" in text and "Robustness:" in text and "Sustainability:" in text


def test_no_sentence_is_said_over_and_over(saltmere: Any) -> None:
    sentences = [s.strip() for p in saltmere.paragraphs for s in re.split(r"(?<=[.:])\s", p.text) if len(s.split()) > 8]
    assert max(sentences.count(s) for s in sentences) <= 8


def test_a_letter_is_provisional_until_all_its_cells_are_settled(matrix: dict[str, Any], tmp_path: Path) -> None:
    settled = copy.deepcopy(matrix)
    cells = [c for s in settled["submissions"] for row in s["cells"].values() for c in row.values()]
    for cell in cells:
        cell["status"] = "validated"
    text = text_of(letter(settled, tmp_path / "all"))
    assert "Signed off." in text and "rovisional" not in text
    assert not any("PROVISIONAL" in p.text for p in letter(settled, tmp_path / "all").sections[0].footer.paragraphs)
    cells[-1]["status"] = "stale"
    text = text_of(letter(settled, tmp_path / "one"))
    assert "Provisional. Reviewers have settled 69 of the 70 grades" in text
    assert any("PROVISIONAL" in p.text for p in letter(settled, tmp_path / "one").sections[0].footer.paragraphs)


def test_an_overridden_grade_brings_the_reviewers_reason(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    saltmere = next(s for s in changed["submissions"] if s["force"] == "Saltmere Police")
    cell = next(c for row in saltmere["cells"].values() for c in row.values() if c["grade"] == 2 and not c["missing"])
    cell |= {"grade": 1, "provisional_grade": 2, "status": "overridden", "decision": {"reason": "The unit named was disbanded in May."}}
    text = text_of(letter(changed, tmp_path))
    assert "Our reviewer’s reason: “The unit named was disbanded in May.”" in text
    assert "Overridden" in text


def test_practice_is_taken_from_open_documents_of_others_only(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    greyholm, saltmere = (next(s for s in changed["submissions"] if s["force"].startswith(name)) for name in ("Grey", "Salt"))
    area, criterion = next(
        (a, c) for a, row in saltmere["cells"].items() for c, cell in row.items() if cell["grade"] == 0 and "child" not in a
    )
    shown = {"file": "open.pdf", "page": 3, "quote": "We drill it with all our neighbours twice a year.", "scope": "specific", "score": 0.9}
    first = next(e["id"] for c in matrix["criteria"] if c["id"] == criterion for e in c["elements"])
    greyholm["cells"][area][criterion] |= {"grade": 3, "evidence": [shown | {"elements": [first]}]}
    greyholm["documents"].append({"file": "open.pdf", "marking": "NOT PROTECTIVELY MARKED", "pages": 3, "pages_read": 3})
    assert "Greyholm Constabulary on" in text_of(letter(changed, tmp_path / "open"))
    greyholm["documents"][-1]["marking"] = "RESTRICTED"
    assert "We drill it" not in text_of(letter(changed, tmp_path / "closed"))


def test_the_letter_is_accessible(saltmere: Any) -> None:
    assert saltmere.core_properties.title == "Feedback on protective services plans: Saltmere Police"
    assert shortfalls(saltmere) == []
    assert len(saltmere.tables) == 4
    for table in saltmere.tables:
        assert table._tbl.tblPr.find(W + "tblDescription").get(W + "val")
    assert saltmere.sections[0].header.paragraphs[0].text == "RESTRICTED"


def test_a_force_of_which_nothing_was_read_gets_a_letter_that_says_so(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    saltmere = next(s for s in changed["submissions"] if s["force"] == "Saltmere Police")
    empty = {"cells": {}, "area_grades": {}, "criterion_grades": {}, "governance": {}, "partners": {}, "orientation_mix": {}}
    saltmere |= empty | {"problems": ["none of its documents could be read. Ask the force for readable copies."]}
    text = text_of(letter(changed, tmp_path))
    assert "could not judge your plans. That is not a finding that you have none." in text
    assert "This letter gives no grades" in text and "Provisional." not in text and "Not found" not in text
    headings = [p.text for p in letter(changed, tmp_path).paragraphs if p.style.name.startswith("Heading")]
    assert headings == ["Overall judgement", "What we read"]


def test_what_a_reviewer_should_do_is_not_asked_of_the_force(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    saltmere = next(s for s in changed["submissions"] if s["force"] == "Saltmere Police")
    saltmere["problems"] = [
        "a: its documents say so; they are reviewed apart. Put them into one folder.",
        "x.bin: Ask the force to send it again.",
    ]
    saltmere["documents"][0]["problems"] = ["The file is damaged. Open it and save it, or ask the force for a sound copy."]
    text = text_of(letter(changed, tmp_path))
    assert "x.bin: Please send it again." in text and "or send us a sound copy" in text
    assert "reviewed apart" not in text and "sk the force" not in text


def test_cells_and_fields_that_are_missing_do_not_stop_a_letter(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    saltmere = next(s for s in changed["submissions"] if s["force"] == "Saltmere Police")
    first = next(iter(saltmere["cells"]))
    saltmere["cells"][first].popitem()
    for gone in ("need", "threat", "orientation_mix", "level_sources", "governance_evidence", "partners", "alerts"):
        saltmere.pop(gone)
    assert "–" in [c.text for row in letter(changed, tmp_path).tables[0].rows for c in row.cells]


def test_names_and_quotes_are_no_markup(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    saltmere = next(s for s in changed["submissions"] if s["force"] == "Saltmere Police")
    saltmere["force"] = "**Salt** [[X1]] <b>&amp;</b> | Police"
    saltmere["alerts"] = ["# not a heading\n@ overall\n- not an item"]
    text = text_of(letter(changed, tmp_path, "<b>&amp;</b>"))
    assert "To: The Chief Constable, **Salt** [[X1]] <b>&amp;</b> | Police" in text
    assert "Alert. # not a heading @ overall - not an item" in text


def test_a_visit_is_advised_where_three_areas_give_no_ground(matrix: dict[str, Any], tmp_path: Path) -> None:
    changed = copy.deepcopy(matrix)
    saltmere = next(s for s in changed["submissions"] if s["force"] == "Saltmere Police")
    assert "not a candidate for a validation visit" in text_of(letter(changed, tmp_path / "no"))
    for area in list(saltmere["area_grades"])[:3]:
        saltmere["area_grades"][area] = 0
    assert len(visit_reasons(load_pack(), saltmere["cells"], saltmere["area_grades"])) >= 3
    assert "is a candidate for a validation visit, because" in text_of(letter(changed, tmp_path / "yes"))


def test_an_excerpt_keeps_to_the_sentences_that_bear() -> None:
    quote = "3.5 The year was wet. The Board meets monthly under the Deputy. It was well attended."
    start = quote.index("The Board")
    assert excerpt({"quote": quote, "highlights": [[start, start + 20]]}) == "… The Board meets monthly under the Deputy. …"
    assert excerpt({"quote": quote}) == "The year was wet. The Board meets monthly under the Deputy. It was well attended."
    assert excerpt({"quote": "word " * 200}).endswith("word …")


def test_the_letters_are_sorted_into_what_stands_and_what_does_not(matrix: dict[str, Any]) -> None:
    for submission in matrix["submissions"]:
        for area in advise(load_pack(), submission):
            assert len(area.cells) == len(matrix["criteria"])
            assert all(c.grade >= 2 for c in area.strengths) and all(c.grade < 2 for c in (*area.progress, *area.improve))


def test_no_letter_takes_another_ones_place() -> None:
    assert file_names(["North/East Police", "NorthEast Police", "NORTHEAST Police", "///"]) == [
        "NorthEast Police.docx", "NorthEast Police (2).docx", "NORTHEAST Police (3).docx", "Force.docx",
    ]  # fmt: skip


def test_a_force_whose_name_is_part_of_another_ones_is_found(matrix: dict[str, Any]) -> None:
    submissions = [{"force": name} for name in ("Wales Police", "North Wales Police", "South Wales Police")]
    assert forces_meant(load_pack(), submissions, "wales police") == {"Wales Police"}
    assert forces_meant(load_pack(), submissions, "North") == {"North Wales Police"}
    assert len(forces_meant(load_pack(), submissions, "")) == 3
    with pytest.raises(RoundError, match=r"more than one force\. Choose one of: Wales Police, North"):
        forces_meant(load_pack(), submissions, "wales")
    with pytest.raises(LetterError, match="holds no force"):
        forces_meant(load_pack(), [], "")


def test_a_letter_can_be_read_back(saltmere: Any, tmp_path: Path) -> None:
    saltmere.save(str(tmp_path / "letter.docx"))
    document = read_document(tmp_path / "letter.docx", "letter.docx", "")
    assert document.title == "Feedback on protective services plans: Saltmere Police" and not document.problems


def test_the_command_writes_all_letters_or_one(examples_copy: Path, tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["letters", str(examples_copy), "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Greyholm Constabulary.docx", "Saltmere Police.docx"]
    result = run.invoke(cli.app, ["letters", str(examples_copy), "--out", str(tmp_path / "one"), "--force", "salt", "--public"])
    assert result.exit_code == 0 and [p.name for p in (tmp_path / "one").iterdir()] == ["Saltmere Police.docx"]


def test_a_template_of_ones_own_is_used_and_a_wrong_one_is_named(examples_copy: Path, tmp_path: Path) -> None:
    own = docx.Document(str(TEMPLATE))
    own.add_paragraph("Yours faithfully, for {{ force }}")
    own.save(str(tmp_path / "own.docx"))
    options = ["letters", str(examples_copy), "--out", str(tmp_path / "out"), "--force", "salt", "--template"]
    assert run.invoke(cli.app, [*options, str(tmp_path / "own.docx")]).exit_code == 0
    assert "Yours faithfully, for Saltmere Police" in text_of(docx.Document(str(tmp_path / "out" / "Saltmere Police.docx")))
    own.add_paragraph("{{ weather }}")
    own.save(str(tmp_path / "wrong.docx"))
    result = run.invoke(cli.app, [*options, str(tmp_path / "wrong.docx")])
    assert result.exit_code == common.NOTHING_DONE and "asks for {{ weather }}" in result.output and "themes" in result.output
    shutil.copy(__file__, tmp_path / "text.docx")
    result = run.invoke(cli.app, [*options, str(tmp_path / "text.docx")])
    assert result.exit_code == common.NOTHING_DONE and "no Word document" in result.output
    result = run.invoke(cli.app, [*options, str(tmp_path / "none.docx")])
    assert result.exit_code == common.NOTHING_DONE and "none.docx" in result.output


def test_a_section_is_taken_away_and_a_sentence_changed(examples_copy: Path, tmp_path: Path) -> None:
    assert run.invoke(cli.app, ["templates", str(tmp_path), "--letter"]).exit_code == 0
    again = run.invoke(cli.app, ["templates", str(tmp_path), "--letter"])
    assert again.exit_code == common.NOTHING_DONE and "may have been changed" in again.output
    own = docx.Document(str(tmp_path / TEMPLATE.name))
    heading, section = next((one, two) for one, two in pairwise(own.paragraphs) if two.text == "{{ themes }}")
    for paragraph in (heading, section):
        paragraph._p.getparent().remove(paragraph._p)
    own.save(str(tmp_path / TEMPLATE.name))
    words = tmp_path / WORDS.name
    words.write_text(words.read_text(encoding="utf-8").replace("This letter says what we found", "Here is what we found"), encoding="utf-8")
    whose = ["letters", str(examples_copy), "--force", "salt", "--out", str(tmp_path), "--template", str(tmp_path / TEMPLATE.name)]
    result = run.invoke(cli.app, [*whose, "--words", str(words)])
    assert result.exit_code == 0, result.output
    got = text_of(docx.Document(str(tmp_path / "Saltmere Police.docx")))
    assert "Here is what we found in the plans that you sent" in got and "This letter says" not in got
    assert "What runs through the plans" not in got and "Area by area" in got


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (lambda d: _line_of(d, "overall").insert_paragraph_before("In short: {{ overall }}"), "Give it a line of its own"),
        (lambda d: d.add_table(1, 1).cell(0, 0).paragraphs[0].add_run("{{ glance }}"), "Give it a line of its own"),
        (lambda d: d.sections[0].header.add_paragraph("{{ areas }}"), "Give it a line of its own"),
        (lambda d: _line_of(d, "annex").clear(), "has no {{ annex }}"),
        (lambda d: _line_of(d, "status").clear(), "has no {{ status }}"),
    ],
)
def test_a_template_that_would_lose_words_is_refused(examples_copy: Path, tmp_path: Path, changed: Any, says: str) -> None:
    own = docx.Document(str(TEMPLATE))
    changed(own)
    own.save(str(tmp_path / "own.docx"))
    result = run.invoke(cli.app, ["letters", str(examples_copy), "--out", str(tmp_path / "out"), "--template", str(tmp_path / "own.docx")])
    assert result.exit_code == common.NOTHING_DONE and says in result.output and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("@ status\n{% if %}", "line 2: Expected an expression"),
        ("@ status\n{{ weather }}", "'weather' is undefined"),
        ("@ status\n{{ force.__class__.__mro__ }}", "unsafe"),
        (None, "there is no such file"),
    ],
)
def test_words_that_cannot_be_used_are_named(examples_copy: Path, tmp_path: Path, words: str | None, says: str) -> None:
    if words is not None:
        (tmp_path / "own.j2").write_text(words, encoding="utf-8")
    result = run.invoke(cli.app, ["letters", str(examples_copy), "--out", str(tmp_path / "out"), "--words", str(tmp_path / "own.j2")])
    assert result.exit_code == common.NOTHING_DONE and "own.j2" in result.output and says in result.output


def test_the_command_says_what_it_cannot_do(examples_copy: Path, tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["letters", str(tmp_path)])
    assert result.exit_code == common.NOTHING_DONE and "readacross review" in result.output
    result = run.invoke(cli.app, ["letters", str(examples_copy), "--force", "Nowhere"])
    assert result.exit_code == common.NOTHING_DONE and "Choose one of: Greyholm Constabulary, Saltmere Police" in result.output


def test_a_public_letter_says_which_statements_rest_on_withheld_papers_too(matrix: dict[str, Any], tmp_path: Path) -> None:
    pack = load_pack()
    shown = next(s for s in public_copy(pack, matrix)["submissions"] if s["force"] == "Saltmere Police")
    kept = {f"{a.short}{n}": shown["cells"][a.id][c.id]["withheld"] for a in pack.areas for n, c in enumerate(pack.criteria, 1)}
    rows = [row for table in letter(matrix, tmp_path, public=True).tables for row in table.rows if row.cells[0].text in kept]
    said = {row.cells[0].text: row.cells[-1].text.endswith("withheld documents") for row in rows}
    assert said == {ref: count > 0 for ref, count in kept.items()} and {True, False} == set(said.values())
