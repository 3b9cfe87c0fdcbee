"""The record's commands as a person meets them, from a review to a decided round."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

import cli
from commands import common
from pipeline.record.audit import audit
from pipeline.record.record import Record
from tests.pipeline.record.test_audit import tamper
from tests.pipeline.record.test_decisions import AT

run = CliRunner()


@pytest.fixture
def out(examples_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    return Path(shutil.copytree(examples_out, tmp_path / "out"))


def said(*arguments: object) -> tuple[int, str]:
    result = run.invoke(cli.app, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_a_version_stays_readable_when_the_store_is_cleared(out: Path) -> None:
    shutil.rmtree(out / "store")
    with Record.open(out) as record:
        for entry in json.loads((out / "matrix.json").read_text(encoding="utf-8"))["submissions"]:
            version = record.latest(entry["force"])
            assert record.entry(version) == entry
            for document in entry["documents"]:
                read = record.document(version, document["file"])
                assert read is not None and read.sha256 == document["sha256"]
                text = "\n".join(passage.text for passage in read.passages)
                quotes = [
                    e for row in entry["cells"].values() for c in row.values() for e in c["evidence"] if e["file"] == document["file"]
                ]
                assert all(text[slice(*e["range"])] == e["quote"] for e in quotes)
                assert Path(record.sources(version)[document["file"]].path).name == Path(document["file"]).name


def test_a_workbook_goes_out_and_comes_back_and_the_round_is_published(out: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(out / "matrix.xlsx")
    sheet = book["Decisions"]
    for row in range(5, 10):
        sheet[f"L{row}"] = sheet[f"D{row}"].value
    book.save(tmp_path / "filled.xlsx")
    code, told = said("import", tmp_path / "filled.xlsx", "--into", out, "--reviewer", "Ann Reed")
    assert code == 0 and told.endswith("\nImported 5 decisions of Ann Reed.\n")
    assert re.search(r"Signing decisions +━+ 5/5", told)
    code, told = said("import", tmp_path / "filled.xlsx", "--into", out, "--reviewer", "Ann Reed")
    assert code == 0 and told.endswith("\nImported 0 decisions of Ann Reed. 5 had been imported before.\n")
    code, told = said("import", tmp_path / "filled.xlsx", "--into", out, "--reviewer", "Bo")
    assert code == common.SOME_UNREAD and told.count("\n- row ") == 5 and "Ann Reed decided on this cell" in told
    code, told = said("publish", out)
    assert code == 0 and told.startswith("5 of 140 cells are decided: 5 validated. Look at")
    published = json.loads((out / "reviewed.json").read_text(encoding="utf-8"))
    first = next(iter(next(iter(published["submissions"][0]["cells"].values())).values()))
    assert (first["status"], first["decision"]["reviewer"]) == ("validated", "Ann Reed")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Reviewed compliance matrix" in page and "Ann Reed gave" in page and "The software proposed" in page
    decided = openpyxl.load_workbook(out / "matrix.xlsx")["Decisions"]
    assert [decided[f"{c}5"].value for c in "IKL"] == ["Validated", "Ann Reed", None]
    assert decided["Q5"].value == published["record"]["entries"] - 5  # five decisions, and that it was published
    with Record.open(out) as record:
        assert [one.files for one in record.outputs()] == [["matrix.xlsx", "report.html", "reviewed.json"]]
        assert record.outputs()[0].by.endswith("at the command line")


def test_whatever_quotes_restricted_words_is_noted_with_who_had_it_written(out: Path, tmp_path: Path) -> None:
    assert said("letters", out, "--force", "Saltmere")[0] == 0
    assert said("letters", out, "--public")[0] == 0
    assert said("national", out, "--out", tmp_path / "told")[0] in (common.ALL_READ, common.SOME_UNREAD)
    assert said("national", out, "--public")[0] in (common.ALL_READ, common.SOME_UNREAD)
    assert said("letters", out, "--force", "Nowhere")[0] == common.NOTHING_DONE
    assert said("national", out, "--pack", "nowhere")[0] == common.NOTHING_DONE
    with Record.open(out) as record:
        letter, national = record.outputs()
    assert letter.files == ["Saltmere Police.docx"] and letter.by.endswith("at the command line")
    assert {*letter.documents} == {"Saltmere Police"} and "Improving Protection PSIP 2008.docx" in letter.documents["Saltmere Police"]
    assert national.files == ["national", "national.docx", "national.html", "national.json", "national.xlsx"]
    assert {*national.documents} == {"Saltmere Police", "Greyholm Constabulary"}


def test_a_quote_at_the_terminal_is_a_look(out: Path) -> None:
    with Record.open(out) as record:
        version = record.latest("Saltmere Police")
        entry = record.entry(version)
        restricted = {d["file"] for d in entry["documents"] if d["marking"] != "NOT PROTECTIVELY MARKED"}
        quoted = {(a, c): {e["file"] for e in cell["evidence"]} for a, row in entry["cells"].items() for c, cell in row.items()}
        open_only = next(key for key, files in quoted.items() if files and not files & restricted)
        told = next(key for key, files in quoted.items() if files & restricted and files - restricted)
        assert said("explain", out, "Saltmere", *open_only)[0] == 0 and not record.looks()
        assert said("explain", out, "Saltmere", *told)[0] == 0
        looks = record.looks()
        assert {look.file for look in looks} == quoted[told] & restricted
        assert {look.shown for look in looks} == {"quotes, printed by readacross explain"}
        assert all(look.user.endswith("at the command line") for look in looks) and audit(record).wrong == ()


def test_an_output_that_cannot_be_written_is_named_with_the_remedy(out: Path) -> None:
    (out / "reviewed.json").mkdir()
    code, told = said("publish", out)
    assert code == common.NOTHING_DONE and told.startswith(f"Nothing was published. {out / 'reviewed.json'}: cannot be written to")
    assert told.strip().endswith(f"write it with: readacross publish {out}")


@pytest.mark.parametrize("command", ["letters", "national"])
def test_what_cannot_be_written_whole_is_not_written_at_all(command: str, out: Path, small_disk: Path, tmp_path: Path) -> None:
    (small_disk / "taken").write_bytes(b"x" * 230_000)  # room for the first file, not for the last
    code, told = said(command, out, "--out", small_disk / "told")
    assert code == common.NOTHING_DONE and ("No letter was written." if command == "letters" else "Nothing was written.") in told
    assert "No space left on device" in told and "Free the disk" in told and ".unfinished" not in told
    assert [path.name for path in small_disk.iterdir()] == ["taken"]
    last = {"letters": "Saltmere Police.docx", "national": "national.xlsx"}[command]
    (tmp_path / "told" / last).mkdir(parents=True)
    code, told = said(command, out, "--out", tmp_path / "told")
    assert code == common.NOTHING_DONE and f"{tmp_path / 'told' / last}: cannot be written (" in told.replace("written to (", "written (")
    assert [path.name for path in (tmp_path / "told").iterdir()] == [last]


def test_what_cannot_be_noted_is_not_written(out: Path) -> None:
    (out / "record.sqlite").unlink()
    (out / "record.round").write_text("the round")
    for command in (("letters",), ("national",), ("explain", "Saltmere", "roads_policing", "prioritisation")):
        code, told = said(command[0], out, *command[1:])
        assert code == common.NOTHING_DONE and "the record of this round is on a server. Give its address in READACROSS_RECORD." in told
    assert not (out / "letters").exists() and not (out / "national.json").exists()


def test_an_audit_says_whether_all_is_as_it_was_written(out: Path, tmp_path: Path) -> None:
    code, told = said("audit", out, "--export", tmp_path / "history.jsonl")
    assert code == 0 and "as it was written: 3 entries, among them 2 versions of submissions and 0 decisions" in told
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 3
    with Record.open(out) as record:
        version = record.latest(record.forces()[0])
        (area, criterion), standing = next(iter(record.standing(version.force).items()))
        record.comment(version.force, area, criterion, author="Ann", at=AT, text="Still in the log beside the file.")
        assert said("audit", out, "--export", tmp_path / "copy" / "record.sqlite")[0] == common.NOTHING_DONE
        (tmp_path / "copy").mkdir()
        assert said("audit", out, "--export", tmp_path / "copy" / "record.sqlite")[0] == 0
        with Record.open(tmp_path / "copy") as copy:
            assert copy.comments() == record.comments() and audit(copy) == audit(record)
        record.decide(version.force, area, criterion, grade=standing.grade, reviewer="Ann", at=AT)
        tamper(record, "UPDATE decisions SET reviewer = 'Someone else'")
    code, told = said("audit", out)
    assert code == common.SOME_UNREAD and "entry 5: the decision was changed after it was written" in told


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "OUT"),
        ("publish", "OUT"),
        ("import", "filled.xlsx", "--into", "OUT", "--reviewer", "Ann"),
        ("export", "OUT", "--refi-qda", "x"),
    ],
    ids=lambda command: str(command[0]),
)
def test_without_a_record_each_command_says_what_to_do(command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    code, told = said(*(str(tmp_path) if part == "OUT" else part for part in command))
    assert code == common.NOTHING_DONE and f"there is no record of a review. Run `readacross review SUBMISSIONS --out {tmp_path}`" in told
    assert [*tmp_path.iterdir()] == []
