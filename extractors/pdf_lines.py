"""Lines of text and the drafts of blocks that are made of them, with what a document's usual text looks like."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from extractors.document import BlockKind, Box
from extractors.pdf_content import Style, Word
from extractors.pdf_tags import Tag

COMMON: Final = 0.05
"""Of the commonest step's weight: a smaller step that is at least so common is the pitch of the lines."""


LEAD_WORDS: Final = 10
"""Words in a heading that stands in one line with its text."""


@dataclass(slots=True)
class Line:
    """One line of a column."""

    box: Box
    text: str
    size: float
    bold: bool
    page: int
    tag: Tag | None = None
    lead: tuple[Line, Line] | None = None
    """A heading that stands in the line with its text, and the rest of the line."""


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
    fused: bool = False
    """True for a heading that stands in one line with its text: it is below those that stand alone."""
    texts: list[str] = field(default_factory=list)
    """The text of each line, without the bullet."""

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def make_line(words: Sequence[Word], page: int, styles: Sequence[Style], tags: Mapping[int, Tag]) -> Line:
    """A line with the size, the weight and the tag of most of its text."""
    tag = _tag(words, tags) if tags else None
    text = " ".join([w.text for w in words])
    first = words[0]
    x0, x1 = first.x0, words[-1].x1
    top, bottom = min([w.top for w in words]), max([w.bottom for w in words])
    used = {w.style for w in words[1:]} or {first.style}
    if len(used) == 1:
        style = styles[next(iter(used))]
        bold = style.bold and (styles[first.style].bold or len(first.text) < 3)
        return Line((x0, top, x1, bottom), text, style.size, bold, page, tag, None if style.bold else _lead(words, page, styles))
    weight: Counter[int] = Counter()
    for w in words:
        weight[w.style] += len(w.text)
    style = styles[weight.most_common(1)[0][0]]
    bold = all(styles[s].bold for s in used)
    return Line((x0, top, x1, bottom), text, style.size, bold, page, tag, None if bold else _lead(words, page, styles))


def _lead(words: Sequence[Word], page: int, styles: Sequence[Style]) -> tuple[Line, Line] | None:
    """The bold beginning of a line, closed by a stop or a dash, and the rest. A colon closes a label, which its text needs."""
    if not styles[words[0].style].bold:
        return None
    count = next(i for i, word in enumerate(words) if not styles[word.style].bold)
    if not 0 < count <= LEAD_WORDS or not words[count - 1].text.endswith((".", "–", "—", "?")):
        return None
    return make_line(words[:count], page, styles, {}), make_line(words[count:], page, styles, {})


def _tag(words: Sequence[Word], tags: Mapping[int, Tag]) -> Tag | None:
    """The tag of most of the words; None if most have none."""
    found = Counter(tags.get(word.mark) for word in words)
    return found.most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class Body:
    """The document's usual text: its size in points, whether it is bold, its line pitch as a share of the size."""

    size: float
    bold: bool
    pitch: float


def measure_body(leaves: Iterable[Sequence[Line]]) -> Body:
    """What most characters of a document are set in."""
    sizes: Counter[tuple[float, bool]] = Counter()
    steps: dict[tuple[float, bool], Counter[float]] = defaultdict(Counter)
    for lines in leaves:
        previous: Line | None = None
        for line in lines:
            sizes[line.size, line.bold] += len(line.text)
            if previous and previous.size == line.size:
                height = height_of(line)
                step = line.box[1] - previous.box[1]
                if 0.9 * height < step < 2.5 * height:
                    steps[line.size, line.bold][round(step / height, 2)] += len(previous.text)
            previous = line
    (size, bold), _ = sizes.most_common(1)[0] if sizes else ((10.0, False), 0)
    pitches = steps[size, bold]
    # Where most paragraphs are of one line, the commonest step is the one between paragraphs.
    common = max(pitches.values(), default=0)
    pitch = min((step for step, weight in pitches.items() if weight > COMMON * common), default=1.2)
    return Body(size, bold, min(pitch, 2.0))


def height_of(line: Line) -> float:
    """The font's size where it is known: the height of boxes depends on the letters in some fonts."""
    """The height of a line's letters in points."""
    return line.size if line.size > 1 else max(1.0, line.box[3] - line.box[1])
