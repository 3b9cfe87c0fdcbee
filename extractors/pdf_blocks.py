"""Lines in reading order -> paragraphs, list items and headings, not yet cleaned."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from extractors.pdf_headings import DOTTED, NUMBER, demote, is_heading, part_fused
from extractors.pdf_lines import Body, Draft, Line, height_of
from extractors.pdf_tables import PageTable

SPACED: Final = 1.2
"""Of the usual line pitch: a larger step down begins a new block."""

INDENT: Final = 0.7
"""Of the text's height: a first line set in by more than this begins a paragraph."""

FULL_LINE: Final = 0.85
"""Of a paragraph's width: a last line as long as this may go on in the next column."""

_BULLET: Final = re.compile(r"(?:[•●▪■□◦○‣⁃∙·➢➤►✓✔❖§Øü\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf02d]|[-–—*o])(?=\s)")
_SURE_BULLET: Final = re.compile(r"[•●▪■□◦○‣⁃∙➢➤►✓✔❖\uf0b7\uf0a7\uf0d8\uf0fc\uf076](?=\s|\w)\s*")
_STOP: Final = (".", "!", "?", ":", ";", '."', ".”", ".)", ".’")


def drafts_of(lines: Sequence[Line], side: bool, body: Body, before_table: bool) -> list[Draft]:
    """The blocks of one run of lines; `before_table` if a table follows it."""
    drafts: list[Draft] = []
    if not lines:
        return drafts
    if side:
        body = _own_pitch(lines, body)
    right = max(line.box[2] for line in lines)
    left = min(line.box[0] for line in lines)
    previous: Line | None = None
    for line in lines:
        current = drafts[-1] if drafts else None
        gap = previous is None or current is None or _parted(previous, line, body)
        if current and previous and line.tag and previous.tag:
            if line.tag.element == previous.tag.element:
                current.lines.append(line)
                current.texts.append(line.text)
                previous = line
                continue
            gap = True
        marker = _marker(line, current, previous, gap, body)
        if marker:
            rest = line.text[len(marker) :].lstrip()
            drafts.append(Draft("list_item", [line], marker.strip(), side, texts=[rest]))
        elif gap or current is None or previous is None or _begins(current, previous, line, left, right, body):
            drafts.append(Draft("paragraph", [line], "", side, texts=[line.text]))
        else:
            current.lines.append(line)
            current.texts.append(line.text)
        previous = line
    drafts[0].opens = True
    drafts = [d for d in drafts if any(d.texts)]
    for index, draft in enumerate(drafts):
        after = drafts[index + 1] if index + 1 < len(drafts) else None
        before = drafts[index - 1] if index else None
        tag = draft.lines[0].tag
        if tag and tag.kind in ("list_item", "note"):
            draft.kind, draft.side = tag.kind, side or tag.kind == "note"
        elif is_heading(draft, before, after, body, last=after is None and not before_table):
            draft.kind = "heading"
            draft.texts[0] = draft.lines[0].text
    demote(drafts)
    return [part for draft in drafts for part in part_fused(draft)]


def _own_pitch(lines: Sequence[Line], body: Body) -> Body:
    """The body with the pitch of a box's own lines, which are often set wider or closer."""
    steps = [(b.box[1] - a.box[1]) / height_of(b) for a, b in itertools.pairwise(lines) if a.size == b.size]
    return Body(body.size, body.bold, min(min((s for s in steps if s > 0), default=body.pitch), 1.8))


def _parted(a: Line, b: Line, body: Body) -> bool:
    if abs(a.size - b.size) > 0.05 * b.size + 0.3 or a.bold != b.bold:
        return True
    height = height_of(b)
    step = b.box[1] - a.box[1]
    return step > height * body.pitch * SPACED or step < 0


def _marker(line: Line, current: Draft | None, previous: Line | None, gap: bool, body: Body) -> str:
    """The bullet or number that begins the line, "" if none does."""
    text = line.text
    if sure := _SURE_BULLET.match(text):
        return sure.group() if len(sure.group()) < len(text) else ""
    match = _BULLET.match(text) or NUMBER.match(text)
    if not match:
        return ""
    listed = current is not None and current.kind == "list_item"
    ended = previous is not None and previous.text.endswith(_STOP)
    opens = line.bold and not body.bold and bool(DOTTED.match(text))
    same = listed and current is not None and abs(current.lines[0].box[0] - line.box[0]) <= 2
    return match.group() if gap or ended or same or opens else ""


def _begins(current: Draft, previous: Line, line: Line, left: float, right: float, body: Body) -> bool:
    """True if a line at the usual pitch begins a new paragraph."""
    height = line.box[3] - line.box[1]
    ended = previous.text.endswith(_STOP)
    capital = line.text[:1].isupper() or not line.text[:1].isalpha()
    if current.kind == "list_item":
        if not ended and (line.size > body.size + 0.5 or (line.bold and not body.bold)):
            return False  # a numbered heading goes on
        back = line.box[0] <= current.lines[0].box[0] + 1.0
        hung = len(current.lines) > 1 and current.lines[1].box[0] > current.lines[0].box[0] + 3
        short = previous.box[2] < right - 0.15 * (right - left)
        return back and capital and (ended or hung or short)
    centred = abs(line.box[0] + line.box[2] - previous.box[0] - previous.box[2]) <= 4.0
    if line.box[0] - left > INDENT * height and not (centred and not ended):
        if line.box[0] - previous.box[0] > INDENT * height:
            return capital and (ended or len(current.lines) > 1)
        if len(current.lines) == 1 and abs(line.box[0] - previous.box[0]) <= 1.0:
            return capital and ended and previous.box[2] < right - height
    short = previous.box[2] < right - 0.2 * (right - left)
    return ended and capital and short


def join_broken(drafts: Sequence[Draft | PageTable]) -> list[Draft | PageTable]:
    """Joins a paragraph that a column or a page break cut; tables and side boxes may come between."""
    out: list[Draft | PageTable] = []
    last: Draft | None = None
    for draft in drafts:
        if isinstance(draft, PageTable) or draft.side:
            out.append(draft)
            continue
        if (
            last is not None
            and draft.kind == "paragraph"
            and last.kind in ("paragraph", "list_item")
            and (draft.text[:1].islower() or _runs_on(last))
            and not last.text.rstrip().endswith(_STOP)
            and abs(draft.lines[0].size - last.lines[-1].size) < 0.6
            and draft.opens
        ):
            last.lines += draft.lines
            last.texts += draft.texts
            continue
        out.append(draft)
        last = draft
    return out


def _runs_on(draft: Draft) -> bool:
    """True if the last of several lines is as long as the others: a name or a figure may follow in the next column."""
    rights = [line.box[2] for line in draft.lines]
    left = min(line.box[0] for line in draft.lines)
    return len(rights) > 1 and rights[-1] - left >= FULL_LINE * (max(rights) - left) and draft.text[-1:].isalpha()
