"""From blocks to passages: gives each block its heading path, its list's lead-in, its role and its place in the document's text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from extractors.document import Block, Passage, Role

_CONTENTS: Final = re.compile(r"^\W*(table of )?contents( page)?\W*$|^what('s| is) in this (plan|document)\W*$|^index\W*$", re.I)
_GLOSSARY: Final = re.compile(
    r"^[\W\d]*((glossary|abbreviations|acronyms|jargon|definitions)\b|"
    r"(list|explanation|meaning) of (terms|abbreviations|acronyms)|terms (used|explained)|what the (words|letters) mean)",
    re.I,
)
_CONTENTS_LINE: Final = re.compile(r"(\.\s?){4,}\s*\d{1,3}\W*$|\s{2,}\d{1,3}$|\t\d{1,3}$|\s…+\s*\d{1,3}$")
_GLOSSARY_ENTRY_MOST_WORDS: Final = 45
"""Words: a longer paragraph under "Glossary" is prose that outlived its heading."""


def passages(blocks: Sequence[Block]) -> tuple[Passage, ...]:
    """The passages of a document, in reading order, headings among them.

    `start:end` counts in the blocks' texts joined by newlines.
    """
    result: list[Passage] = []
    path: list[tuple[int, str]] = []
    position = 0
    previous = ""
    lists = _Lists()
    section: Role = "body"
    for block in blocks:
        if block.kind == "heading":
            path = [(level, text) for level, text in path if level < block.level]
            section = _section_role([*(text for _, text in path), block.text])
        lead_in = lists.lead_in(block, previous)
        role = "hidden" if block.hidden else _role(block, section)
        headings = tuple(text for _, text in path)
        result.append(
            Passage(
                text=block.text,
                kind=block.kind,
                role=role,
                headings=headings,
                columns=block.columns,
                cells=block.cells,
                lead_in=lead_in,
                places=block.places,
                table=block.table,
                start=position,
                end=position + len(block.text),
            )
        )
        position += len(block.text) + 1
        if block.kind == "heading":
            path.append((block.level, block.text))
            previous = ""
        else:
            previous = block.text
    return tuple(result)


@dataclass(slots=True)
class _Lists:
    """The lists that are open, the innermost last: each with what introduces it."""

    open: list[tuple[str, str]] = field(default_factory=list)

    def lead_in(self, block: Block, previous: str) -> str:
        """What introduces the list that a block is an item of; `previous` is the text before it. A list in a list has both."""
        if block.kind != "list_item":
            self.open.clear()
            return ""
        known = [series for series, _ in self.open]
        if block.series in known:
            del self.open[known.index(block.series) + 1 :]
        else:
            outer = self.open[-1][1] if self.open else ""
            own = previous if previous.endswith(":") else ""
            self.open.append((block.series, f"{outer} {own}".strip()))
        return self.open[-1][1]


def _section_role(headings: Sequence[str]) -> Role:
    if any(_GLOSSARY.search(text) for text in headings):
        return "glossary"
    if _CONTENTS.search(headings[-1]):
        return "contents"
    return "body"


def _role(block: Block, section: Role) -> Role:
    if block.kind != "table_row" and _CONTENTS_LINE.search(block.text):
        return "contents"
    words = len(block.text.split())
    if section == "contents" and (words > 25 or block.kind == "table_row"):
        return "body"
    if section == "glossary" and words > _GLOSSARY_ENTRY_MOST_WORDS:
        return "body"
    return section
