"""The page itself, beside a cell or alone: a picture with the words marked, a sheet as a grid, or running text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from extractors.document import Document
from pipeline.drawing import DRAWN, NoDrawing
from pipeline.markings import recorded
from workbench import papers
from workbench.bench import Bench, Paper
from workbench.pages.common import Who
from workbench.pages.shelf import note
from workbench.papers import Range
from workbench.pictures import page_size

AROUND: Final = 25
"""Passages of running text shown before and after the evidence, when the whole document is not asked for."""
_NOT_KEPT: Final = "The file itself is not kept, so its text is shown instead. Run the review again to keep the files."
_NOT_DRAWN: Final = "The page cannot be drawn, so its text is shown instead."


def pane(
    bench: Bench, who: Who, slug: str, paper: Paper, *,
    page: int | None = None, now: Sequence[Range] = (), others: Sequence[Range] = (), whole: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What pane.html shows of a document that is open to the person; their look is recorded where it is restricted."""
    view: dict[str, Any] = {
        "path": f"/paper/{slug}/{paper.version.version}/{paper.position}", "file": paper.file, "marking": paper.marking,
        "position": paper.position, "recorded": recorded(paper.marking), "whole": whole, "missing": "", "size": None, "sheets": (),
        "flow": (), "page": None, "turn": "", "pages": paper.pages,
    }  # fmt: skip
    document = bench.text(paper)
    if document is None:
        return view | {"missing": "What was read from this document is no longer kept. Run the review again."}
    content = _content(bench, paper, document, page, now, others, whole)
    note(bench, who, [paper], f"page {content['page']}" if content.get("page") else "sheets" if "sheets" in content else "text")
    return view | content


def _content(
    bench: Bench, paper: Paper, document: Document, page: int | None, now: Sequence[Range], others: Sequence[Range], whole: bool
) -> dict[str, Any]:
    if any(place.sheet for passage in document.passages for place in passage.places):
        grids = papers.sheets(document, now)
        marked = [grid for grid in grids if grid.marked]
        return {"sheets": grids if whole or not marked else marked}
    if paper.file.lower().endswith(DRAWN) or any(place.box for passage in document.passages for place in passage.places):
        number = min(max(1, page or next((papers.page_of(document, r) for r in now), 1) or 1), max(1, paper.pages))
        return {"page": number} | _picture(bench, paper, document, number, now, others)
    return {"flow": _flow(document, now, others, whole), "page": None}


def _picture(bench: Bench, paper: Paper, document: Document, page: int, now: Sequence[Range], others: Sequence[Range]) -> dict[str, Any]:
    original = bench.original(paper)
    if not original.exists():
        return {"missing": _NOT_KEPT, "flow": _page_text(document, page, now)}
    try:
        return {
            "size": page_size(original, page),
            "lines": papers.lines(document, page),
            "now": papers.boxes(original, document, page, now),
            "hits": papers.boxes(original, document, page, others),
        }
    except NoDrawing:
        return {"missing": _NOT_DRAWN, "flow": _page_text(document, page, now)}


def _page_text(document: Document, page: int, now: Sequence[Range]) -> list[tuple[str, list[papers.Piece], bool]]:
    return [_paragraph(p, now, ()) for p in document.passages if any(place.page == page for place in p.places)]


def _flow(document: Document, now: Sequence[Range], others: Sequence[Range], whole: bool) -> list[tuple[str, list[papers.Piece], bool]]:
    """Kind, text in marked and unmarked pieces, and whether the evidence stands in it: passage by passage."""
    shown = list(document.passages)
    at = next((i for i, p in enumerate(shown) if any(a < p.end and p.start < b for a, b in now)), 0)
    if not whole:
        shown = shown[max(0, at - AROUND) : at + AROUND + 1]
    return [_paragraph(p, now, others) for p in shown]


def _paragraph(passage: Any, now: Sequence[Range], others: Sequence[Range]) -> tuple[str, list[papers.Piece], bool]:
    here = any(a < passage.end and passage.start < b for a, b in now)
    return passage.kind, papers.pieces(passage, [*now, *others]), here
