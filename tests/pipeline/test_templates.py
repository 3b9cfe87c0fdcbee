"""A template filled in reads back column by column; an unfilled one says nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from typer.testing import CliRunner

import cli
from commands import common
from extractors.read import read_document
from pipeline.publish.templates import write_templates
from rules.loader import PackError, load_pack
from tests.accessible import shortfalls
from tests.conftest import ROOT, review_here
from tests.pipeline.filled_templates import FORCE, W, around_cells, fill_document, fill_need_matrix, fill_workbook

run = CliRunner()
NAMES = ["action-plan", "partnership-plan", "psip"]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    write_templates(load_pack(), folder)
    return folder


def reviewed(files: list[Path], folder: Path) -> dict[str, Any]:
    (folder / "in" / "17 of 43").mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder / "in" / "17 of 43")
    (submission,) = review_here(folder / "in", folder / "out").matrix["submissions"]
    return dict(submission)


def asked(name: str) -> tuple[str, ...]:
    return next(t.criteria for t in load_pack().templates if t.id == name)


def test_every_template_of_the_pack_is_written_for_word_and_excel(blank: Path) -> None:
    assert {p.name for p in blank.iterdir()} == {f"{n}.{s}" for n in NAMES for s in ("docx", "xlsx")} | {"need-matrix.xlsx"}


def test_unfilled_templates_are_no_evidence_of_anything(blank: Path, tmp_path: Path) -> None:
    submission = reviewed(sorted(blank.iterdir()), tmp_path)
    assert len(submission["documents"]) == 7
    cells = [cell for row in submission["cells"].values() for cell in row.values()]
    assert {cell["grade"] for cell in cells} == {0}
    assert not any(e["elements"] for cell in cells for e in cell["evidence"])
    assert not any(submission["governance"].values()) and not any(submission["partners"].values())
    assert not any(submission["need"].values()) and not any(submission["threat"].values())
    assert {d["marking"] for d in submission["documents"]} == {""}


@pytest.mark.parametrize(("name", "suffix"), [*((name, "docx") for name in NAMES), ("psip", "xlsx")])
def test_a_filled_template_meets_the_standard_wherever_it_asks(blank: Path, tmp_path: Path, name: str, suffix: str) -> None:
    plan = tmp_path / f"{name}.{suffix}"
    shutil.copy(blank / plan.name, plan)
    (fill_document if suffix == "docx" else fill_workbook)(plan)
    submission = reviewed([plan], tmp_path)
    assert submission["force"] == FORCE
    assert [d["marking"] for d in submission["documents"]] == ["RESTRICTED"]
    short = {(a, c): row[c]["missing"] for a, row in submission["cells"].items() for c in asked(name) if row[c]["grade"] < 2}
    assert short == {}
    high = sum(row[c]["grade"] == 3 for row in submission["cells"].values() for c in asked(name))
    assert high >= len(submission["cells"])
    expected = [3 - number % 3 for number in range(len(submission["need"]))]
    if name == "psip":
        assert list(submission["need"].values()) == list(submission["threat"].values()) == expected
    for row in submission["cells"].values():
        for criterion in asked(name):
            assert not any("Write here" in e["quote"] or "Required." in e["quote"] for e in row[criterion]["evidence"])


def test_one_row_filled_in_leaves_the_others_empty(blank: Path, tmp_path: Path) -> None:
    plan = tmp_path / "action-plan.docx"
    shutil.copy(blank / plan.name, plan)
    fill_document(plan)
    document = docx.Document(str(plan))
    untouched = docx.Document(str(blank / plan.name))
    for table, other in zip(document.tables, untouched.tables, strict=True):
        for row, empty in list(zip(table._tbl.tr_lst, other._tbl.tr_lst, strict=True))[3:]:
            table._tbl.replace(row, empty)
    around_cells(document)
    document.save(str(plan))
    submission = reviewed([plan], tmp_path)
    first, *others = submission["cells"]
    assert all(submission["cells"][first][c]["grade"] >= 2 for c in asked("action-plan"))
    assert {cell["grade"] for area in others for cell in submission["cells"][area].values()} == {0}


def test_the_need_matrix_gives_need_and_threat_once_it_is_worked_out(blank: Path, tmp_path: Path) -> None:
    if not shutil.which("soffice"):
        pytest.skip("soffice is not installed")
    filled = tmp_path / "need-matrix.xlsx"
    shutil.copy(blank / filled.name, filled)
    fill_need_matrix(filled)
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*office, "--outdir", str(tmp_path / "calc"), str(filled)], capture_output=True, check=True, timeout=120)
    sheet = openpyxl.load_workbook(tmp_path / "calc" / "need-matrix.xlsx", data_only=True)["Need matrix"]
    heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = {head: heads.index(head) for head in heads}
    levels = {"High": 3, "Medium": 2, "Low": 1, "None": 0}
    for row in rows:
        risk = row[at["Impact"]] * row[at["Probability"]]
        residual = risk + row[at["Weighting"]] - row[at["Points taken off"]]
        assert (row[at["Risk"]], row[at["Residual threat"]]) == (risk, residual)
        assert levels[row[at["Threat level"]]] == (3 if residual >= 15 else 2 if residual >= 8 else 1)
        within = {"High": ("Red", "3 months"), "Medium": ("Amber", "6 months"), "Low": ("Green", "12 months")}
        assert (row[at["RAG"]], row[at["Act within"]]) == within[row[at["Need level"]]]
    submission = reviewed([tmp_path / "calc" / "need-matrix.xlsx"], tmp_path)
    assert submission["force"] == FORCE
    assert list(submission["threat"].values()) == [levels[row[at["Threat level"]]] for row in rows]
    assert list(submission["need"].values()) == [levels[row[at["Need level"]]] for row in rows]
    assert set(submission["need"].values()) == {1, 2, 3}
    assert {row["identified_gaps"]["grade"] for row in submission["cells"].values()} <= {2, 3}
    assert submission["documents"][0]["problems"] == []


def test_formulas_that_nobody_worked_out_are_told_and_the_rest_is_read(blank: Path, tmp_path: Path) -> None:
    filled = tmp_path / "need-matrix.xlsx"
    shutil.copy(blank / filled.name, filled)
    fill_need_matrix(filled)
    document = read_document(filled, filled.name, "")
    (problem,) = document.problems
    assert 'Sheet "Need matrix": 80 formulas hold no value' in str(problem) and "Open it in Excel or LibreOffice" in str(problem)
    assert document.pages == document.pages_read == 3
    assert any("No cover at night" in passage.text for passage in document.passages)


def test_the_word_templates_are_accessible(blank: Path) -> None:
    for name in NAMES:
        document = docx.Document(str(blank / f"{name}.docx"))
        assert shortfalls(document) == []
        assert next(p.style.name for p in document.paragraphs if p.text) == "Title"
        assert len(document.tables) == len(asked(name)) == sum(p.style.name == "Heading 1" for p in document.paragraphs)
        for table in document.tables:
            fields = [control.find(f"{W}sdtPr/{W}alias") for row in table._tbl.tr_lst[2:] for control in row.iter(W + "sdt")]
            assert fields and None not in fields


def test_the_workbooks_prompt_for_every_column(blank: Path) -> None:
    pack = load_pack()
    book = openpyxl.load_workbook(blank / "psip.xlsx")
    assert book.sheetnames == ["Front", *(c.short for c in pack.criteria)]
    for criterion, sheet in zip(pack.criteria, book.worksheets[1:], strict=True):
        prompts = [rule.prompt for rule in sheet.data_validations.dataValidation]
        assert len(prompts) == len(criterion.elements)
        required = sum(prompt.startswith("Required.") for prompt in prompts)
        assert required == len(criterion.required)
    matrix = openpyxl.load_workbook(blank / "need-matrix.xlsx")["Need matrix"]
    rules = {rule.promptTitle: (rule.type, rule.formula1, rule.formula2) for rule in matrix.data_validations.dataValidation}
    assert rules["Impact"] == ("whole", "1", "5")


def test_the_same_pack_gives_the_same_workbooks(blank: Path, tmp_path: Path) -> None:
    write_templates(load_pack(), tmp_path)
    assert all((tmp_path / p.name).read_bytes() == p.read_bytes() for p in blank.glob("*.xlsx"))


def test_the_command_and_a_pack_without_templates(tmp_path: Path) -> None:
    result = run.invoke(cli.app, ["templates", str(tmp_path / "new")])
    assert result.exit_code == 0 and "7 templates in" in result.output and "need-matrix.xlsx" in result.output
    street = ROOT / "tests" / "packs" / "street-lighting"
    result = run.invoke(cli.app, ["templates", str(tmp_path / "street"), "--pack", str(street)])
    assert result.exit_code == common.NOTHING_DONE and "defines no templates" in result.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("guidance:\n  money.colour: {says: a, column: b, hint: c}", "unknown element 'money.colour'"),
        ("templates:\n  - {id: plan, name: P, purpose: p, criteria: [weather]}", "unknown criterion 'weather'"),
        ("judgements:\n  - {id: j, name: J, asks: a, elements: [money.sun]}", "unknown element 'money.sun'"),
        ("need_matrix:\n  {name: N, key: [], columns: [{id: a, column: A, formula: '{b}+1'}]}", "a formula names {b}"),
        ("guidance:\n  money.sum: {says: a, column: b}", "key guidance.money.sum.hint: field required"),
    ],
)
def test_a_pack_whose_guidance_is_wrong_is_refused(tmp_path: Path, text: str, says: str) -> None:
    shutil.copytree(ROOT / "tests" / "packs" / "street-lighting", tmp_path / "pack")
    (tmp_path / "pack" / "templates.yaml").write_text(text)
    with pytest.raises(PackError) as error:
        load_pack(str(tmp_path / "pack"))
    assert says in str(error.value)
