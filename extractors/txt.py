"""Plain text -> Extract: paragraphs joined from hard-wrapped lines, bullets, headings; pages end at form feeds.

Pages are 1-based.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from extractors.archives import UnsafeOrBroken, read_whole, unread
from extractors.document import Extract, Place
from extractors.flow import Flow
from extractors.text import Draft, guess_of, is_capitals, is_lettered, number_depth, tidy, without_bullet

WIDEST_WRAPPED = 120
"""Characters: a longer line was not wrapped by hand or for a terminal."""
_RULE = re.compile(r"^\s*(={3,}|-{3,}|_{3,}|\*{3,}|~{3,})\s*$")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PAGE_LINE = re.compile(r"^\W*(?:page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?\W*$", re.IGNORECASE)


def read_txt(path: Path, name: str) -> Extract:
    """Read a text file; `name` is what Problems call it. Never raises for bad input."""
    try:
        text = decoded(read_whole(path, "text file"))
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    if text is None:
        return unread(
            name,
            "This file is not plain text, whatever its name says.",
            "Find out which program made it and save it from there as Word, PDF or text.",
        )
    pages = text.removesuffix("\x0c").split("\x0c")
    drafts = [draft for number, page in enumerate(pages, start=1) for draft in text_drafts(page, number)]
    flow = Flow(drafts, styles=False)
    return flow.extract(name, len(pages), "")


def decoded(data: bytes) -> str | None:
    """Text from bytes in UTF-8, UTF-16 or Windows-1252; None for what is not text."""
    for mark, coding in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if data.startswith(mark):
            text = data.decode(coding, errors="replace")
            return text if text.count("�") * 20 <= len(text) else None
    if data.count(0) * 5 > len(data) * 2 and len(data) % 2 == 0:
        # Every other byte is nought: UTF-16 without its mark.
        coding = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            return None
    if b"\0" in data or len(_CONTROL.findall(data[:65536])) > 2 + min(len(data), 65536) // 100:
        return None
    if data.startswith((b"%PDF-", b"{\\rtf", b"PK\x03\x04")):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def text_drafts(text: str, number: int = 1) -> Iterator[Draft]:
    """The paragraphs, list items and headings of the lines of page `number`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    width = max((len(line.rstrip()) for line in lines), default=0)
    wrapped = 4 * sum(len(line) for line in lines if len(line) > WIDEST_WRAPPED) <= len(text)
    if not wrapped:
        # A program wrote each paragraph, and each cell of a table, as one line.
        lines = [part for line in lines for part in (line, "")]
    chunk: list[str] = []
    for line in [*lines, ""]:
        if line.strip() and not _RULE.match(line):
            chunk.append(line)
            continue
        ruled = bool(_RULE.match(line))
        # A line of === or --- makes the one line above it a heading; below more lines it only divides.
        under = line.strip()[0] if ruled and chunk and len(chunk[-1].split()) <= 20 else ""
        heading = chunk.pop() if under in ("=", "-") and under and not _wraps(chunk, width) else ""
        yield from _chunk(chunk, number, width, wrapped)
        if heading:
            words = tidy(heading)
            yield Draft("heading", words, _places(words, number), level=1 if under == "=" else 2)
        chunk = []


def _wraps(chunk: list[str], width: int) -> bool:
    """The last line is the end of a wrapped paragraph, so the rule below it only divides."""
    return len(chunk) > 1 and len(chunk[-2].rstrip()) > 0.7 * width


def _chunk(lines: list[str], number: int, width: int, wrapped: bool) -> Iterator[Draft]:
    """Lines without a blank one between them: bullets, headings, and paragraphs put together again."""
    parts: list[tuple[str, bool, str]] = []
    closed = True
    for line in lines:
        bare = without_bullet(line)
        text = tidy(bare if bare is not None else line)
        if not text or (wrapped and len(lines) == 1 and _PAGE_LINE.match(text)):
            continue
        item = bare is not None or is_lettered(text)
        alone = is_capitals(text) or (bool(number_depth(text)) and len(line.rstrip()) < 0.75 * max(width, 40))
        if item or closed or alone:
            series = f"{len(line) - len(line.lstrip())} {line.strip()[0]}" if bare is not None else ""
            parts.append((text, item, series))
        else:
            last, was_item, series = parts[-1]
            # "multi-" at a line's end goes on without a space; its hyphen may be a real one, so it stays.
            parts[-1] = (last + text if re.search(r"\w-$", last) else f"{last} {text}", was_item, series)
        # Short lines of an unwrapped text each end a paragraph; so does a heading.
        closed = alone or (not item and len(lines) > 1 and _ends(line, width))
    for text, item, series in parts:
        guess = "" if item else guess_of(text)
        yield Draft("list_item" if item else "paragraph", text, _places(text, number), guess=guess, series=series)


def _ends(line: str, width: int) -> bool:
    """The line stops well short of the margin at the end of a sentence."""
    return len(line.rstrip()) < 0.6 * width and line.rstrip().endswith((".", ":"))


def _places(text: str, number: int) -> tuple[Place, ...]:
    return (Place(0, len(text), page=number),)
