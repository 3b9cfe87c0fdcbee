"""What a reader of the page would notice."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.marking import highest_marking
from pipeline.report import write_report
from pipeline.words import marked, percent
from tests.pipeline.matrix_example import FORMULA, SHARED, looks_at_each, matrix_example

VOID = {"meta", "br", "input", "link", "img"}


class Page(HTMLParser):
    """The elements of a page with their attributes and whole text, in order; refuses unbalanced mark-up."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[dict[str, Any]] = []
        self._open: list[dict[str, Any]] = []
        self.feed(source)
        assert not self._open, self._open[-1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element: dict[str, Any] = {"tag": tag, **dict(attrs), "text": ""}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()["tag"] == tag, f"unbalanced </{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element["text"] += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, Any]]:
        return [e for e in self.elements if e["tag"] == tag and all(e.get(k) == v for k, v in wanted.items())]

    def by_id(self, identifier: str) -> dict[str, Any]:
        return next(e for e in self.elements if e.get("id") == identifier)


def source_of(matrix: dict[str, Any], folder: Path) -> str:
    write_report(matrix, folder / "report.html")
    assert [p.name for p in folder.iterdir()] == ["report.html"]
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> str:
    return source_of(matrix_example(), tmp_path)


@pytest.fixture
def page(source: str) -> Page:
    return Page(source)


def test_says_that_it_is_provisional_and_how_it_is_marked(page: Page) -> None:
    assert page.all("h1")[0]["text"] == "Provisional compliance matrix"
    assert "No grade stands until a reviewer has accepted it" in page.all("main")[0]["text"]
    assert [e["text"] for e in page.elements if e.get("class") == "mark"] == ["RESTRICTED", "RESTRICTED"]
    assert "1 document bears no protective marking that could be read" in page.all("main")[0]["text"]


def test_every_cell_shows_letter_name_and_confidence_and_leads_to_its_evidence(page: Page) -> None:
    cells = [a for a in page.all("a") if a.get("class", "").startswith("c g")]
    assert len(cells) == 6
    assert cells[0]["text"] == "M Meets standard, confidence 84%"
    detail = page.by_id(cells[0]["href"][1:])["text"]
    assert "Roads policing: Plans to address the service" in detail
    assert "eskdale_plan.pdf, page 4 under Action plan › Roads policing" in detail
    assert "Action (required): found, 97%" in detail and "Sequencing: not found, 10%" in detail
    assert "Meets standard84%" in detail and "No evidence5%" in detail


def test_a_cell_without_evidence_says_what_is_missing(page: Page) -> None:
    detail = page.by_id("f1-3-1")["text"]
    assert "Missing, required: action; owner." in detail
    assert "Nothing bears on it." in detail and "No passage was found" in detail
    assert "No evidence, 99% confidence" in " ".join(detail.split())


def test_a_quote_stands_once_with_its_highlights(page: Page, source: str) -> None:
    assert source.count(SHARED.split(" boards ")[0]) == 1
    assert [e["text"] for e in page.all("mark")] == ["ANPR", "owner: Supt", "boards"]
    in_order = page.by_id("f1-2-2")["text"]
    assert "Boards!B7" in in_order and "not for this area alone" in in_order
    assert page.all("li", **{"data-h": "0-3"}), "another cell may highlight other words of the same quote"


def test_an_unreadable_force_stays_with_its_problem(page: Page) -> None:
    force = page.by_id("f2")["text"]
    assert "This submission could not be graded." in force
    assert "No document could be read." in force and "The file is encrypted." in force
    row = next(e["text"] for e in page.all("tr") if e["text"].startswith("@Eskdale"))
    assert "Not assessed02" in row and row.count("not graded") == 3
    assert "The folder 'loose' holds no document." in page.all("main")[0]["text"]


def test_governance_orientation_partners_and_alerts_are_shown(page: Page) -> None:
    force = page.by_id("f1")["text"]
    assert "Strategic group chaired by a chief officerYes“Chaired by the ACC.” eskdale_plan.pdf, page 2" in force
    assert "Dedicated fundingNoNone found" in force
    assert "External" in force and "Calderbrook Police" in force and "high need, area grade Insufficient" in force


def test_hostile_text_is_only_text(page: Page, source: str) -> None:
    assert len(page.all("script")) == 1
    assert "alert(" not in page.all("script")[0]["text"]
    assert "&lt;script&gt;" in source and "\x07" not in source
    assert FORMULA in page.by_id("f1")["text"]


def test_nothing_comes_from_the_network(page: Page, source: str) -> None:
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    assert not [e for e in page.elements if e["tag"] in ("link", "img", "iframe") or e.get("src")]
    assert not re.search(r"url\(|@import", page.all("style")[0]["text"])
    assert "style=" not in source.split("</style>")[1].split("<script>")[0], "the policy would refuse it"


def test_page_is_put_together_for_assistive_technology(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en-GB"
    ids = [e["id"] for e in page.elements if e.get("id")]
    assert len(ids) == len(set(ids))
    links = [e["href"][1:] for e in page.all("a")]
    assert set(links) <= set(ids)
    assert all(e.get("scope") in ("row", "col") for e in page.all("th"))
    labels = {e["for"] for e in page.all("label")}
    assert all(e["id"] in labels for e in page.all("select") + page.all("input"))
    levels = [int(e["tag"][1]) for e in page.elements if re.fullmatch("h[1-6]", e["tag"])]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_reads_the_bare_format_too(tmp_path: Path) -> None:
    matrix = matrix_example()
    for name in ("grades", "areas", "criteria", "model", "problems"):
        del matrix[name]
    for submission in matrix["submissions"]:
        for name in ("folder", "problems", "governance_names", "governance_evidence"):
            submission.pop(name, None)
    page = Page(source_of(matrix, tmp_path))
    assert len([a for a in page.all("a") if a.get("class", "").startswith("c g")]) == 6
    assert "Acpo group" in page.by_id("f1")["text"]
    assert "The file is encrypted." in page.by_id("f2")["text"]


def test_no_submissions_still_make_a_page(tmp_path: Path) -> None:
    assert "Area grades, 0 submissions" in source_of({"format": "readacross-matrix/1", "submissions": []}, tmp_path)


def test_a_large_review_stays_small_enough(tmp_path: Path) -> None:
    matrix = matrix_example()
    matrix["submissions"] = [matrix["submissions"][0]] * 43
    assert len(source_of(matrix, tmp_path)) / (43 * 6) < 5_000, "43 forces x 70 cells must stay below 15 MB"


@pytest.mark.parametrize(
    ("markings", "highest"),
    [
        (["RESTRICTED", "CONFIDENTIAL", "NOT PROTECTIVELY MARKED"], "CONFIDENTIAL"),
        (["Official", "official - sensitive"], "OFFICIAL - SENSITIVE"),
        (["SECRET", "TOP SECRET"], "TOP SECRET"),
        (["RESTRICTED - POLICY", "PROTECT"], "RESTRICTED - POLICY"),
        (["RESTRICTED", "EYES ONLY"], "EYES ONLY"),
        ([None, ""], "NO PROTECTIVE MARKING FOUND"),
    ],
)
def test_highest_marking(markings: list[str | None], highest: str) -> None:
    assert highest_marking({"submissions": [{"documents": [{"marking": m} for m in markings]}]}) == highest


def test_per_cents_never_claim_more_than_is_known() -> None:
    shares = (0.997, 1.0, 0.002, 0.0, 0.845, None, float("nan"))
    assert [percent(s) for s in shares] == ["99%", "100%", "<1%", "0%", "85%", "not known", "not known"]


def test_highlights_may_overlap_or_run_over_the_end() -> None:
    assert marked("abcdef", [[3, 99], [1, 2], [1, 4]]) == [
        ("a", False), ("b", True), ("cd", True), ("ef", True),
    ]  # fmt: skip


def test_a_larger_round_has_no_entry_read_more_often(tmp_path: Path) -> None:
    few, many = (looks_at_each(write_report, tmp_path / "out", forces) for forces in (4, 12))
    assert many <= few
