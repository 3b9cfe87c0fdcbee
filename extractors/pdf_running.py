"""Running heads and feet: found by their repetition, their page numbers or their protective marking."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from extractors.pdf_layout import Piece

ZONE: Final = 0.095
"""Of the page's height: how far from the top and the bottom edge running heads and feet stand."""

NUMBER_ZONE: Final = 0.08
"""Of the page's height: a bare number this near the edge is a page number, even if it stands once."""

DRIFT: Final = 6.0
"""Points by which a running head may move between pages."""

LEAST_PAGES: Final = 3
"""Pages that must show the same head (or half of the pages of a shorter document, but two at least)."""

_DIGITS: Final = re.compile(r"\d+")
_NUMBER: Final = re.compile(r"(?:page\s*)?[-–—|\s]*(?:\d{1,4}|[ivxl]{1,5})[-–—|\s]*(?:(?:of|/)\s*\d{1,4})?[-–—|\s]*$", re.IGNORECASE)
_MARKING: Final = re.compile(
    r"(?:NOT PROTECTIVELY MARKED|UNCLASSIFIED|PROTECT|RESTRICTED|CONFIDENTIAL|TOP SECRET|SECRET|OFFICIAL)\b[-–—\sA-Z:/()]*$"
)


def text_of(piece: Piece) -> str:
    """The piece's words, spaced."""
    return " ".join(w.text for w in piece.words)


def split_running(pages: Sequence[Sequence[Piece]], heights: Sequence[float]) -> tuple[list[list[Piece]], tuple[str, ...]]:
    """Each page's pieces without the running ones, and the running texts, once each."""
    groups: dict[tuple[bool, str], list[tuple[int, Piece, str]]] = defaultdict(list)
    for index, pieces in enumerate(pages):
        high, low = heights[index] * ZONE, heights[index] * (1 - ZONE)
        for piece in pieces:
            if piece.bottom <= high or piece.top >= low:
                text = text_of(piece)
                groups[piece.top >= low, _DIGITS.sub("#", text)].append((index, piece, text))
    drop: set[tuple[int, int]] = set()
    texts: list[str] = []
    need = LEAST_PAGES if len(pages) >= 2 * LEAST_PAGES else max(2, (len(pages) + 1) // 2)
    for group in groups.values():
        if _repeats(group, min(need, LEAST_PAGES)):
            taken = group
        else:
            taken = [
                (i, p, t)
                for i, p, t in group
                if _MARKING.match(t) or (_NUMBER.match(t) and _at_edge(p, heights[i]) and _alone(p, pages[i]))
            ]
        for index, piece, text in taken:
            drop.add((index, id(piece)))
            if not _NUMBER.match(text) and text not in texts:
                texts.append(text)
    for index, pieces in enumerate(pages):
        drop.update((index, id(p)) for p in pieces if p.words[0].text.isupper() and _is_again(text_of(p), texts))
    if not drop:
        return [list(p) for p in pages], ()
    kept = [[p for p in pieces if (i, id(p)) not in drop] for i, pieces in enumerate(pages)]
    return kept, tuple(_once(texts))


def _is_again(text: str, texts: Sequence[str]) -> bool:
    """True for a marking that stands once more in the middle of a page."""
    return text in texts and bool(_MARKING.match(text))


def _repeats(group: list[tuple[int, Piece, str]], need: int) -> bool:
    if len({index for index, _, _ in group}) < need:
        return False
    near = max(sum(abs(p.top - q.top) <= DRIFT for _, q, _ in group) for _, p, _ in group[:3])
    if near < max(need, 0.6 * len(group)):
        return False
    if len({text for _, _, text in group}) == 1:
        return True
    numbers = [[int(n) - index for n in _DIGITS.findall(text)[-4:]] for index, _, text in group]
    width = min(map(len, numbers))
    return any(max(map(column.count, set(column))) >= 0.7 * len(column) for column in ([n[k] for n in numbers] for k in range(width)))


def _once(texts: list[str]) -> list[str]:
    """One text of those that differ only in their numbers."""
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(_DIGITS.sub("#", text), text)
    return list(seen.values())


def _at_edge(piece: Piece, height: float) -> bool:
    return piece.bottom <= height * NUMBER_ZONE or piece.top >= height * (1 - NUMBER_ZONE)


def _alone(piece: Piece, pieces: Sequence[Piece]) -> bool:
    return not any(q is not piece and q.top < piece.bottom and q.bottom > piece.top for q in pieces)
