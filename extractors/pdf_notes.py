"""Footnotes: told by their place, their size and their number, and set after the paragraph that refers to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from extractors.pdf_lines import Body, Draft
from extractors.pdf_tables import PageTable
from extractors.pdf_words import RAISED

NOTE_SIZE: Final = 0.92
"""Of the body's size: footnotes are no larger than this."""

_NOTE: Final = re.compile(r"(?:\d{1,3}|[*†‡§]{1,3}|\(\d{1,2}\)|\[\d{1,2}\])[.)]?\s*(?=[A-Za-z“‘(£])")

_ENDS: Final = (".", "!", "?", ")", "”")

Item = Draft | PageTable


def find_notes(items: Sequence[Item], body: Body) -> list[Item]:
    """Makes notes of small numbered text below all the usual text of its page: they stand beside what runs overleaf.

    A note that a raised figure refers to comes after the text with that figure, which is taken away.
    """
    whole = _mark(items, body)
    notes = {(item.lines[0].page, item.marker): item for item in whole if isinstance(item, Draft) and item.kind == "note"}
    own = {id(note) for note in notes.values()}
    found: dict[int, list[Draft]] = defaultdict(list)
    for index in range(len(whole) if notes else 0):
        for key in list(notes) if id(whole[index]) not in own else ():
            without = _without(whole[index], *key)
            if without is not None:
                whole[index] = without
                found[index].append(notes.pop(key))
    moved = {id(note) for after in found.values() for note in after}
    return [one for index, item in enumerate(whole) if id(item) not in moved for one in (item, *found.get(index, ()))]


def _mark(items: Sequence[Item], body: Body) -> list[Item]:
    """The items with the notes among them marked as such, and what stands overleaf of a note put to it."""
    lowest: dict[int, float] = {}
    for item in items:
        last = item.lines[-1] if isinstance(item, Draft) else None
        if isinstance(item, PageTable):
            lowest[item.page] = max(lowest.get(item.page, 0.0), item.table.box[3])
        elif last and last.size > NOTE_SIZE * body.size and not item.side:
            lowest[last.page] = max(lowest.get(last.page, 0.0), last.box[3])
    whole: list[Item] = []
    note: Draft | None = None
    for item in items:
        whole.append(item)
        if not isinstance(item, Draft) or item.kind == "heading" or item.lines[0].size > NOTE_SIZE * body.size:
            continue
        first = item.lines[0]
        if not first.box[1] >= lowest.get(first.page, 0.0) - 2 > 0:
            continue
        if mark := _NOTE.match(first.text):
            item.kind, item.side, item.marker = "note", True, mark.group().strip()
            item.texts[0] = first.text[mark.end() :]
            note = item
        elif note and first.page == note.lines[-1].page + 1 and first.text[:1].islower() and note.text[-1:] not in _ENDS:
            note.lines += item.lines
            note.texts += item.texts
            whole.pop()
    return whole


def _without(item: Item, page: int, marker: str) -> Item | None:
    """The item without the raised figure that refers to a note on its page; None if it has none."""
    number = marker.strip("()[].")
    if not number.isdigit():
        return None
    # "m²" is an area, and refers to nothing.
    raised = re.compile(rf"(?<!\bm)(?<!\bkm){number.translate(RAISED)}(?![⁰¹²³⁴-⁹])(?:\s+(?=[,.;:)]))?")
    if isinstance(item, PageTable):
        rows = tuple(tuple(replace(cell, text=raised.sub("", cell.text)) for cell in row) for row in item.table.rows)
        return PageTable(replace(item.table, rows=rows), page) if item.page == page and rows != item.table.rows else None
    here = [n for n, line in enumerate(item.lines) if line.page == page and raised.search(item.texts[n])]
    for n in here:
        item.texts[n] = raised.sub("", item.texts[n])
    return item if here else None
