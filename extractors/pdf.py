"""Reads a PDF: pdfium for speed, pdfplumber for the pages that need it, a Problem for those that cannot be read."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from extractors import passwords, pdf_plumber, pdf_words, progress
from extractors.archives import unread
from extractors.clean import clean
from extractors.document import Extract, Problem
from extractors.ocr import drawing_scale
from extractors.pdf_annotations import open_page
from extractors.pdf_content import PageContent
from extractors.pdf_pages import BAD_PAGE, MOST_TITLE, Reading, Run, assemble, attempt, lay_out_pages
from extractors.scans import Doubt, Outcome, doubt, look_again

_POOR_TITLE: Final = re.compile(
    r"untitled|microsoft (?:word|powerpoint|excel)|\(anonymous\)|document\d*$|[^ ]*\.(?:docx?|pdf|rtf|xlsx?|pptx?|indd|qxd)$"
    r"|slide \d+|powerpoint presentation|none$",
    re.IGNORECASE,
)

_BROKEN: Final = "Ask the force for the file again, or open it in a PDF reader and save it anew."
_ATTACHED: Final = "Save what is attached in a PDF reader and add it as a document of its own."
_TOO_LONG: Final = "Check that the right file was sent; split it if it was."

MOST_PAGES: Final = 10_000
"""Pages that a PDF may have: no force's plan comes near, and a file may claim any number."""

STRETCH: Final = 100
"""Pages that are laid out together: running heads are told across them, and no more pages' words are held at a time."""


def read_pdf(path: Path, name: str, keys: Sequence[str] = ()) -> Extract:
    """Reads a PDF; `name` is what problems call it, `keys` are passwords to try. Never raises for what is in the file."""
    reading = Reading(name)
    try:
        empty = path.stat().st_size == 0
    except OSError as error:
        return _failed(name, f"could not be opened: {error.strerror}.", "Check that the file is there and may be read.")
    if empty:
        return _failed(name, "is empty (0 bytes).", _BROKEN)
    opened = _open(path, keys)
    if isinstance(opened, str):
        if "password" in opened.lower():
            return unread(name, f"The file is protected by a password{passwords.tried(keys)}.", passwords.REMEDY, "skipped")
        return _failed(name, "is damaged or is not a PDF.", _BROKEN)
    document, key = opened
    try:
        count = len(document)
        if count == 0:
            return _failed(name, "has no pages.", _BROKEN)
        if count > MOST_PAGES:
            return _failed(name, f"says that it has {count:,} pages; at most {MOST_PAGES:,} are read.", _TOO_LONG, count)
        title = _metadata_title(document)
        attempt(
            document.init_forms
        )  # so that pdfium draws fields that leave it to the viewer; without JavaScript, which it was not built with
        reading.problems += _beside_pages(document, name)
        runs: list[Run] = []
        with _Plumber(path, key) as plumber:
            for stretch in _stretches(count):
                with _uncollected():
                    for index in stretch:
                        progress.step(index + 1, count)
                        _read_one(document, index, plumber, reading)
                    runs += lay_out_pages(reading, reading.pages[stretch.start :])
    finally:
        document.close()
    if reading.scans and reading.scans[0].page == 1:
        title = ""  # it is the scanner's, not the document's
    with _uncollected():
        return assemble(reading, runs, count, title)


def _beside_pages(document: pdfium.PdfDocument, name: str) -> Iterator[Problem]:
    """What a PDF holds that stands on no page."""
    if count := raw.FPDFDoc_GetAttachmentCount(document.raw):
        held = "1 file is" if count == 1 else f"{count} files are"
        yield Problem(name, f"{held} attached to this PDF and not read.", _ATTACHED, outcome="flagged")
    if document.get_formtype() == raw.FORMTYPE_XFA_FULL:
        message = "This PDF is a form (XFA) whose contents only Adobe's own programs show; what stands on its pages may be a notice."
        yield Problem(name, message, "Print it to PDF in Adobe Reader and add that.", outcome="flagged")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: words are in none, and looking through them all again and again took a tenth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _failed(name: str, message: str, remedy: str, pages: int = 0) -> Extract:
    found = unread(name, f"The file {message}", remedy)
    return replace(found, pages=pages, pages_known=True) if pages else found


def _open(path: Path, keys: Sequence[str]) -> tuple[pdfium.PdfDocument, str | None] | str:
    """The document and the password that opened it, or what pdfium said."""
    said = ""
    for key in dict.fromkeys((None, "", *keys)):
        try:
            return pdfium.PdfDocument(path, password=key), key
        except (pdfium.PdfiumError, OSError, ValueError) as error:
            said = str(error)
            if "password" not in said.lower():
                return said or "unknown"
    return said


class _Plumber:
    """The same file in pdfplumber, opened only if some page needs it."""

    def __init__(self, path: Path, password: str | None) -> None:
        self._path, self._password = path, password
        self._pdf: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pdf is not None:
            attempt(self._pdf.close)

    def page(self, index: int) -> Any:
        if self._pdf is None:
            import pdfplumber

            self._pdf = pdfplumber.open(self._path, password=self._password or "")
        return self._pdf.pages[index]


def _read_one(document: pdfium.PdfDocument, index: int, plumber: _Plumber, reading: Reading) -> None:
    """Reads one page by the first reader that can, and takes note if none can."""

    def by_pdfium() -> PageContent:
        page, remarks = open_page(document, index)
        if any(remark.kind == "file" for remark in remarks):
            reading.problems.append(Problem(reading.name, "A file is attached to the page and not read.", _ATTACHED, index + 1, "flagged"))
        try:
            return pdf_words.read_page(page, index + 1, reading.styles, remarks)
        finally:
            page.close()

    def by_plumber() -> PageContent:
        page = plumber.page(index)
        try:
            return pdf_plumber.read_page(page, index + 1, reading.styles)
        finally:
            page.close()

    content = attempt(by_pdfium)
    if content is None:
        content = attempt(by_plumber)
    if content is None:
        reading.problem("The page could not be read.", BAD_PAGE, index + 1)
        content = PageContent(index + 1, 595.0, 842.0, failed=True)
    why = Doubt.NONE if content.failed else doubt(content)
    outcome = attempt(partial(_by_ocr, document, content, why, reading)) if why else Outcome(content)
    if outcome is None:
        reading.problem(f"The page {why}, and it could not be drawn for OCR.", BAD_PAGE, index + 1)
    reading.add(outcome or Outcome(content))


def _by_ocr(document: pdfium.PdfDocument, content: PageContent, why: Doubt, reading: Reading) -> Outcome:
    page = document[content.number - 1]
    try:
        size = page.get_size()

        def draw() -> Image.Image:
            picture: Image.Image = page.render(scale=drawing_scale(size), grayscale=True).to_pil()
            return picture

        return look_again(content, why, draw, size, reading.styles, reading.name)
    finally:
        page.close()


def _stretches(count: int) -> Iterator[range]:
    """The pages' numbers in equal parts of at most STRETCH."""
    parts = -(-count // STRETCH)
    for part in range(parts):
        yield range(count * part // parts, count * (part + 1) // parts)


def _metadata_title(document: pdfium.PdfDocument) -> str:
    try:
        title = document.get_metadata_value("Title").strip()
    except (pdfium.PdfiumError, ValueError):
        return ""
    if len(title) < 4 or _POOR_TITLE.match(title):
        return ""
    return clean(title).text[:MOST_TITLE]
