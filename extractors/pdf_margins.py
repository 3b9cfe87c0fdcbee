"""Headings that stand in the margin, level with the first line of their text: set above it, so that they are read before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from extractors.pdf_content import Style
from extractors.pdf_layout import GUTTER, Piece

LEVEL: Final = 3.0
"""Points by which a heading and the first line of its text may be out of level."""

MOST_WORDS: Final = 14
"""Words in a heading."""

LEAST_LINES: Final = 3
"""Lines of text to each heading on the average: with fewer they are the labels of a list, a form or a glossary."""


def set_margin_heads(pieces: list[Piece], styles: Sequence[Style]) -> list[Piece]:
    """The pieces with bold margin headings moved to the text's edge, just above its line; all as they are if any is no such heading."""
    if not pieces:
        return pieces
    edge = Counter(round(p.x0) for p in pieces).most_common(1)[0][0]
    margin = sorted((p for p in pieces if p.x1 <= edge - GUTTER), key=lambda p: p.top)
    text = sorted((p for p in pieces if abs(p.x0 - edge) <= 1.0), key=lambda p: p.top)
    if not margin or _is_bold(text, styles):
        return pieces
    heads = [[margin[0]]]
    for above, piece in pairwise(margin):
        if piece.top - above.bottom <= 0.6 * (piece.bottom - piece.top):
            heads[-1].append(piece)
        else:
            heads.append([piece])
    if len([p for p in text if p.top >= margin[0].top - LEVEL]) < LEAST_LINES * len(heads):
        return pieces
    moved: list[Piece] = []
    for head in heads:
        first = _first_line(head[0], text)
        if first is None or not _is_heading(head, styles):
            return pieces
        for number, piece in enumerate(head):
            top = first.top - 0.5 * (len(head) - number)
            moved.append(piece._replace(x0=edge, x1=edge + piece.x1 - piece.x0, top=top, bottom=top + 0.4))
    return [*(p for p in pieces if p not in margin), *moved]


def _is_bold(pieces: Sequence[Piece], styles: Sequence[Style]) -> bool:
    bold = sum(styles[w.style].bold for p in pieces for w in p.words)
    return 2 * bold > sum(len(p.words) for p in pieces)


def _is_heading(head: Sequence[Piece], styles: Sequence[Style]) -> bool:
    """True for a few bold words, some of them more than a number, that do not only label what stands beside them."""
    words = [w for p in head for w in p.words]
    if not 0 < len(words) <= MOST_WORDS or not all(styles[w.style].bold for w in words):
        return False
    return words[0].text[:1].isupper() and words[-1].text[-1:] not in ".:;," and any(len(w.text) > 2 and w.text.isalpha() for w in words)


def _first_line(head: Piece, text: Sequence[Piece]) -> Piece | None:
    """The line level with a heading, if it begins a paragraph: it stands further below the last than the next below it."""
    for number, line in enumerate(text):
        if abs(line.bottom - head.bottom) <= LEVEL:
            above = line.top - text[number - 1].top if number else float("inf")
            below = text[number + 1].top - line.top if number + 1 < len(text) else 0.0
            return line if above > 1.15 * below else None
    return None
