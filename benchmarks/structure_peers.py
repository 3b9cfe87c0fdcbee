"""What one writes with a free extractor in an afternoon: pdfplumber and pdfminer.six with the obvious heuristics, and the office libraries.

Running lines are dropped by repetition, headings told by size, weight and capitals, paragraphs by white space, bullets and indents.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from extractors.document import Block

_BULLET: Final = re.compile(r"^(?:[•●▪■◦‣–*-]|o|\(?[a-z0-9]{1,2}[.)])\s+")
_EDGE: Final = 0.1


@dataclass(frozen=True, slots=True)
class _Line:
    page: int
    top: float
    bottom: float
    x0: float
    text: str
    size: float
    bold: bool
    group: int = 0
    """The box of text that the extractor put it in."""
    table: tuple[tuple[str, ...], ...] = ()


def by_plumber(path: Path, strategy: str = "lines") -> list[Block]:
    """pdfplumber: text lines outside the tables, tables by `strategy` where they stand."""
    import pdfplumber

    lines: list[_Line] = []
    with pdfplumber.open(path) as pdf:
        heights = [float(page.height) for page in pdf.pages]
        for number, page in enumerate(pdf.pages):
            found = page.find_tables({"vertical_strategy": strategy, "horizontal_strategy": strategy})
            found = [table for table in found if table.rows and len(table.rows[0].cells) > 1]
            rest = page
            for table in found:
                rest = rest.outside_bbox(table.bbox) if _inside(table.bbox, rest.bbox) else rest
                rows = tuple(tuple(cell or "" for cell in row) for row in table.extract())
                lines.append(_Line(number, table.bbox[1], table.bbox[3], table.bbox[0], "", 0, False, table=rows))
            for line in rest.extract_text_lines():
                chars = line["chars"]
                bold = all("bold" in c["fontname"].lower() for c in chars if not c["text"].isspace())
                size = median(c["size"] for c in chars)
                lines.append(_Line(number, line["top"], line["bottom"], line["x0"], line["text"], round(size, 1), bold))
            page.close()
    lines.sort(key=lambda line: (line.page, line.top))
    return _blocks(_without_running(lines, heights))


def _inside(inner: Sequence[float], outer: Sequence[float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def by_miner(path: Path) -> list[Block]:
    """pdfminer.six: its layout analysis gives boxes of text in reading order; it has no tables."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTChar, LTTextBox

    lines: list[_Line] = []
    heights: list[float] = []
    group = 0
    for number, page in enumerate(extract_pages(path)):
        heights.append(page.height)
        for box in page:
            if not isinstance(box, LTTextBox):
                continue
            group += 1
            for line in box:
                chars = [c for c in line if isinstance(c, LTChar) and not c.get_text().isspace()]
                if not chars:
                    continue
                bold = all("bold" in c.fontname.lower() for c in chars)
                size = round(median(c.size for c in chars), 1)
                top, bottom = page.height - line.y1, page.height - line.y0
                lines.append(_Line(number, top, bottom, line.x0, line.get_text().strip(), size, bold, group))
    return _blocks(_without_running(lines, heights))


def _without_running(lines: Sequence[_Line], heights: Sequence[float]) -> list[_Line]:
    """Drops lines near an edge that stand on half of the pages, page numbers not counted."""
    seen: dict[str, set[int]] = defaultdict(set)

    def key(line: _Line) -> str:
        near = line.bottom < _EDGE * heights[line.page] or line.top > (1 - _EDGE) * heights[line.page]
        return re.sub(r"\d+", "#", line.text) if near and not line.table else ""

    for line in lines:
        seen[key(line)].add(line.page)
    return [line for line in lines if not key(line) or len(seen[key(line)]) < max(2, len(heights) / 2)]


def _blocks(lines: Sequence[_Line]) -> list[Block]:
    sizes: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        sizes[line.size, line.bold] += len(line.text)
    (body, body_bold), _ = sizes.most_common(1)[0] if sizes else ((10.0, False), 0)
    blocks: list[Block] = []
    last: _Line | None = None
    table = 0
    for line in lines:
        if line.table:
            table += 1
            blocks += _rows(line.table, table)
            last = None
            continue
        words = len(line.text.split())
        strong = (line.bold and not body_bold) or (line.text.isupper() and words > 1)
        heading = words <= 14 and not line.text.endswith((".", ",", ";")) and (line.size > 1.1 * body or strong)
        goes_on = (
            last is not None
            and last.page == line.page
            and last.group == line.group
            and 0 <= line.top - last.bottom < 0.6 * (line.bottom - line.top)
            and (last.size, last.bold) == (line.size, line.bold)
            and not _BULLET.match(line.text)
            and blocks[-1].kind == ("heading" if heading else blocks[-1].kind)
            and (heading or blocks[-1].kind != "heading")
        )
        if goes_on:
            blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text} {line.text}")
        else:
            kind = "heading" if heading else "list_item" if _BULLET.match(line.text) else "paragraph"
            blocks.append(Block(kind, line.text))  # type: ignore[arg-type]  # one of BlockKind
        last = line
    return blocks


def _rows(rows: Sequence[Sequence[str]], table: int) -> Iterator[Block]:
    """The first row as headers, empty first cells filled from above."""
    head = tuple(" ".join(cell.split()) for cell in rows[0])
    first = ""
    for row in rows[1:]:
        cells = [" ".join(cell.split()) for cell in row]
        first = cells[0] = cells[0] or first
        yield Block("table_row", " | ".join(filter(None, cells)), cells=tuple(cells), columns=head, table=table)


def by_python_docx(path: Path) -> list[Block]:
    """python-docx: paragraphs by their styles, short bold ones as headings, tables with their first row as headers."""
    import docx
    from docx.table import Table

    blocks: list[Block] = []
    table = 0
    for item in docx.Document(str(path)).iter_inner_content():
        if isinstance(item, Table):
            table += 1
            blocks += _rows([[cell.text for cell in row.cells] for row in item.rows], table)
        elif text := item.text.strip():
            runs = [run for run in item.runs if run.text.strip()]
            style = (item.style.name or "") if item.style else ""
            strong = all(run.bold for run in runs) and len(text.split()) <= 14
            heading = style.startswith(("Heading", "Title")) or (strong and bool(runs))
            blocks.append(Block("heading" if heading else "list_item" if style.startswith("List") else "paragraph", text))
    return blocks


def by_openpyxl(path: Path) -> list[Block]:
    """openpyxl: each run of rows with two cells or more as a table, lone cells as text, bold ones as headings."""
    import openpyxl

    blocks: list[Block] = []
    table = 0
    for sheet in openpyxl.load_workbook(path).worksheets:
        blocks.append(Block("heading", sheet.title))
        rows: list[list[str]] = []
        for row in [*sheet.iter_rows(), ()]:
            cells: list[Any] = [cell for cell in row if cell.value is not None]
            if len(cells) > 1:
                rows.append([str(cell.value if cell.value is not None else "") for cell in row])
                continue
            if rows:
                table += 1
                blocks += _rows(rows, table)
                rows = []
            if cells:
                blocks.append(Block("heading" if cells[0].font.b else "paragraph", str(cells[0].value)))
    return blocks


PEERS: Final[dict[str, dict[str, Callable[[Path], list[Block]]]]] = {
    ".pdf": {"pdfplumber": by_plumber, "pdfminer": by_miner},
    ".docx": {"python-docx": by_python_docx},
    ".xlsx": {"openpyxl": by_openpyxl},
}
