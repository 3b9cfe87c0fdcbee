"""The review as a reviewer meets it: an inbox goes in, an explained matrix comes out, and whatever is wrong is said."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from docx import Document as WordFile
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter

from corpus.gold import gold_matrix
from corpus.notation import read_force
from pipeline.ingest import InboxError
from pipeline.review import OutError, Settings, review
from pipeline.store import Store, alone
from rules.loader import bundled, load_pack
from tests.conftest import EXAMPLES, ROOT, HereRunner, review_here

SALTMERE = EXAMPLES / "Saltmere Police"
STREET = ROOT / "tests" / "packs" / "street-lighting"


def submission(matrix: dict[str, Any], force: str) -> dict[str, Any]:
    (one,) = [s for s in matrix["submissions"] if s["force"] == force]
    return dict(one)


def problems(one: dict[str, Any]) -> str:
    return "\n".join([*one["problems"], *(p for d in one["documents"] for p in d["problems"])])


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


@pytest.fixture(scope="module")
def examples(examples_out: Path) -> dict[str, Any]:
    return dict(json.loads((examples_out / "matrix.json").read_text(encoding="utf-8")))


def test_the_forces_and_their_documents_are_recognised(examples: dict[str, Any]) -> None:
    assert [s["force"] for s in examples["submissions"]] == ["Greyholm Constabulary", "Saltmere Police"]
    for one in examples["submissions"]:
        kinds = sorted(d["kind"] for d in one["documents"])
        assert "local_policing_plan" in kinds and "psip" in kinds
        assert all(d["pages"] == d["pages_read"] for d in one["documents"])
        assert {d["marking"] for d in one["documents"]} >= {"NOT PROTECTIVELY MARKED", "RESTRICTED"}


def test_every_cell_is_graded_by_its_own_elements(examples: dict[str, Any]) -> None:
    pack = load_pack()
    for one in examples["submissions"]:
        assert set(one["cells"]) == {a.id for a in pack.areas}
        for row in one["cells"].values():
            for criterion in pack.criteria:
                cell = row[criterion.id]
                found = {e for e, p in cell["elements"].items() if p >= 0.5}
                required = {e.id for e in criterion.required}
                assert (cell["grade"] >= 2) <= (required <= found)
                assert set(cell["missing"]) == required - found
                assert sum(cell["probabilities"]) == pytest.approx(1, abs=0.001)
                assert cell["confidence"] == cell["probabilities"][cell["grade"]]
                assert cell["explanation"]
                assert cell["grade"] == 0 or cell["evidence"] or cell["confidence"] < 0.5


def test_every_quote_stands_in_its_document_at_its_address(examples: dict[str, Any], examples_out: Path) -> None:
    texts: dict[str, str] = {}
    for file in (examples_out / "store" / "documents").glob("*.json"):
        document = json.loads(file.read_text(encoding="utf-8"))
        texts[document["file"]] = "\n".join(p["text"] for p in document["passages"])
    quotes = [e for s in examples["submissions"] for row in s["cells"].values() for c in row.values() for e in c["evidence"]]
    assert len(quotes) > 100
    for quote in quotes:
        start, end = quote["range"]
        assert texts[quote["file"]][start:end] == quote["quote"]
        assert "sheet" in quote or quote["page"] >= 1
        assert all(0 <= a < b <= len(quote["quote"]) for a, b in quote["highlights"])


def test_no_element_is_found_without_a_quote(examples: dict[str, Any]) -> None:
    for one in examples["submissions"]:
        for row in one["cells"].values():
            for cell in row.values():
                quoted = {e for q in cell["evidence"] for e in q["elements"]}
                assert {e for e, p in cell["elements"].items() if p >= 0.5} <= quoted


def test_the_grades_come_near_the_examples_gold(examples: dict[str, Any]) -> None:
    """The examples are no training data; their labels were made before the first review. The bounds are a floor, not a claim."""
    pairs = []
    for slug in ("greyholm", "saltmere"):
        force = read_force(ROOT / "corpus" / "examples" / "notation" / slug)
        got = submission(examples, force.name)["cells"]
        pairs += [(cell.grade, got[a][c]["grade"]) for a, row in gold_matrix(force, load_pack()).items() for c, cell in row.items()]
    assert sum(a == b for a, b in pairs) / len(pairs) >= 0.45
    assert sum(abs(a - b) <= 1 for a, b in pairs) / len(pairs) >= 0.8


def test_need_threat_and_partners_are_read_from_the_documents(examples: dict[str, Any]) -> None:
    force = read_force(ROOT / "corpus" / "examples" / "notation" / "greyholm")
    got = submission(examples, force.name)
    assert {a: got["need"][a] for a in force.need} == force.need
    assert {a: got["threat"][a] for a in force.threat} == force.threat
    assert "Saltmere Police" in got["partners"]["major_crime"]
    assert "Greyholm Constabulary" in submission(examples, "Saltmere Police")["partners"]["major_crime"]


def test_the_workbook_and_the_report_show_the_same_grades(examples: dict[str, Any], examples_out: Path) -> None:
    book = load_workbook(examples_out / "matrix.xlsx")
    assert {"Overview", "Evidence", "Documents", "About"} <= set(book.sheetnames)
    assert "Saltmere Police" in book.sheetnames
    page = (examples_out / "report.html").read_text(encoding="utf-8")
    assert "Provisional" in page and "Saltmere Police" in page and "RESTRICTED" in page
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page


def test_an_unchanged_inbox_gives_the_same_bytes_and_reads_nothing_twice(
    examples_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "out"
    shutil.copytree(examples_out / "store", again / "store")
    monkeypatch.setattr("extractors.read.read_document", lambda *a: pytest.fail("a document was read twice"))
    review_here(EXAMPLES, again)
    for name in ("matrix.json", "matrix.xlsx", "report.html"):
        assert (again / name).read_bytes() == (examples_out / name).read_bytes()


def test_every_file_that_was_sent_is_kept_as_it_was(examples_out: Path) -> None:
    store = Store(examples_out / "store")
    for one in json.loads((examples_out / "matrix.json").read_text(encoding="utf-8"))["submissions"]:
        for document in one["documents"]:
            sent = EXAMPLES / one["folder"] / document["file"]
            assert store.original(document["sha256"], document["file"]).read_bytes() == sent.read_bytes()


def test_only_what_changed_is_done_again(examples_out: Path, tmp_path: Path) -> None:
    inbox, out, pack = tmp_path / "inbox", tmp_path / "out", tmp_path / "pack"
    shutil.copytree(EXAMPLES, inbox)
    shutil.copytree(examples_out / "store", out / "store")
    shutil.copytree(bundled()[0], pack)

    def stages(**settings: Any) -> list[tuple[str, int]]:
        runner = HereRunner()
        review(Settings(inbox, out, **settings), runner)
        return runner.stages

    assert stages() == [], "nothing changed"
    force = inbox / "Saltmere Police"
    shutil.copy(force / "Protection Action Workbook.xlsx", force / "Another workbook.xlsx")
    assert stages() == [("Reading documents", 1), ("Naming forces", 1), ("Finding evidence", 1), ("Grading", 1)]
    with (pack / "areas.yaml").open("a", encoding="utf-8") as cues:
        cues.write("\n# a remark\n")
    assert [stage for stage, _ in stages(pack=str(pack))] == ["Naming forces", "Finding evidence", "Grading"], "no document is read again"


def test_two_reviews_never_work_in_one_folder_at_once(tmp_path: Path) -> None:
    (tmp_path / "out" / "store").mkdir(parents=True)
    with alone(tmp_path / "out" / "store"), pytest.raises(OutError, match="Another review is at work"):
        review_here(SALTMERE, tmp_path / "out")


def test_a_zip_and_one_forces_folder_are_inboxes_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inbox.zip", "w") as archive:
        for file in SALTMERE.iterdir():
            archive.write(file, f"round 1/Saltmere Police/{file.name}")
    zipped = review_here(tmp_path / "inbox.zip", tmp_path / "a").matrix
    plain = review_here(SALTMERE, tmp_path / "b").matrix
    assert list(zipped["submissions"]) == list(plain["submissions"])
    assert plain["submissions"][0]["force"] == "Saltmere Police"


@pytest.mark.parametrize("name", ["../outside.pdf", "/outside.pdf", "a/../../outside.pdf", "C:/outside.pdf"])
def test_a_zip_that_points_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "inbox.zip", "w") as archive:
        archive.writestr(name, b"%PDF")
    with pytest.raises(InboxError, match="points outside"):
        review_here(tmp_path / "inbox.zip", tmp_path / "out")
    assert not list(tmp_path.rglob("outside.pdf"))


def test_an_empty_inbox_and_a_missing_one_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InboxError, match=r"is empty\. Put one folder for each force"):
        review_here(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(InboxError, match="no such folder"):
        review_here(tmp_path / "nowhere", tmp_path / "out")


def test_an_out_that_cannot_be_written_stops_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands where the folder should be")
    with pytest.raises(OutError, match="Choose another folder"):
        review_here(SALTMERE, tmp_path / "out")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """One good force, and a force for the test to spoil."""
    shutil.copytree(SALTMERE, tmp_path / "inbox" / "Saltmere Police")
    (tmp_path / "inbox" / "Brayford Police").mkdir()
    return tmp_path / "inbox"


def encrypted_pdf(path: Path) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(next(SALTMERE.glob("*.pdf"))))
    writer.encrypt("a password that nobody told us")
    writer.write(path)


def damaged_pdf(path: Path) -> None:
    path.write_bytes(next(SALTMERE.glob("*.pdf")).read_bytes()[:900])


UNREADABLE = [
    ("plan.pdf", damaged_pdf, "plan.pdf"),
    ("plan.pdf", encrypted_pdf, "password"),
    ("plan.docx", lambda p: p.write_bytes(b"PK\x03\x04 and no more"), "plan.docx"),
    ("plan.pdf", lambda p: p.write_bytes(b""), "empty (zero bytes)"),
    ("plan.wpd", lambda p: p.write_bytes(b"WPC"), "kind .wpd is not read yet. Save it as one of"),
    ("plan", lambda p: p.write_bytes(b"text"), "without suffix is not read yet"),
]


@pytest.mark.parametrize(("name", "make", "says"), UNREADABLE)
def test_a_document_that_cannot_be_read_is_named_everywhere_and_harms_nobody(
    inbox: Path, tmp_path: Path, name: str, make, says: str
) -> None:
    make(inbox / "Brayford Police" / name)
    outcome = review_here(inbox, tmp_path / "out")
    assert outcome.unread == 1
    spoilt = submission(outcome.matrix, "Brayford Police")
    assert spoilt["documents"][0]["file"] == name
    assert spoilt["documents"][0]["pages_read"] == 0
    assert says in problems(spoilt)
    assert spoilt["cells"] == {}, "what nobody could read is no evidence of nothing"
    assert len(submission(outcome.matrix, "Saltmere Police")["cells"]) == 10
    for output in ("report.html", "matrix.json"):
        assert "Brayford Police" in (tmp_path / "out" / output).read_text(encoding="utf-8")
    book = load_workbook(tmp_path / "out" / "matrix.xlsx")
    assert any(name in str(cell.value) for row in book["Documents"].iter_rows() for cell in row)


@pytest.mark.parametrize(("meddle", "told"), [(Path.unlink, "is there no longer"), (Path.touch, ""), (cut, "was changed while")])
def test_a_file_that_goes_away_or_changes_in_mid_run_is_said_so_and_read_next_time(
    inbox: Path, tmp_path: Path, meddle: Callable[[Path], None], told: str
) -> None:
    (inbox / "Brayford Police").rmdir()
    file = next(inbox.rglob("*.pdf"))
    content = file.read_bytes()

    class Meddled(HereRunner):
        def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
            if not self.stages:
                meddle(file)
            return super().each(stage, function, items)

    one = submission(review(Settings(inbox, tmp_path / "out"), Meddled()).matrix, "Saltmere Police")
    assert told in problems(one) and len(one["cells"]) == 10
    file.write_bytes(content)
    again = problems(submission(review_here(inbox, tmp_path / "out").matrix, "Saltmere Police"))
    assert "no longer" not in again and "was changed" not in again


def test_a_folder_without_documents_is_named(inbox: Path, tmp_path: Path) -> None:
    one = submission(review_here(inbox, tmp_path / "out").matrix, "Brayford Police")
    assert "the folder holds no documents" in problems(one)


def test_a_force_with_one_document_is_reviewed_and_said_so(inbox: Path, tmp_path: Path) -> None:
    file = WordFile()
    file.add_heading("Brayford Police: protective services improvement plan", 0)
    file.add_heading("Roads policing", 1)
    file.add_paragraph("Superintendent Hale will fit six motorway cars with ANPR by March 2009, our first priority.")
    file.save(str(inbox / "Brayford Police" / "psip.docx"))
    outcome = review_here(inbox, tmp_path / "out")
    one = submission(outcome.matrix, "Brayford Police")
    assert outcome.unread == 0
    assert "only one document could be reviewed" in problems(one)
    assert one["cells"]["roads_policing"]["prioritisation"]["grade"] >= 1


def test_two_folders_that_claim_one_force_are_kept_apart_and_said_so(inbox: Path, tmp_path: Path) -> None:
    (inbox / "Brayford Police").rmdir()
    shutil.copytree(SALTMERE, inbox / "second copy")
    matrix = review_here(inbox, tmp_path / "out").matrix
    names = [s["force"] for s in matrix["submissions"]]
    assert names == ["Saltmere Police (Saltmere Police)", "Saltmere Police (second copy)"]
    assert all("reviewed apart" in problems(s) for s in matrix["submissions"])


def test_a_plan_of_another_force_in_the_folder_is_named(inbox: Path, tmp_path: Path) -> None:
    (inbox / "Brayford Police").rmdir()
    strange = next(SALTMERE.glob("*PSIP*.docx"))
    shutil.rmtree(inbox / "Saltmere Police", ignore_errors=True)
    shutil.copytree(EXAMPLES / "Greyholm Constabulary", inbox / "Greyholm Constabulary", dirs_exist_ok=True)
    shutil.copy(strange, inbox / "Greyholm Constabulary" / strange.name)
    one = submission(review_here(inbox, tmp_path / "out").matrix, "Greyholm Constabulary")
    told = [p for p in problems(one).splitlines() if "is judged as" in p]
    assert len(told) == 1 and told[0].startswith(f"{strange.name}: names Saltmere Police and never Greyholm Constabulary")


def test_a_manifest_states_what_the_documents_do_not(inbox: Path, tmp_path: Path) -> None:
    shutil.copy(next(SALTMERE.glob("*.docx")), inbox / "Brayford Police" / "psip.docx")
    manifest = "force: Brayford Police\ndocuments:\n  psip.docx: {kind: supporting, marking: CONFIDENTIAL}\n  lost.pdf: {kind: psip}\n"
    (inbox / "Brayford Police" / "submission.yaml").write_text(manifest)
    one = submission(review_here(inbox, tmp_path / "out").matrix, "Brayford Police")
    assert (one["documents"][0]["kind"], one["documents"][0]["marking"]) == ("supporting", "CONFIDENTIAL")
    assert "'lost.pdf', which is not in the folder" in problems(one)


@pytest.mark.parametrize("text", ["forces: Brayford Police", "force: [", "- a list"])
def test_a_wrong_manifest_is_reported_and_not_used(inbox: Path, tmp_path: Path, text: str) -> None:
    shutil.copy(next(SALTMERE.glob("*.docx")), inbox / "Brayford Police")
    (inbox / "Brayford Police" / "submission.yaml").write_text(text)
    matrix = review_here(inbox, tmp_path / "out").matrix
    spoilt = next(s for s in matrix["submissions"] if s["folder"] == "Brayford Police")
    assert "submission.yaml" in problems(spoilt) and spoilt["cells"]


def test_loose_files_and_links_are_reported_not_ignored(inbox: Path, tmp_path: Path) -> None:
    shutil.copy(next(SALTMERE.glob("*.docx")), inbox / "stray.docx")
    (inbox / "Brayford Police" / "plan.pdf").symlink_to(next(SALTMERE.glob("*.pdf")))
    outcome = review_here(inbox, tmp_path / "out")
    assert any("stray.docx" in p and "belongs to no force" in p for p in outcome.matrix["problems"])
    spoilt = next(s for s in outcome.matrix["submissions"] if s["folder"] == "Brayford Police")
    assert "links are not followed" in problems(spoilt)


def test_a_long_plan_is_read_to_its_end(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    (tmp_path / "inbox" / "Brayford Police").mkdir(parents=True)
    canvas = Canvas(str(tmp_path / "inbox" / "Brayford Police" / "plan.pdf"))
    for number in range(1, 301):
        canvas.drawString(72, 700, f"Page {number} of the long plan of Brayford Police tells of ordinary things.")
        if number == 300:
            canvas.drawString(72, 640, "Missing persons: we will train eight search advisers by March 2009.")
        canvas.showPage()
    canvas.save()
    outcome = review_here(tmp_path / "inbox", tmp_path / "out")
    (document,) = outcome.matrix["submissions"][0]["documents"]
    assert (document["pages"], document["pages_read"]) == (300, 300)
    cells = outcome.matrix["submissions"][0]["cells"]["missing_persons"]
    assert any(e["page"] == 300 for cell in cells.values() for e in cell["evidence"])


def test_another_pack_is_reviewed_by_the_same_code(tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "Brayford"
    folder.mkdir(parents=True)
    (folder / "plan.txt").write_text(
        "LIGHTING PLAN\n\nLAMPS\n\nWe will replace 40 lamps by 2010 because they flicker. The lamps cost £9,000.\n\n"
        "CABLES\n\nThe cables are old.\n\nPUBLIC\n"
    )
    matrix = review_here(tmp_path / "inbox", tmp_path / "out", pack=str(STREET)).matrix
    (one,) = matrix["submissions"]
    assert {area: list(row) for area, row in one["cells"].items()} == {a: ["renewal", "money"] for a in ("lamps", "cables", "controls")}
    assert one["cells"]["lamps"]["renewal"]["grade"] == 3
    assert one["cells"]["lamps"]["money"]["grade"] == 2
    assert one["cells"]["controls"]["renewal"]["grade"] == 0
    assert one["area_grades"]["lamps"] == 2, "this pack's roll-up is the lowest cell"
    assert matrix["pack"]["id"] == "street-lighting"
    assert (tmp_path / "out" / "report.html").is_file() and (tmp_path / "out" / "matrix.xlsx").is_file()


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import extractors.read

    class Stopped(HereRunner):
        def each(self, stage, function, items):
            if stage == "Finding evidence":
                raise KeyboardInterrupt
            return super().each(stage, function, items)

    with pytest.raises(KeyboardInterrupt):
        review(Settings(SALTMERE, tmp_path / "out"), Stopped())
    monkeypatch.setattr(extractors.read, "read_document", lambda *a: pytest.fail("a finished document was read again"))
    review_here(SALTMERE, tmp_path / "out")
    monkeypatch.undo()
    review_here(SALTMERE, tmp_path / "undisturbed")
    assert (tmp_path / "out" / "matrix.json").read_bytes() == (tmp_path / "undisturbed" / "matrix.json").read_bytes()


def test_a_submission_that_cannot_be_judged_is_named_and_ends_no_batch(inbox: Path, tmp_path: Path) -> None:
    from pipeline.pool import Stopped
    from pipeline.review import Settings, review

    class OneFails(HereRunner):
        def each(self, stage, function, items):
            if stage != "Grading":
                return super().each(stage, function, items)
            spoilt = Stopped("error", "the program made an error over it (ZeroDivisionError: a fault of ours)")
            return [spoilt if item.case.submission.folder == "Brayford Police" else function(item) for item in items]

    shutil.copy(next(SALTMERE.glob("*.docx")), inbox / "Brayford Police" / "psip.docx")
    outcome = review(Settings(inbox, tmp_path / "out"), OneFails())
    assert outcome.unread == 1
    spoilt, sound = outcome.matrix["submissions"]
    assert "could not be judged" in problems(spoilt) and "ZeroDivisionError: a fault of ours" in problems(spoilt)
    assert spoilt["cells"] == {}
    assert sound["folder"] == "Saltmere Police" and len(sound["cells"]) == 10


def test_a_document_whose_evidence_could_not_be_looked_for_is_named_and_tried_again(inbox: Path, tmp_path: Path) -> None:
    from pipeline.pool import Stopped
    from pipeline.review import Settings, review

    class NoneFound(HereRunner):
        def each(self, stage, function, items):
            return (
                [Stopped("time", "it took more than 60 minutes")] if stage == "Finding evidence" else super().each(stage, function, items)
            )

    shutil.rmtree(inbox / "Saltmere Police")
    shutil.copy(next(SALTMERE.glob("*.docx")), inbox / "Brayford Police" / "psip.docx")
    outcome = review(Settings(inbox, tmp_path / "out"), NoneFound())
    (one,) = outcome.matrix["submissions"]
    assert outcome.unread == 1 and one["cells"] == {}, "what nobody could judge is no evidence of nothing"
    assert "psip.docx: was given up: it took more than 60 minutes." in problems(one)
    outcome = review_here(inbox, tmp_path / "out")
    assert outcome.unread == 0 and len(outcome.matrix["submissions"][0]["cells"]) == 10
