"""Reads a PDF into blocks: pdfium for speed, pdfplumber for the pages that need it, a Problem for those that cannot be read.

The order of work: words and rulings of each page; ruled tables; running heads and feet (told across pages); tables by
alignment; reading order; paragraphs and headings; continued tables joined; repairs to the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import pypdfium2 as pdfium
from PIL import Image

from extractors import passwords, pdf_plumber, pdf_words, progress
from extractors.clean import Vocabulary, build_vocabulary, clean, is_suspect
from extractors.document import CELL_BREAK, Block, Box, Extract, Place, Problem, Scan
from extractors.ocr import drawing_scale, settle_sizes
from extractors.pdf_aligned import Heads, find_aligned
from extractors.pdf_annotations import open_page
from extractors.pdf_blocks import drafts_of, find_notes, join_broken
from extractors.pdf_headings import find_numbered, rank
from extractors.pdf_layout import Gutter, Leaf, Piece, pieces_of, read_layout
from extractors.pdf_lines import Body, Draft, Line, make_line, measure_body
from extractors.pdf_running import split_running
from extractors.pdf_stitch import FullTable, Part, stitch
from extractors.pdf_tables import PageTable, Table, find_ruled
from extractors.pdf_tagged import find_tagged, tags_hold
from extractors.pdf_words import PageContent, Styles
from extractors.scans import Doubt, Outcome, doubt, look_again

MOST_TITLE: Final = 200
"""Characters in a title."""

_POOR_TITLE: Final = re.compile(
    r"untitled|microsoft (?:word|powerpoint|excel)|\(anonymous\)|document\d*$|[^ ]*\.(?:docx?|pdf|rtf|xlsx?|pptx?|indd|qxd)$"
    r"|slide \d+|powerpoint presentation|none$",
    re.IGNORECASE,
)

_PROTECTED: Final = (
    f"Write its password on a line of its own into a file {passwords.FILE} in the force's folder (not in a zip) and run the "
    "same command again, or ask the force for an unprotected copy."
)
_BROKEN: Final = "Ask the force for the file again, or open it in a PDF reader and save it anew."
_TOO_LONG: Final = "Check that the right file was sent; split it if it was."
_BAD_PAGE: Final = "Open the page in a PDF reader and print it to a new PDF, or ask the force for the original document."


MOST_PAGES: Final = 10_000
"""Pages that a PDF may have: no force's plan comes near, and a file may claim any number."""

STRETCH: Final = 100
"""Pages that are laid out together: running heads are told across them, and no more pages' words are held at a time."""

Run = tuple[list[Line] | PageTable, bool]
"""Lines or a table, and whether they stand beside the main text."""

_T = TypeVar("_T")


@dataclass(slots=True)
class Reading:
    """What is gathered while a file is read."""

    name: str
    styles: Styles = field(default_factory=Styles)
    pages: list[PageContent] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    heads: set[Heads] = field(default_factory=set)
    """The column headings of the tables without rulings so far."""
    gutters: list[Gutter] = field(default_factory=list)
    """The white between columns on the pages so far, the last first."""

    def problem(self, message: str, remedy: str, page: int | None = None) -> None:
        self.problems.append(Problem(self.name, message, remedy, page))

    def add(self, outcome: Outcome) -> None:
        self.pages.append(outcome.content)
        self.scans += [outcome.scan] if outcome.scan else []
        self.problems += [outcome.problem] if outcome.problem else []


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
            tried = f", and none in {passwords.FILE} opens it" if keys else ""
            problem = Problem(name, f"The file is protected by a password{tried}.", _PROTECTED, outcome="skipped")
            return Extract((), 0, 0, problems=(problem,))
        return _failed(name, "is damaged or is not a PDF.", _BROKEN)
    document, key = opened
    try:
        count = len(document)
        if count == 0:
            return _failed(name, "has no pages.", _BROKEN)
        if count > MOST_PAGES:
            return _failed(name, f"says that it has {count:,} pages; at most {MOST_PAGES:,} are read.", _TOO_LONG, count)
        title = _metadata_title(document)
        runs: list[Run] = []
        with _Plumber(path, key) as plumber:
            for stretch in _stretches(count):
                for index in stretch:
                    progress.step(index + 1, count)
                    _read_one(document, index, plumber, reading)
                runs += lay_out_pages(reading, reading.pages[stretch.start :])
    finally:
        document.close()
    if reading.scans and reading.scans[0].page == 1:
        title = ""  # it is the scanner's, not the document's
    return assemble(reading, runs, count, title)


def _failed(name: str, message: str, remedy: str, pages: int = 0) -> Extract:
    return Extract((), pages, 0, problems=(Problem(name, f"The file {message}", remedy),))


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
            _attempt(self._pdf.close)

    def page(self, index: int) -> Any:
        if self._pdf is None:
            import pdfplumber

            self._pdf = pdfplumber.open(self._path, password=self._password or "")
        return self._pdf.pages[index]


def _read_one(document: pdfium.PdfDocument, index: int, plumber: _Plumber, reading: Reading) -> None:
    """Reads one page by the first reader that can, and takes note if none can."""

    def by_pdfium() -> PageContent:
        page, remarks = open_page(document, index)
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

    content = _attempt(by_pdfium)
    if content is None:
        content = _attempt(by_plumber)
    if content is None:
        reading.problem("The page could not be read.", _BAD_PAGE, index + 1)
        content = PageContent(index + 1, 595.0, 842.0, failed=True)
    why = Doubt.NONE if content.failed else doubt(content)
    outcome = _attempt(partial(_by_ocr, document, content, why, reading)) if why else Outcome(content)
    if outcome is None:
        reading.problem(f"The page {why}, and it could not be drawn for OCR.", _BAD_PAGE, index + 1)
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


def _attempt(read: Callable[[], _T]) -> _T | None:
    """What a reader gives, or None: damaged pages make the libraries raise almost anything."""
    try:
        return read()
    except Exception:
        return None


def _stretches(count: int) -> Iterator[range]:
    """The pages' numbers in equal parts of at most STRETCH."""
    parts = -(-count // STRETCH)
    for part in range(parts):
        yield range(count * part // parts, count * (part + 1) // parts)


def lay_out_pages(reading: Reading, pages: Sequence[PageContent]) -> list[Run]:
    """Lines and tables of some pages in reading order, without running heads and feet; their words are then let go."""
    settle_sizes(reading.styles, pages)
    styles = reading.styles.all
    ruled: list[list[Table]] = []
    pieces: list[list[Piece]] = []
    tagged = tags_hold(pages)
    for page in pages:
        progress.step(page.number)
        tables, words = _attempt(partial(find_ruled, page, styles)) or ([], page.words)
        if tagged:
            more, words = _attempt(partial(find_tagged, page, words, styles)) or ([], words)
            tables += more
        ruled.append(tables)
        pieces.append(pieces_of(words))
    bodies, running = split_running(pieces, [page.height for page in pages])
    reading.running += (text for text in running if text not in reading.running)
    runs: list[Run] = []
    for page, tables, kept in zip(pages, ruled, bodies, strict=False):
        progress.step(page.number)
        leaves = _attempt(partial(_lay_out, page, kept, tables, reading))
        if leaves is None:
            reading.problem("The layout of the page could not be understood.", _BAD_PAGE, page.number)
        for leaf in leaves or ():
            lines: list[Line] = []
            for row in leaf.rows:
                if isinstance(row, Table):
                    runs += [(lines, leaf.side), (PageTable(row, page.number), leaf.side)]
                    lines = []
                else:
                    lines.append(make_line(row, page.number, styles, page.tags if tagged else {}))
            runs.append((lines, leaf.side))
        page.words, page.edges, page.rects, page.tags = [], [], [], {}
    return runs


def assemble(reading: Reading, runs: Sequence[Run], count: int, title: str) -> Extract:
    """The blocks of the pages that were gathered, and the ledger of the `count` pages that there are."""
    heights = [page.height for page in reading.pages]
    body = measure_body([run for run, _ in runs if isinstance(run, list)])
    items = _items(runs, body)
    find_notes(items, body)
    find_numbered(items)
    rank([item for item in items if isinstance(item, Draft) and item.kind == "heading"])
    whole = stitch(join_broken(items), heights)
    vocabulary = _vocabulary(whole)
    ways = {page.number: page.place for page in reading.pages if page.place}
    blocks = tuple(_on_pages(block, ways) for block in (*_blocks(whole, vocabulary), *_remarks(reading.pages)))
    problems = tuple(sorted(reading.problems, key=lambda p: p.page or 0))
    read = count - len({p.page for p in problems if p.outcome != "flagged"})
    heads = tuple(clean(text, vocabulary).text for text in reading.running)
    return Extract(blocks, count, read, title or _largest(whole, vocabulary), heads, problems, tuple(reading.scans))


def _on_pages(block: Block, ways: Mapping[int, Callable[[Box], Box]]) -> Block:
    """The block with its boxes where they are on the visible page: scans are laid out turned and straightened."""
    if not any(place.page in ways for place in block.places):
        return block
    places = (replace(p, box=ways[p.page](p.box)) if p.page and p.box and p.page in ways else p for p in block.places)
    return replace(block, places=tuple(places))


def _lay_out(page: PageContent, pieces: list[Piece], tables: list[Table], reading: Reading) -> list[Leaf]:
    aligned, rest = find_aligned(page, pieces, reading.styles.all, reading.heads)
    return read_layout(page, rest, [*tables, *aligned], reading.gutters)


def _items(runs: Sequence[Run], body: Body) -> list[Draft | PageTable]:
    items: list[Draft | PageTable] = []
    for (run, side), (after, _) in pairwise([*runs, ([], False)]):
        if isinstance(run, PageTable):
            items.append(run)
        else:
            items += drafts_of(run, side, body, isinstance(after, PageTable))
    return items


def _vocabulary(items: Sequence[Draft | FullTable]) -> Vocabulary:
    """The document's own words; empty when nothing in it needs repair."""
    texts: list[str] = []
    for item in items:
        if isinstance(item, Draft):
            texts.append("\n".join(item.texts))
        else:
            texts += ("\n".join(p.text for p in cell) for row in item.rows for cell in row)
    whole = "\n\n".join(texts)
    return build_vocabulary(whole) if any(map(is_suspect, texts)) else {}


def _blocks(items: Sequence[Draft | FullTable], vocabulary: Vocabulary) -> Iterator[Block]:
    table = 0
    for item in items:
        if isinstance(item, Draft):
            block = _text_block(item, vocabulary)
            if block.text:
                yield block
        else:
            table += 1
            columns = tuple(clean(name, vocabulary).text for name in item.columns)
            for row in item.rows:
                yield _row_block(row, columns, table, vocabulary)


def _text_block(draft: Draft, vocabulary: Vocabulary) -> Block:
    source = "\n".join(draft.texts)
    cleaned = clean(source, vocabulary)
    places: list[Place] = []
    here = 0
    for line, text in zip(draft.lines, draft.texts, strict=False):
        start, end = cleaned.cleaned_range(here, here + len(text))
        places.append(Place(start, end, line.page, line.box))
        here += len(text) + 1
    raw = "" if cleaned.text == source.replace("\n", " ") else source
    return Block(draft.kind, cleaned.text, tuple(places), draft.level, source=raw)


def _row_block(row: Sequence[Sequence[Part]], columns: tuple[str, ...], table: int, vocabulary: Vocabulary) -> Block:
    cells: list[str] = []
    places: list[Place] = []
    sources: list[str] = []
    changed = False
    here = 0
    for parts in row:
        source = "\n".join(part.text for part in parts)
        cleaned = clean(source, vocabulary)
        cells.append(cleaned.text)
        if not cleaned.text:
            continue
        changed = changed or cleaned.text != source.replace("\n", " ")
        sources.append(source)
        begin = 0
        for part in parts:
            start, end = cleaned.cleaned_range(begin, begin + len(part.text))
            places.append(Place(here + start, here + end, part.page, part.box))
            begin += len(part.text) + 1
        here += len(cleaned.text) + len(CELL_BREAK)
    text = CELL_BREAK.join(cell for cell in cells if cell)
    raw = CELL_BREAK.join(sources) if changed else ""
    return Block("table_row", text, tuple(places), 0, tuple(cells), columns, table, source=raw)


def _remarks(pages: Sequence[PageContent]) -> Iterator[Block]:
    """The pages' comments: read, marked hidden, never evidence."""
    for page in pages:
        for remark in page.remarks:
            text = clean(remark.text).text
            yield Block("note", text, (Place(0, len(text), page.number, remark.box),), hidden=True)


def _metadata_title(document: pdfium.PdfDocument) -> str:
    try:
        title = document.get_metadata_value("Title").strip()
    except (pdfium.PdfiumError, ValueError):
        return ""
    if len(title) < 4 or _POOR_TITLE.match(title):
        return ""
    return clean(title).text[:MOST_TITLE]


def _largest(items: Sequence[Draft | FullTable], vocabulary: Vocabulary) -> str:
    """The largest text on the first page that has any."""
    drafts = [item for item in items if isinstance(item, Draft)]
    if not drafts:
        return ""
    first = drafts[0].lines[0].page
    drafts = [d for d in drafts if d.lines[0].page == first]
    best = max(drafts, key=lambda d: (d.lines[0].size, d.lines[0].bold))
    return clean("\n".join(best.texts), vocabulary).text[:MOST_TITLE]
