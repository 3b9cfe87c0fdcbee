"""The tags of one page of a tagged PDF: what its author's program said that each run of text is."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any, Final

from pypdfium2 import raw

from extractors.document import BlockKind

DEEPEST: Final = 50
"""Tags inside one another; deeper ones are not followed."""

MOST_ELEMENTS: Final = 20_000
"""Tags on one page; further ones are not followed."""

MOST_SPAN: Final = 200
"""Rows or columns that a cell may cover; a file may claim any number."""

_BLOCKS: Final[dict[str, BlockKind]] = {
    "P": "paragraph",
    "LI": "list_item",
    "TD": "table_row",
    "TH": "table_row",
    "Note": "note",
    "FENote": "note",
    "Title": "heading",
    **dict.fromkeys(("H", "H1", "H2", "H3", "H4", "H5", "H6"), "heading"),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """The block that a run of text stands in.

    `element` numbers the blocks of a page; `table`, `row` and `column` count from 0 and are -1 outside tables. A merged cell
    stands `across` so many columns and `down` so many rows, from its first on.
    """

    kind: BlockKind
    element: int
    table: int = -1
    row: int = -1
    column: int = -1
    across: int = 1
    down: int = 1
    head: bool = False
    """In a cell that heads its column."""
    level: int = 0
    """Of a heading, where the tag says it."""


def read_tags(page: Any) -> dict[int, Tag]:
    """The tag of each marked run of a page's content, by its number; empty where the page has none."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return {}
    walk = _Walk()
    try:
        for index in range(raw.FPDF_StructTree_CountChildren(tree)):
            walk.into(raw.FPDF_StructTree_GetChildAtIndex(tree, index), None, 0)
    finally:
        raw.FPDF_StructTree_Close(tree)
    return walk.tags


@dataclass(slots=True)
class _Walk:
    """Goes down the tags of one page."""

    tags: dict[int, Tag] = field(default_factory=dict)
    elements: int = 0
    tables: int = -1
    row: int = -1
    column: int = -1
    taken: set[tuple[int, int]] = field(default_factory=set)
    """The rows and columns of the table now read that its cells cover so far."""

    def into(self, element: Any, block: Tag | None, depth: int) -> None:
        self.elements += 1
        if not element or depth > DEEPEST or self.elements > MOST_ELEMENTS:
            return
        name = _type(element)
        if name == "Table":
            self.tables, self.row = self.tables + 1, -1
            self.taken = set()
        elif name == "TR":
            self.row, self.column = self.row + 1, 0
        if name in _BLOCKS and (block is None or block.kind not in ("list_item", "table_row") or name in ("LI", "TD", "TH")):
            if name in ("TD", "TH"):
                block = self.cell(element, name == "TH")
            else:
                block = Tag(_BLOCKS[name], self.elements, level=int(name[1:]) if name[1:].isdigit() else 0)
        for index in range(max(0, raw.FPDF_StructElement_CountChildren(element))):
            content = raw.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if content >= 0 and block is not None:
                self.tags.setdefault(content, block)
            elif content < 0:
                self.into(raw.FPDF_StructElement_GetChildAtIndex(element, index), block, depth + 1)

    def cell(self, element: Any, head: bool) -> Tag:
        """The next cell of the row, in the first column that no cell above reaches down into."""
        while (self.row, self.column) in self.taken:
            self.column += 1
        across, down = _spans(element)
        self.taken.update((self.row + r, self.column + c) for r in range(down) for c in range(across))
        return Tag("table_row", self.elements, self.tables, self.row, self.column, across, down, head)


def _spans(element: Any) -> tuple[int, int]:
    """How many columns and rows a cell covers."""
    number = ctypes.c_float()
    spans = {b"ColSpan": 1, b"RowSpan": 1}
    for index in range(max(0, raw.FPDF_StructElement_GetAttributeCount(element))):
        attributes = raw.FPDF_StructElement_GetAttributeAtIndex(element, index)
        for name in spans:
            held = raw.FPDF_StructElement_Attr_GetValue(attributes, name)
            if held and raw.FPDF_StructElement_Attr_GetNumberValue(held, number) and 1 <= number.value <= MOST_SPAN:
                spans[name] = int(number.value)
    return spans[b"ColSpan"], spans[b"RowSpan"]


def _type(element: Any) -> str:
    buffer = ctypes.create_string_buffer(64)
    length = raw.FPDF_StructElement_GetType(element, buffer, 64)
    return buffer.raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
