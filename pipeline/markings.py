"""Protective markings: their order, which of them a document bears, which of them let it be quoted to anyone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from extractors.document import Document
from rules.pack import Pack

MARKINGS: Final = (  # lowest first
    "NOT PROTECTIVELY MARKED", "UNCLASSIFIED", "OFFICIAL", "PROTECT", "OFFICIAL-SENSITIVE",
    "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET",
)  # fmt: skip
OPEN: Final = MARKINGS[:2]
RECORDED: Final = "RESTRICTED"
"""From this marking on, every look at a document is recorded. A document without a marking is treated as if it had this one."""
LONGEST: Final = 8
"""Words of a line that may be a marking and nothing else."""
EVERYDAY: Final = ("OFFICIAL", "PROTECT", "SECRET")
"""Markings that are words of every day: in a file's name they count in capitals only."""
_STATED: Final = re.compile(r"(?:protective marking|(?:security )?classification)\W+(.+)", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\s*[\[(]([^\])]+)[\])]")
_ENDS: Final = re.compile(r"\s[-–—|]\s|[:\[\](){}]")
"""What parts a marking at the beginning or end of a line from the rest ("Annex B – Restricted", "Annex B (Restricted)")."""
_SPACED: Final = re.compile(r"(?<!\S)(?:[A-Z] ){3,}[A-Z](?!\S)")
"""A word whose letters stand apart ("R E S T R I C T E D")."""


def marking_rank(marking: str) -> int:
    """How high a protective marking stands; one that is not known counts as the highest, to be on the safe side."""
    plain = re.sub(r"\s*-\s*", "-", " ".join(str(marking).upper().split()))
    ranks = [rank for rank, known in enumerate(MARKINGS) if re.match(re.escape(known) + r"(?!\w)", plain)]
    return ranks[-1] if ranks else len(MARKINGS)


def recorded(marking: str) -> bool:
    """Whether looks at a document with this marking are recorded."""
    return marking_rank(marking.strip() or RECORDED) >= MARKINGS.index(RECORDED)


def is_open(document: Mapping[str, Any]) -> bool:
    """Whether what a document says may stand in a public output, or in another force's letter."""
    marking = str(document.get("marking") or "").strip()
    return bool(marking) and marking_rank(marking) < len(OPEN)


def marking_of(document: Document, pack: Pack) -> str:
    """The highest protective marking in a running head, a title, a line of its own or the name of the file and its folders; "" where none
    stands there. A name can close a document, not open it."""
    inside = [marking_in(line, pack) for line in _lines(document, pack)]
    words = re.findall("[A-Za-z]+", document.file)
    names = ([w for w in words if w == w.upper()], [w.upper() for w in words if w.upper() not in EVERYDAY])
    named = [name for name in (marking_in(" ".join(one), pack) for one in names) if name not in OPEN]
    return max(filter(None, (*inside, *named)), key=pack.markings.index, default="")


def marking_in(line: str, pack: Pack) -> str:
    """The highest marking that a line holds in capitals; "" where it holds none."""
    rest, found = _capitals(line), []
    for name in sorted(pack.markings, key=len, reverse=True):
        plain = _capitals(name)
        rest, times = re.subn(rf"\b(?:{plain}|{plain.replace(' ', '')})\b", " ", rest)
        found += [name] * times
    return max(found, key=pack.markings.index, default="")


def _lines(document: Document, pack: Pack) -> Iterator[str]:
    """What may hold a marking: running heads and headings, lines in capitals, what a line states to be its marking or begins with in
    brackets ("[RESTRICTED] The team ..."). Of all these only what is in capitals counts, but for a statement, a head that is no more, and
    what closes a heading or a short line ("Annex B – Restricted")."""
    heads = (*document.running, document.title)
    yield from (*heads, *(p.text for p in document.passages if p.kind == "heading"))
    yield from (head.upper() for head in heads if _capitals(head.upper()) in map(_capitals, pack.markings))
    for line in (*heads, *(p.text for p in document.passages)):
        if before := _BRACKETS.match(line):
            yield before[1]
        if len(_SPACED.sub("SPACED", line).split()) <= LONGEST:
            if stated := _STATED.match(line):
                yield stated[1].upper()
            elif line == line.upper():
                yield line
    closing = {_capitals(name) for name in pack.markings if name not in (*OPEN, *EVERYDAY)}
    for line in (*heads, *(p.text for p in document.passages if p.kind in ("heading", "paragraph"))):
        parts = [part for part in map(str.upper, map(str.strip, _ENDS.split(line))) if part]
        if len(line.split()) <= LONGEST:
            yield from (part for part in (parts[:1] + parts[-1:]) if _capitals(part) in closing)


def _capitals(line: str) -> str:
    """A line's capitals alone, as words; letters that stand apart are one."""
    return _SPACED.sub(lambda spaced: spaced[0].replace(" ", ""), " ".join(re.sub(r"[^A-Z ]", " ", line).split()))
