"""Which drafts are headings, and how deep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from extractors.pdf_lines import Body, Draft
from extractors.pdf_tables import PageTable

LARGER: Final = 1.05
"""Of the body's size: text larger than this, and short, is a heading."""

HEADING_WORDS: Final = 20
"""Words: a longer run of large type is a pull quote or an opening paragraph."""

TAGGED_WORDS: Final = 40
"""Words in what is tagged as a heading: longer ones are prose in the wrong style."""

POSTER: Final = 1.15
"""Of the body's size: bold text larger than this may be a heading of many lines, or end with a stop."""

POSTER_WORDS: Final = 9
"""Words in a heading that ends with a stop ("One lake. One team.")."""

BOLD_WORDS: Final = 14
"""Words in a heading that only its weight, capitals or number marks."""

QUOTED_WORDS: Final = 3
"""Words: a longer run of large type in quotation marks is a pull quote."""

FUSED_WORDS: Final = 12
"""Words that follow a heading in its own line or more: with fewer it is a label and its value."""

LEAST_RISING: Final = 2
"""Times that lines with a single number must count on, to be headings."""

_QUOTED: Final = re.compile(r"[“\"‘].*[”\"’](?:,? *(?:[–—-]|says?\b|said\b).*)?$")
_PART: Final = re.compile(
    r"(?:section|part|chapter|appendix|annex|schedule|objective|priority|theme|aim)\s+(?:\d{1,2}|[A-Z])\b(?![.,])", re.IGNORECASE
)
_COUNTED: Final = re.compile(r"(\d{1,2})[.)]?\s+[A-Z]")
NUMBER: Final = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,3})+\.?|\d{1,2}[.)]|\(\d{1,2}\)|\([a-z]{1,4}\)|[a-z]\)|(?:[ivx]{1,4})[.)]|[A-Za-z]\.)(?=\s)"
)
DOTTED: Final = re.compile(r"\d{1,2}(?:\.\d{1,3})+\.?\s")
_PAGE: Final = re.compile(r"\bpage \d+ of \d+$", re.IGNORECASE)
_SINGLE: Final = re.compile(r"(\d{1,2}|[A-Z])[.)]?\s")


def part_fused(draft: Draft) -> list[Draft]:
    """A paragraph that begins with a bold heading in its first line as that heading and the rest; else the paragraph alone."""
    lead = draft.lines[0].lead
    numbered = draft.kind == "list_item" and DOTTED.match(draft.lines[0].text)
    if lead is None or not (draft.kind == "paragraph" or numbered) or len(draft.text.split()) - len(lead[0].text.split()) < FUSED_WORDS:
        return [draft]
    heading = Draft("heading", [lead[0]], side=draft.side, opens=draft.opens, fused=True, texts=[lead[0].text])
    return [heading, Draft("paragraph", [lead[1], *draft.lines[1:]], side=draft.side, texts=[lead[1].text, *draft.texts[1:]])]


def is_heading(draft: Draft, before: Draft | None, after: Draft | None, body: Body, *, last: bool) -> bool:
    """Whether a draft between those is a heading; `last` says that nothing of any kind follows it, not even a table."""
    lines = draft.lines
    tag = lines[0].tag
    if tag and tag.kind == "heading":
        return len(draft.text.split()) <= TAGGED_WORDS and any(map(str.isalnum, draft.text))
    text = lines[0].text if len(lines) == 1 else " ".join(line.text for line in lines)
    words = text.split()
    letters = [c for c in text if c.isalpha()] if len(words) <= HEADING_WORDS else []
    size = lines[0].size
    poster = size > POSTER * body.size and lines[0].bold
    if len(lines) > (5 if poster else 3) or not letters or text.endswith((";", ",")) or len(words) > HEADING_WORDS:
        return False
    if text.endswith(".") and not (poster and len(words) <= POSTER_WORDS):
        return False
    if _QUOTED.match(text) and len(words) > QUOTED_WORDS:
        return False
    numbered = draft.kind == "list_item"
    if numbered and not NUMBER.match(draft.marker + " "):
        return False
    if size > LARGER * body.size and size >= body.size + 0.5:
        return True
    if len(words) > BOLD_WORDS or len(lines) > 2 or (text.endswith((":", "?", "!")) and not lines[0].bold):
        return False
    if size < 0.9 * body.size:
        return False
    if all(line.bold for line in lines) and not body.bold:
        return not numbered or _lone(draft, before, after, last) or bool(DOTTED.match(text))
    if text.isupper() and max(map(len, words)) > 3 and len(letters) > 4:
        return not numbered or _lone(draft, before, after, last)
    if len(lines) > 1 or not _lone(draft, before, after, last):
        return False
    if DOTTED.match(text):
        return words[1][:1].isupper() and not _PAGE.search(text) and not (before and _same_numbers(before, draft))
    return not numbered and bool(_PART.match(text))


def _same_numbers(before: Draft, draft: Draft) -> bool:
    """True if the draft before is a paragraph with a number of the same kind: headings are not counted with paragraphs."""
    return before.kind == "list_item" == draft.kind and _shape(before) == _shape(draft)


def _shape(draft: Draft) -> str:
    return re.sub(r"\w+", "#", draft.marker)


def _lone(draft: Draft, before: Draft | None, after: Draft | None, last: bool) -> bool:
    """False if the numbered line stands among others like it: then it is a list."""
    for other in (before, after):
        if (
            other
            and other.kind == "list_item"
            and _shape(other) == _shape(draft)
            and len(other.text.split()) <= BOLD_WORDS
            and other.lines[0].bold == draft.lines[0].bold
        ):
            return False
    return not last


def find_numbered(items: Sequence[Draft | PageTable]) -> None:
    """Makes headings of lines that only a single number marks ("3. Roads policing"), where they are no list.

    They stand alone between texts or tables, and go on counting through the document.
    """
    drafts = [item if isinstance(item, Draft) else None for item in items]
    found: list[tuple[int, Draft]] = []
    for before, draft, after in zip([None, *drafts], drafts, [*drafts[1:], None], strict=False):
        number = _counted(draft)
        if draft is None or not number or _counted(before) or _counted(after):
            continue
        if len(draft.lines) == 1 and len(draft.text.split()) <= BOLD_WORDS and not draft.text.endswith((".", ";", ",", ":", "?")):
            found.append((number, draft))
    rising = sum(b == a + 1 for (a, _), (b, _) in pairwise(found))
    if rising >= LEAST_RISING and rising >= 0.6 * (len(found) - 1):
        for _, draft in found:
            draft.kind = "heading"
            draft.texts[0] = draft.lines[0].text


def _counted(draft: Draft | None) -> int:
    """The single number that begins a draft before a capital, 0 if none does."""
    match = _COUNTED.match(draft.lines[0].text) if draft and draft.kind != "heading" else None
    return int(match[1]) if match else 0


def rank(headings: Sequence[Draft]) -> None:
    """Gives headings their levels: by their tags; else by size, weight and capitals, then by the depth of their numbers."""
    if any(draft.lines[0].tag and draft.lines[0].tag.level for draft in headings):
        above = 0
        for draft in headings:
            tag = draft.lines[0].tag
            above = tag.level if tag and tag.level else above
            draft.level = above if tag and tag.level else min(9, above + 1)
        return
    styles = sorted({_key(d) for d in headings}, reverse=True)
    least: dict[tuple[float, bool, bool, bool], int] = {}
    for draft in headings:
        depth = _depth(draft)
        if depth:
            least[_key(draft)] = min(depth, least.get(_key(draft), depth))
    for draft in headings:
        key, depth = _key(draft), _depth(draft)
        draft.level = min(9, styles.index(key) + 1 + (depth - least[key] if depth else 0))


def _key(draft: Draft) -> tuple[float, bool, bool, bool]:
    line = draft.lines[0]
    return (line.size, line.bold, draft.text.isupper(), not draft.fused)


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
