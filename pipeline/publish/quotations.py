"""Evidence as a letter quotes it: a few telling words, the document's title and the place in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, Final

LONGEST: Final = 45
"""Words of a quotation in a letter."""
FEWEST: Final = 7
"""Words and bars of a quotation; a shorter one ("CP-04 | 3") is taken only where there is no other."""
LEAST: Final = 8
"""Characters of bearing words; fewer point at nothing that could be quoted alone."""
_NUMBERED: Final = re.compile(r"(?:\d+(?:\.\d+)+\.?|\d+[.)]|\([a-z]\))\s+")
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words of a document and where they stand."""

    text: str
    file: str
    place: str


def ranked(evidence: Sequence[Mapping[str, Any]]) -> tuple[Quotation, ...]:
    """Those first that say enough to be quoted alone; of these the ones that bear most, then those in prose, then the surest."""

    def rank(one: Mapping[str, Any]) -> tuple[bool, int, bool, float]:
        quote = str(one["quote"])
        return len(quote.split()) < FEWEST, -len(one.get("elements") or ()), " | " in quote, -(one.get("score") or 0)

    return tuple(dict.fromkeys(map(quotation, sorted(evidence, key=rank))))


def quotation(evidence: Mapping[str, Any]) -> Quotation:
    """A finding's or a cell's evidence, as a letter quotes it."""
    return Quotation(excerpt(evidence), title_of(str(evidence["file"])), place_in_words(evidence))


def title_of(file: str) -> str:
    """A file as a letter names it: without folders and suffix."""
    return PurePosixPath(file).stem.replace("_", " ")


def place_in_words(evidence: Mapping[str, Any]) -> str:
    """Where it stands, for those who know no formulas and do not ask who read it: "sheet Plan, cell B7"."""
    if evidence.get("sheet"):
        return f"sheet {evidence['sheet']}, cell {evidence['cell']}" if evidence.get("cell") else f"sheet {evidence['sheet']}"
    return f"page {evidence['page']}" if evidence.get("page") is not None else "place not known"


def excerpt(evidence: Mapping[str, Any]) -> str:
    """The sentences of a quotation that hold its bearing words, at most LONGEST words; what is cut is marked "…"."""
    quote = " ".join(str(evidence["quote"]).split())
    numbered = _NUMBERED.match(quote)
    first = numbered.end() if numbered else 0
    telling = [(int(a), int(b)) for a, b in evidence.get("highlights") or () if b - a >= LEAST] if " | " not in quote else []
    cuts = [first, *(m.end() for m in _SENTENCE.finditer(quote) if m.end() > first), len(quote)]
    sentences = list(pairwise(cuts))
    bearing = [n for n, (start, end) in enumerate(sentences) if any(a < end and start < b for a, b in telling)]
    chosen = sentences[bearing[0] : bearing[-1] + 1] if bearing else sentences
    start, end = chosen[0][0], chosen[-1][1]
    words = quote[start:end].split()
    shown = " ".join(words[:LONGEST])
    return ("… " if start > first else "") + shown + (" …" if end < len(quote) or len(words) > LONGEST else "")
