"""Strings made clean, and what a line looks like: bullet, numbered line, capitals; shared by Word, sheet and text.

Lengths are in characters unless a name says words. Nothing here raises for any text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from extractors.document import Block, BlockKind, Place

PAGE_MARK = "\x0c"
"""Stands in raw text where a page ends. XML cannot hold it, so it never clashes with a document's own text."""

MAX_HEADING_WORDS = 14

# Symbol and Wingdings characters arrive in the private-use area; only those with a meaning in plans are kept.
_PRIVATE_USE = {
    0xF0B7: "•", 0xF0A7: "▪", 0xF0A8: "▪", 0xF06C: "•", 0xF06E: "▪", 0xF076: "•", 0xF0D8: "➢", 0xF0E0: "→",
    0xF0FC: "✓", 0xF0FE: "✓", 0xF052: "✓", 0xF0FB: "✗", 0xF0FD: "✗", 0xF02D: "-", 0xF0B3: "≥", 0xF0A3: "≤",
}  # fmt: skip
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}


def _clean_up_table() -> dict[int, str]:
    # Private use first, so that the meanings below win over removal.
    table: dict[int, str] = dict.fromkeys(range(0xE000, 0xF900), "")
    table |= dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "")
    table |= dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x2028, 0x2029), " ")
    invisible = (0xAD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
    table |= dict.fromkeys(invisible, "")
    table |= dict.fromkeys((0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "")
    return table | {0x2010: "-", 0x2011: "-"} | _LIGATURES | _PRIVATE_USE


_TABLE = _clean_up_table()


def tidy(text: str) -> str:
    """`text` without control, zero-width and bidi characters, with every run of white space made one space."""
    return " ".join(text.translate(_TABLE).split())


_EMPTY_TITLES = re.compile(
    r"^(?:untitled.*|document\s*\d*|word document|title|template|new document|blank.*|draft|microsoft word\b.*"
    r"|(?:microsoft )?(?:power ?point )?presentation ?\d*|slide \d+"
    r"|.*\.(?:docx?|dotx?|rtf|pdf)|not protectively marked|restricted|protect|confidential|\W*|\d+)$",
    re.IGNORECASE,
)


def stated_title(raw: str) -> str:
    """The title in a file's properties, tidied; "" where it is one that a program or a template put there."""
    title = tidy(raw)
    return "" if _EMPTY_TITLES.match(title) else title


Placed = tuple[str, tuple[Place, ...]]
"""Clean text and where its characters stand."""


def place_pages(raw: str, page: int) -> Placed:
    """Clean `raw`, which begins on `page` (1-based) and holds a PAGE_MARK at each page end, and place it."""
    parts: list[tuple[str, int]] = []
    gap = False
    for number, piece in enumerate(raw.split(PAGE_MARK)):
        text = tidy(piece)
        gap = gap or piece[:1].isspace()
        if text:
            parts.append((f" {text}" if parts and gap else text, page + number))
            gap = piece[-1].isspace()
    return join_placed(
        [(text, (Place(0, len(text), page=number),)) for text, number in parts],
        "",
    )


def join_placed(pieces: Sequence[Placed], separator: str) -> Placed:
    """The non-empty pieces joined; their places moved along, and neighbours on one page made one place."""
    text, places = "", list[Place]()
    for piece, spots in pieces:
        if not piece:
            continue
        if text:
            text += separator
        shift = len(text)
        text += piece
        for spot in spots:
            moved = Place(spot.start + shift, spot.end + shift, spot.page, spot.box, spot.sheet, spot.cell) if shift else spot
            last = places[-1] if places else None
            if last and (last.page, last.cell, last.sheet, last.box) == (spot.page, spot.cell, spot.sheet, spot.box):
                places[-1] = replace(last, end=moved.end)
            else:
                places.append(moved)
    return text, tuple(places)


_BULLET = re.compile(r"^\s*(?:[•●▪◦‣·∙○■□➢►❖⁃✓▫]\s*|[-–—*§Ø]\s+|o\t\s*)(?=\S)")
_LETTERED = re.compile(r"^(?:\([a-z]{1,4}\)|\(\d{1,2}\)|[a-z]\)|[ivx]{1,4}[.)]|\d{1,2}\))\s+\S")
_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})[.:)]?\s+(?:[A-Z‘'\"“]|\([A-Z])")
_DATE = re.compile(r"^\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b")
_PART = re.compile(r"^(?:section|part|chapter|appendix|annex|objective)\s+(?:\d{1,2}|[A-Z])\b", re.IGNORECASE)
_MARKING = re.compile(
    r"^\W*(?:(?:not protectively marked|unclassified|protect|restricted|confidential|secret|top secret|official|draft)"
    r"(?:\s*[-–—/:(].*)?)\W*$",
    re.IGNORECASE,
)


def without_bullet(raw: str) -> str | None:
    """`raw` after its typed bullet, or None where it has none. Give it uncleaned text: "o" counts only with a tab."""
    marked = raw.translate(_PRIVATE_USE)
    found = _BULLET.match(marked)
    return marked[found.end() :] if found else None


def is_lettered(text: str) -> bool:
    """Begins with a typed list number that no section has: "(a)", "b)", "iv.", "3)"."""
    return bool(_LETTERED.match(text))


def is_marking(text: str) -> bool:
    """A protective marking or "draft" on a line of its own: never a heading."""
    return bool(_MARKING.match(text))


def number_depth(text: str) -> int:
    """How deep a typed section number is: 2 for "3.2 Public order", 1 for "Annex B", 0 where there is none."""
    found = _NUMBERED.match(text)
    if found and not _DATE.match(text):
        return found[1].count(".") + 1
    return 1 if _PART.match(text) else 0


def is_short(text: str, words: int = MAX_HEADING_WORDS) -> bool:
    """Could be a heading by its length and its end: not a sentence, and not nothing."""
    return bool(text) and len(text.split()) <= words and text[-1] not in ".;,!?" and any(c.isalpha() for c in text)


def is_capitals(text: str) -> bool:
    """A short line in capitals that is more than an abbreviation."""
    letters = sum(c.isalpha() for c in text)
    return text.isupper() and is_short(text) and letters >= 5 and not is_marking(text)


Guess = Literal["", "capitals", "numbered", "bold", "fused"]


@dataclass(slots=True)
class Draft:
    """A block not yet settled: a line that only looks like a heading (`guess`) may become one by its neighbours.

    `bold`: all of it is bold. `size` is the font size in half-points, 0 where unknown.
    """

    kind: BlockKind
    text: str
    places: tuple[Place, ...] = ()
    level: int = 0
    cells: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    table: int = 0
    hidden: bool = False
    guess: Guess = ""
    bold: bool = False
    size: int = 0
    series: str = ""

    def block(self) -> Block:
        return Block(self.kind, self.text, self.places, self.level, self.cells, self.columns, self.table, self.hidden, series=self.series)


def guess_of(text: str, bold: bool = False) -> Guess:
    """What makes a line look like a heading; "" where nothing does."""
    if not is_short(text) or is_marking(text):
        return ""
    if number_depth(text):
        return "numbered"
    if is_capitals(text):
        return "capitals"
    return "bold" if bold else ""


def settle(drafts: Sequence[Draft]) -> tuple[Block, ...]:
    """Decide which guesses are headings and how deep, below the last heading whose level the author gave."""
    seen = [draft for draft in drafts if not draft.hidden and draft.kind != "note"]
    follower = {id(draft): later for draft, later in pairwise(seen)}
    sizes = sorted({d.size for d in seen if d.guess == "bold" and d.size}, reverse=True)
    base = above = 0  # base: last given level; above: last guessed level over bold lines
    for draft in drafts:
        if draft.kind == "heading":
            base, above = draft.level, 0
        if not draft.guess or draft.kind not in ("paragraph", "list_item"):
            continue
        depth = number_depth(draft.text)
        later = follower.get(id(draft))
        if draft.guess == "numbered":
            if not draft.bold and not _opens_section(draft, later):
                draft.kind = "list_item"
                continue
            draft.level = max(base + 1 if base else 1, depth)
            above = draft.level
        elif draft.guess == "capitals":
            if later is None:
                continue
            draft.level = base + 1
            above = draft.level
        elif draft.guess == "fused":
            draft.level = max(base, above) + 2  # below the lines that are headings by themselves
        else:
            if later is None:
                continue
            rank = sizes.index(draft.size) if draft.size in sizes else 0
            draft.level = max(base, above) + 1 + (min(rank, 2) if not base and not above else 0)
        draft.kind = "heading"
        draft.level = min(draft.level, 9)
    return tuple(draft.block() for draft in drafts)


def _opens_section(draft: Draft, later: Draft | None) -> bool:
    """A numbered line is a heading when prose, a list, a table or a deeper number follows it, not its own kind."""
    if later is None:
        return False
    if later.guess == "numbered":
        return number_depth(later.text) > number_depth(draft.text)
    return True
