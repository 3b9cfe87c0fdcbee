"""Two versions of a submission's passages side by side: what stayed, moved, was reworded, added or removed.

Numbering, case, spacing and typography are nothing: a section that is renumbered or a list that is re-bulleted has not changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from extractors.document import Document, Passage

Change = Literal["same", "moved", "reworded", "added", "removed"]

ALIKE: Final = 0.45
"""Cosine of two passages' words and word pairs, weighted by rarity, from which one is the other reworded."""
ALIKE_HERE: Final = 0.2
"""The same for two passages under the same heading."""

REPEATS: Final = 0.5
"""Share of an earlier document's passages that a new document must repeat word for word to stand in its place under another name."""

_NUMBER = r"[A-Z]{0,3}\d{1,3}(?:[.\-/]\d{1,3})*[a-z]?"
_LABEL = re.compile(
    r"^\s*(?:[-*•–]\s+"
    rf"|(?i:[(\[]?(?:{_NUMBER}|[a-z]|[ivxl]+)[.)\]:](?:\s*\|\s*|\s+))"
    rf"|(?i:{_NUMBER}|[a-z]|[ivxl]+)\s*\|\s*"
    rf"|(?i:{_NUMBER})\s+(?=[A-Z][a-z]|A\s)"
    r"|\d{1,3}(?:\.\d{1,3})+\s+(?!FTE)(?=[A-Z]))"
)
"""A bullet, "(a)", "2.", the number in a row's first cell, or a bare number before a sentence: "3.1 The plan", not "12 officers"."""
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u00ad": ""})
_MEASURE_NAMES: Final = (
    "priority score scores rank ranking rating risk level grade weight weighting likelihood probability impact severity threat need "
    "total amount cost target year fte officers staff posts vehicles"
)
_MEASURES: Final = frozenset(_MEASURE_NAMES.split())
_NUMBERINGS: Final = frozenset({"no", "nr", "number", "ref", "reference", "id", "item", "serial", "code"})
WORD: Final = re.compile(r"\w+(?:[.,'/]\w+)*")


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of one version: its file's name, its words, the headings above it (the nearest last), its place in the document's text."""

    file: str
    text: str
    headings: tuple[str, ...]
    start: int
    end: int
    measured: bool = False
    """Whether it is a row that begins with a measure, by that column's header: a priority, a score. Such a number is no numbering."""

    @property
    def bare(self) -> str:
        """Its text without numbering, in plain typography."""
        return self.text.translate(_TYPOGRAPHY) if self.measured else bare(self.text)

    @property
    def plain(self) -> str:
        """Its words alone."""
        return _words(self.bare)


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage of the old version (its index, None where added) and its successor (None where removed)."""

    old: int | None
    new: int | None
    change: Change


def texts(document: Document) -> list[Text]:
    """A document's passages as they are compared."""
    return [Text(document.file, p.text, p.headings, p.start, p.end, _is_measured(p)) for p in document.passages]


def _is_measured(passage: Passage) -> bool:
    """Whether a row begins with a mere number, under a header that names a measure and no row's number: "Priority", not "Priority no."."""
    header, first = next((both for both in zip(passage.columns, passage.cells, strict=False) if both[1]), ("", ""))
    named = set(_words(header).split())
    return first.strip().isdecimal() and bool(named & _MEASURES) and not named & _NUMBERINGS


def bare(text: str) -> str:
    """A passage without its numbering, in plain typography."""
    return _LABEL.sub("", text.translate(_TYPOGRAPHY), count=1)


def plain(text: str) -> str:
    """The words of a passage, without what numbering and typography put around them."""
    return _words(bare(text))


def _words(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))


def repeats(new: Sequence[Text], old: Sequence[Text]) -> bool:
    """Whether a document says so much of what an earlier one said, word for word, that it stands in its place."""
    said = {text.plain for text in new}
    return sum(text.plain in said for text in old) > REPEATS * len(old)


def align(old: Sequence[Text], new: Sequence[Text]) -> list[Pair]:
    """Every passage of both versions in exactly one pair: those of the new version in their order, then the removed ones."""
    found = _identical(old, new)
    found |= _reworded(old, new, set(found), set(found.values()))
    in_order = _in_order(found)
    pairs = []
    predecessor = {n: o for o, n in found.items()}
    for n in range(len(new)):
        o = predecessor.get(n)
        if o is None:
            pairs.append(Pair(None, n, "added"))
        elif old[o].plain != new[n].plain:
            pairs.append(Pair(o, n, "reworded"))
        else:
            pairs.append(Pair(o, n, "same" if o in in_order and old[o].file == new[n].file else "moved"))
    return pairs + [Pair(o, None, "removed") for o in range(len(old)) if o not in found]


def _identical(old: Sequence[Text], new: Sequence[Text]) -> dict[int, int]:
    """Old to new for passages with the same words: in the same file where there is one, in order among several."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, text in reversed(list(enumerate(new))):
        places[text.file, text.plain].append(n)
        places["", text.plain].append(n)
    found: dict[int, int] = {}
    taken: set[int] = set()
    for same_file in (True, False):
        for o, text in enumerate(old):
            queue = places[text.file if same_file else "", text.plain]
            while queue and queue[-1] in taken:
                queue.pop()
            if o not in found and queue:
                found[o] = queue.pop()
                taken.add(found[o])
    return found


def _reworded(old: Sequence[Text], new: Sequence[Text], known: set[int], taken: set[int]) -> dict[int, int]:
    """Old to new among the rest, the most alike first."""
    left = [o for o in range(len(old)) if o not in known and old[o].plain]
    right = [n for n in range(len(new)) if n not in taken and new[n].plain]
    if not left or not right:
        return {}
    from sklearn.feature_extraction.text import TfidfVectorizer  # lazy: a second to import, and a first review compares nothing

    words = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True)  # noqa: S106 (no password)
    weights = words.fit_transform([old[o].plain for o in left] + [new[n].plain for n in right])
    alike = (weights[: len(left)] @ weights[len(left) :].T).tocoo()
    candidates = []
    for i, j, value in zip(alike.row, alike.col, alike.data, strict=True):
        o, n = left[i], right[j]
        under_one = old[o].headings and new[n].headings and plain(old[o].headings[-1]) == plain(new[n].headings[-1])
        if value >= (ALIKE_HERE if under_one else ALIKE):
            candidates.append((-round(float(value), 6), old[o].file != new[n].file, o, n))
    found: dict[int, int] = {}
    used: set[int] = set()
    for _, _, o, n in sorted(candidates):
        if o not in found and n not in used:
            found[o] = n
            used.add(n)
    return found


def _in_order(found: dict[int, int]) -> set[int]:
    """The old passages that keep their order in the new version, the longest such run; the others moved."""
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for o in sorted(found):
        at = bisect_left(ends, found[o])
        before[o] = tails[at - 1] if at else None
        tails[at:] = [o, *tails[at + 1 :]]
        ends[at:] = [found[o], *ends[at + 1 :]]
    kept: set[int] = set()
    step = tails[-1] if tails else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return kept


def rehoused(old: Sequence[Text], new: Sequence[Text], pairs: Sequence[Pair]) -> set[Pair]:
    """The pairs whose passage left one section for another. A section that only has another heading is still the same section."""
    reworded = {old[p.old].plain: new[p.new].plain for p in pairs if p.old is not None and p.new is not None}

    def under(text: Text, now: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(now.get(plain(heading), plain(heading)) for heading in text.headings)

    was, are = ([under(text, now) for text in texts] for texts, now in ((old, reworded), (new, {})))
    both = {*was} & {*are}
    stayed = {pair: (was[pair.old], are[pair.new]) for pair in pairs if pair.old is not None and pair.new is not None}
    return {pair for pair, (before, after) in stayed.items() if before != after and (before in both or after in both)}
