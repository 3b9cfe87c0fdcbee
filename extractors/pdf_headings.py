"""Which drafts are headings, and how deep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extractors.pdf_lines import Body, Draft

LARGER: Final = 1.05
"""Of the body's size: text larger than this, and short, is a heading."""

HEADING_WORDS: Final = 20
"""Words: a longer run of large type is a pull quote or an opening paragraph."""

BOLD_WORDS: Final = 14
"""Words in a heading that only its weight, capitals or number marks."""

NUMBER: Final = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,3})+\.?|\d{1,2}[.)]|\(\d{1,2}\)|\([a-z]{1,4}\)|[a-z]\)|(?:[ivx]{1,4})[.)]|[A-Za-z]\.)(?=\s)"
)
DOTTED: Final = re.compile(r"\d{1,2}(?:\.\d{1,3})+\.?\s")
_SINGLE: Final = re.compile(r"(\d{1,2}|[A-Z])[.)]?\s")


def is_heading(draft: Draft, before: Draft | None, after: Draft | None, body: Body) -> bool:
    lines = draft.lines
    text = lines[0].text if len(lines) == 1 else " ".join(line.text for line in lines)
    words = text.split()
    letters = [c for c in text if c.isalpha()] if len(words) <= HEADING_WORDS else []
    if len(lines) > 3 or not letters or text.endswith((".", ";", ",")) or len(words) > HEADING_WORDS:
        return False
    numbered = draft.kind == "list_item"
    if numbered and not NUMBER.match(draft.marker + " "):
        return False
    size = lines[0].size
    if size > LARGER * body.size and size >= body.size + 0.5:
        return True
    if len(words) > BOLD_WORDS or len(lines) > 2 or (text.endswith((":", "?", "!")) and not lines[0].bold):
        return False
    if size < 0.9 * body.size:
        return False
    if all(line.bold for line in lines) and not body.bold:
        return not numbered or _lone(draft, before, after) or bool(DOTTED.match(text))
    if text.isupper() and max(map(len, words)) > 3 and len(letters) > 4:
        return not numbered or _lone(draft, before, after)
    return bool(DOTTED.match(text)) and len(lines) == 1 and _lone(draft, before, after) and words[1][:1].isupper()


def _lone(draft: Draft, before: Draft | None, after: Draft | None) -> bool:
    """False if the numbered line stands among others like it: then it is a list."""
    for other in (before, after):
        if (
            other
            and other.kind == "list_item"
            and other.marker.count(".") == draft.marker.count(".")
            and len(other.text.split()) <= BOLD_WORDS
            and other.lines[0].bold == draft.lines[0].bold
        ):
            return False
    return after is not None


def rank(headings: Sequence[Draft]) -> None:
    """Gives headings their levels: by size, weight and capitals; then by the depth of their numbers."""
    styles = sorted({_key(d) for d in headings}, reverse=True)
    least: dict[tuple[float, bool, bool], int] = {}
    for draft in headings:
        depth = _depth(draft)
        if depth:
            least[_key(draft)] = min(depth, least.get(_key(draft), depth))
    for draft in headings:
        key, depth = _key(draft), _depth(draft)
        draft.level = min(9, styles.index(key) + 1 + (depth - least[key] if depth else 0))


def _key(draft: Draft) -> tuple[float, bool, bool]:
    line = draft.lines[0]
    return (line.size, line.bold, draft.text.isupper())


def _depth(draft: Draft) -> int:
    text = draft.texts[0]
    if DOTTED.match(text):
        return len(re.findall(r"\d+", text.split()[0]))
    return 1 if _SINGLE.match(text) else 0


def demote(drafts: Sequence[Draft]) -> None:
    """Four or more headings in a row in one style are a list of contents or an address, not headings."""
    start = 0
    for index in range(1, len(drafts) + 1):
        last, here = drafts[start], drafts[index] if index < len(drafts) else None
        if here and here.kind == last.kind == "heading" and _key(here) == _key(last):
            continue
        if last.kind == "heading" and index - start >= 4:
            for draft in drafts[start:index]:
                draft.kind = "paragraph"
        start = index
