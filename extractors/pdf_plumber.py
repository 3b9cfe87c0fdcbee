"""One PDF page through pdfplumber: slower, for pages that pdfium's objects do not tell truly (Form XObjects, failures)."""

from __future__ import annotations

from typing import Any

from extractors.pdf_content import PageContent, Styles, Word, add_rect, add_rulings


def read_page(page: Any, number: int, styles: Styles) -> PageContent:
    """The same content as `pdf_words.read_page`, from a pdfplumber page."""
    left, above = page.bbox[0], page.bbox[1]
    content = PageContent(number, float(page.width), float(page.height))
    for word in page.extract_words(return_chars=True):
        char = word["chars"][0]
        font = str(char.get("fontname", "")).split("+")[-1]
        style = styles.number(font, float(char.get("size", 0.0)))
        box = (word["x0"] - left, word["top"] - above, word["x1"] - left, word["bottom"] - above)
        content.words.append(Word(float(box[0]), float(box[1]), float(box[2]), float(box[3]), str(word["text"]), style))
    for item in (*page.rects, *page.lines):
        box = (item["x0"] - left, item["top"] - above, item["x1"] - left, item["bottom"] - above)
        edges = len(content.edges)
        add_rulings(content, box)
        if len(content.edges) == edges and item["object_type"] == "rect":
            filled = bool(item.get("fill")) and not _white(item.get("non_stroking_color"))
            if filled or item.get("stroke"):
                add_rect(content, box, 64 if filled else 0)
    area = max(1.0, content.width * content.height)
    for image in page.images:
        content.picture = min(1.0, content.picture + float(image["width"] * image["height"]) / area)
    content.marks = len(page.rects) + len(page.lines) + len(page.curves) + len(page.images) + len(page.chars)
    return content


def _white(colour: Any) -> bool:
    if colour is None:
        return False
    parts = colour if isinstance(colour, (tuple, list)) else (colour,)
    if len(parts) == 4:
        return all(part == 0 for part in parts)
    return all(part == 1 for part in parts)
