"""Lines in reading order -> paragraphs, list items and headings, not yet cleaned."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from extractors.document import BlockKind, Box
from extractors.pdf_tables import PageTable
from extractors.pdf_words import Style, Word

LARGER: Final = 1.05
"""Of the body's size: text larger than this, and short, is a heading."""

SPACED: Final = 1.2
"""Of the usual line pitch: a larger step down begins a new block."""

HEADING_WORDS: Final = 20
"""Words: a longer run of large type is a pull quote or an opening paragraph."""

BOLD_WORDS: Final = 14
"""Words in a heading that only its weight, capitals or number marks."""

COMMON: Final = 0.15
"""Of the commonest step's weight: a smaller step that is at least so common is the pitch of the lines."""

INDENT: Final = 0.7
"""Of the text's height: a first line set in by more than this begins a paragraph."""

_BULLET: Final = re.compile(r"(?:[•●▪■□◦○‣⁃∙·➢➤►✓✔❖§Øü\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf02d]|[-–—*o])(?=\s)")
_SURE_BULLET: Final = re.compile(r"[•●▪■□◦○‣⁃∙➢➤►✓✔❖\uf0b7\uf0a7\uf0d8\uf0fc\uf076](?=\s|\w)\s*")
_NUMBER: Final = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,3})+\.?|\d{1,2}[.)]|\(\d{1,2}\)|\([a-z]{1,4}\)|[a-z]\)|(?:[ivx]{1,4})[.)]|[A-Za-z]\.)(?=\s)"
)
_DOTTED: Final = re.compile(r"\d{1,2}(?:\.\d{1,3})+\.?\s")
_SINGLE: Final = re.compile(r"(\d{1,2}|[A-Z])[.)]?\s")
_STOP: Final = (".", "!", "?", ":", ";", '."', ".”", ".)", ".’")


@dataclass(slots=True)
class Line:
    """One line of a column."""

    box: Box
    text: str
    size: float
    bold: bool
    page: int


@dataclass(slots=True)
class Draft:
    """A block in the making."""

    kind: BlockKind
    lines: list[Line]
    marker: str = ""
    side: bool = False
    level: int = 0
    opens: bool = False
    """True if it is the first of its run of lines, so may go on from another column or page."""
    texts: list[str] = field(default_factory=list)
    """The text of each line, without the bullet."""

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def make_line(words: Sequence[Word], page: int, styles: Sequence[Style]) -> Line:
    """A line with the size and weight of most of its text."""
    text = " ".join([w.text for w in words])
    first = words[0]
    x0, x1 = first.x0, words[-1].x1
    top, bottom = min([w.top for w in words]), max([w.bottom for w in words])
    used = {w.style for w in words[1:]} or {first.style}
    if len(used) == 1:
        style = styles[next(iter(used))]
        bold = style.bold and (styles[first.style].bold or len(first.text) < 3)
        return Line((x0, top, x1, bottom), text, style.size, bold, page)
    weight: Counter[int] = Counter()
    for w in words:
        weight[w.style] += len(w.text)
    style = styles[weight.most_common(1)[0][0]]
    bold = all(styles[s].bold for s in used)
    return Line((x0, top, x1, bottom), text, style.size, bold, page)


@dataclass(frozen=True, slots=True)
class Body:
    """The document's usual text: its size in points, whether it is bold, its line pitch as a share of the size."""

    size: float
    bold: bool
    pitch: float


def measure_body(leaves: Iterable[Sequence[Line]]) -> Body:
    """What most characters of a document are set in."""
    sizes: Counter[tuple[float, bool]] = Counter()
    pitches: Counter[float] = Counter()
    for lines in leaves:
        previous: Line | None = None
        for line in lines:
            sizes[line.size, line.bold] += len(line.text)
            if previous and previous.size == line.size:
                height = _height(line)
                step = line.box[1] - previous.box[1]
                if 0 < step < 2.5 * height:
                    pitches[round(step / height, 2)] += len(previous.text)
            previous = line
    (size, bold), _ = sizes.most_common(1)[0] if sizes else ((10.0, False), 0)
    # Where most paragraphs are of one line, the commonest step is the one between paragraphs.
    common = max(pitches.values(), default=0)
    pitch = min((step for step, weight in pitches.items() if weight > COMMON * common), default=1.2)
    return Body(size, bold, min(pitch, 2.0))


def drafts_of(lines: Sequence[Line], side: bool, body: Body) -> list[Draft]:
    """The blocks of one run of lines."""
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
        marker = _marker(line, current, previous, gap)
        if marker:
            rest = line.text[len(marker) :].lstrip()
            drafts.append(Draft("list_item", [line], marker.strip(), side, texts=[rest]))
        elif gap or current is None or previous is None or _begins(current, previous, line, left, right):
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
        if _is_heading(draft, before, after, body):
            draft.kind = "heading"
            draft.texts[0] = draft.lines[0].text
    _demote(drafts)
    return drafts


def _demote(drafts: Sequence[Draft]) -> None:
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


def _height(line: Line) -> float:
    """The font's size where it is known: the height of boxes depends on the letters in some fonts."""
    return line.size if line.size > 1 else max(1.0, line.box[3] - line.box[1])


def _own_pitch(lines: Sequence[Line], body: Body) -> Body:
    """The body with the pitch of a box's own lines, which are often set wider or closer."""
    steps = [(b.box[1] - a.box[1]) / _height(b) for a, b in itertools.pairwise(lines) if a.size == b.size]
    return Body(body.size, body.bold, min(min((s for s in steps if s > 0), default=body.pitch), 1.8))


def _parted(a: Line, b: Line, body: Body) -> bool:
    if abs(a.size - b.size) > 0.05 * b.size + 0.3 or a.bold != b.bold:
        return True
    height = _height(b)
    step = b.box[1] - a.box[1]
    return step > height * body.pitch * SPACED or step < 0


def _marker(line: Line, current: Draft | None, previous: Line | None, gap: bool) -> str:
    """The bullet or number that begins the line, "" if none does."""
    text = line.text
    if sure := _SURE_BULLET.match(text):
        return sure.group() if len(sure.group()) < len(text) else ""
    match = _BULLET.match(text) or _NUMBER.match(text)
    if not match:
        return ""
    listed = current is not None and current.kind == "list_item"
    ended = previous is not None and previous.text.endswith(_STOP)
    same = listed and current is not None and abs(current.lines[0].box[0] - line.box[0]) <= 2
    return match.group() if gap or ended or same else ""


def _begins(current: Draft, previous: Line, line: Line, left: float, right: float) -> bool:
    """True if a line at the usual pitch begins a new paragraph."""
    height = line.box[3] - line.box[1]
    ended = previous.text.endswith(_STOP)
    capital = line.text[:1].isupper() or not line.text[:1].isalpha()
    if current.kind == "list_item":
        back = line.box[0] <= current.lines[0].box[0] + 1.0
        hung = len(current.lines) > 1 and current.lines[1].box[0] > current.lines[0].box[0] + 3
        short = previous.box[2] < right - 0.15 * (right - left)
        return back and capital and (ended or hung or short)
    if line.box[0] - previous.box[0] > INDENT * height and line.box[0] - left > INDENT * height:
        return capital and (ended or len(current.lines) > 1)
    short = previous.box[2] < right - 0.2 * (right - left)
    return ended and capital and short


def _is_heading(draft: Draft, before: Draft | None, after: Draft | None, body: Body) -> bool:
    lines = draft.lines
    text = lines[0].text if len(lines) == 1 else " ".join(line.text for line in lines)
    words = text.split()
    letters = [c for c in text if c.isalpha()] if len(words) <= HEADING_WORDS else []
    if len(lines) > 3 or not letters or text.endswith((".", ";", ",")) or len(words) > HEADING_WORDS:
        return False
    numbered = draft.kind == "list_item"
    if numbered and not _NUMBER.match(draft.marker + " "):
        return False
    size = lines[0].size
    if size > LARGER * body.size and size >= body.size + 0.5:
        return True
    if len(words) > BOLD_WORDS or len(lines) > 2 or (text.endswith((":", "?", "!")) and not lines[0].bold):
        return False
    if size < 0.9 * body.size:
        return False
    if all(line.bold for line in lines) and not body.bold:
        return not numbered or _lone(draft, before, after) or bool(_DOTTED.match(text))
    if text.isupper() and max(map(len, words)) > 3 and len(letters) > 4:
        return not numbered or _lone(draft, before, after)
    return bool(_DOTTED.match(text)) and len(lines) == 1 and _lone(draft, before, after) and words[1][:1].isupper()


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
    if _DOTTED.match(text):
        return len(re.findall(r"\d+", text.split()[0]))
    return 1 if _SINGLE.match(text) else 0


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
            and draft.text[:1].islower()
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
