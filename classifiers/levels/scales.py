"""What a submission's words, letters and scores mean as levels 0 to 3: its own key decides, else the pack's level words, else the shape
of the scale (handbook section 6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from rules.pack import Levels

HEAD: Final = 5
"""Words at the head of a cell in which its level stands ("Low; five homicides in the year")."""
LEAST: Final = 0.001
"""What "over" and "under" leave out."""
TOPS: Final = (3, 4, 5, 6, 9, 10, 12, 16, 20, 25, 36, 100)
"""Highest marks of the usual scales."""
CUTS: Final = {3: (2, 3), 4: (2, 3), 5: (3, 4), 16: (5, 9), 20: (7, 13), 25: (8, 15)}
"""First medium and first high mark of a scale by its highest mark; thirds for the others."""
LETTERS: Final = "abcdefgh"

_NUMBER: Final = r"\d+(?:\.\d+)?"
_LABEL: Final = re.compile(
    r"\b(?i:class|tier|band|grade|category|group|level|priority|stage|type|rank|scored?)\s+(?=([A-H]|\d\d?|I{1,3}|IV|V)\b)"
)
_FIRST_IS_TOP: Final = re.compile(r"\s*(?:tier|category|class|priority)\b", re.IGNORECASE)
_ROMAN: Final = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}
_ROMAN_MARK: Final = re.compile(r"\b(?:I{1,3}|IV|V)\b(?!['’])")
_MARKED: Final = re.compile(
    r"(?:[\s:=,–-]|\b(?:level|score|rating|grade|band|class|tier|stands|put|set|assessed|rated|graded|scored|is|was|are|be|at|as|of|an?|the)\b)*"
    rf"(?<![\w.])({_NUMBER}|[A-Z]\d|V?[HML]|[A-H])(?![\w%]|\.\d|\s?(?:per cent|%))(?:\s*(?:/|out of)\s*(\d+))?"
)
_CELL_LETTER: Final = re.compile(r"([A-Za-z]{1,2}(?:/[A-Za-z]{1,2})?)[+-]?(?:\s*[^\w\s].*)?")
_CELL_NUMBER: Final = re.compile(  # "16", "I16/20", "4 x 4 = 16", "stretched (2)"
    rf"(?:\W*?(?:[A-Za-z]{{1,2}}\s?)?|.*=\s*|[A-Za-z ]+\()(?<![\d.£$])(?!0\d)({_NUMBER})(?:\s*(?:/|out of|of)\s*(\d+))?\s*(?:$|[^\w\s%.£])"
)
_TOP: Final = re.compile(r"(?:\b[01]\s*(?:-|–|—|to)|\b(?:out of|maximum(?: of)?|max)|/)\s*(\d{1,3})\b", re.IGNORECASE)
_MARK: Final = re.compile(
    rf"\b(?i:over|above|more than)\s+(?P<over>{_NUMBER})|(?:\b(?i:under|below|less than)\s+|<\s?)(?P<under>{_NUMBER})"
    rf"|(?<![\w.£])(?P<least>{_NUMBER})\s*(?:(?:and|or) (?:over|above|more|up|upwards|higher)\b|\+)"
    rf"|(?<![\w.£])(?P<most>{_NUMBER})\s*(?:and|or) (?:less|under|below|fewer|lower)\b"
    rf"|(?<![\w.£])(?P<low>{_NUMBER})\s*(?:-|–|—|to)\s*(?P<high>{_NUMBER})(?!\w)"
    r"|(?<![\w.£])(?P<one>\d\d?)(?![\w%.]\d|[\w%])|\b(?P<name>[A-H]|[A-Z]\d)\b(?!['’])"
)
_MEANS: Final = r"is|are|means?|denotes?|signif(?:y|ies)|indicates?|as|reads?|equals|for|counts as|stands for|corresponds to|to"
_TERM: Final = re.compile(
    rf"([\w'’-]+(?: [\w'’-]+){{0,2}}?)[\"'”’]?(?:\s*[:=(–—]|\s+(?:{_MEANS})\b)(?:\W|\b(?:{_MEANS}|the same as|a|an|the|of)\b)*$",
    re.IGNORECASE,
)
_HEAD: Final = re.compile(
    r"\W*(?:(?:where|when|if|by) )?(?:(?:we|they) (?:say|write|put|call) )?[\"'“‘]?([\w'’-]+(?: [\w'’-]+){0,2}?)[\"'”’]?"
    r"(?:\s*[:,=(–—]|\s+(?:we mean|means?|denotes?|is|are)\b)",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(r"(?:[\s,&/]|\b(?:and|or|\w\d?)\b)*")
_PIECE: Final = re.compile(r"\b(?:and|or|but|where|while|whereas)\b|[,;.()]")
_THREE: Final = re.compile(r"([A-Za-z'’-]{4,}), ([A-Za-z'’-]{4,}),? (?:(?:and|or) )?([A-Za-z'’-]{4,})")

Mark = str | tuple[float, float]
"""What a key explains: a term ("hot", "a", "t5"), or the marks from the first to the second."""


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]` is a noun that levels are said of, a level, or a mark of a key; in a key, all three."""

    start: int
    end: int
    kinds: frozenset[str] = frozenset()
    """What it is of: none of them where a noun is neither need nor threat, or where a key is for any."""
    level: int = 0
    mark: Mark = ""


def apart(found: Sequence[Found]) -> list[Found]:
    """Those that overlap none before them, in the order of the text."""
    kept: list[Found] = []
    for one in found:
        if not any(k.start < one.end and one.start < k.end for k in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def finder(phrases: Sequence[str]) -> re.Pattern[str]:
    """The phrases as whole words, the longest first."""
    inner = "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in sorted(phrases, key=len, reverse=True)) or r"(?!)"
    return re.compile(rf"(?<![\w-])(?:{inner})(?!\w)", re.IGNORECASE)


def plain(words: str) -> str:
    return " ".join(words.lower().split())


def arabic(text: str) -> str:
    """The text with Roman numbers up to five as figures, as long as before; a lone I is a person."""
    if not re.search(r"\b(?:II|III|IV)\b", text):
        return text
    return _ROMAN_MARK.sub(lambda m: _ROMAN[m.group()].ljust(len(m.group())), text)


def bare(cell: str) -> str:
    """A cell without its label ("Tier II" is 2)."""
    mark = _LABEL.sub("", " ".join(cell.split())).strip()
    return _ROMAN.get(mark, mark)


def shape(mark: float, top: float) -> int:
    """The level of a mark on a scale up to `top` that nothing explains."""
    medium, high = CUTS.get(int(top), (top / 3 + LEAST, 2 * top / 3 + LEAST))
    return 3 if mark >= high else 2 if mark >= medium else 1


class Words:
    """The pack's level words."""

    def __init__(self, rules: Levels) -> None:
        self.cells = rules.cells
        self.levels = {word.lower(): level for word, level in rules.words.items()}
        self.plain = finder(rules.plain)
        self.dull = frozenset(rules.dull)
        self.pattern = finder([word for word in self.levels if len(word) > 2])


def _levels(pattern: re.Pattern[str], text: str, levels: Mapping[str, int]) -> list[Found]:
    return [Found(m.start(), m.end(), level=levels[plain(m.group())]) for m in pattern.finditer(text)]


@dataclass(frozen=True)
class Scale:
    """How a document, or one column of it, states one kind of level."""

    words: Words
    terms: Mapping[str, int]
    pattern: re.Pattern[str]
    """Finds the terms in running text."""
    kinds: Mapping[str, frozenset[str]]
    """What a term is of, where the key says so."""
    ranges: tuple[tuple[float, float, int], ...]
    top: float = 0
    """The highest mark, 0 where it is not known and no mark counts that no key explains."""
    letters: int = 0
    """How many letters from A it has."""
    falls: bool = False
    """Whether its first mark is the highest, as a tier's or a category's is."""

    def of_column(self, cells: Sequence[str], header: str, amounts: bool) -> Scale:
        """With what a column's header and cells tell of its shape; marks under a header of amounts are no scores."""
        marks = [bare(cell).lower() for cell in cells]
        letters = {mark for mark in marks if len(mark) == 1 and mark.isalpha()}
        ordered = bool(letters) and letters <= set(LETTERS) and not letters <= set("rag")
        most = max((float(m.group(1)) for mark in marks if (m := _CELL_NUMBER.match(mark))), default=0)
        told = _TOP.search(header)
        top = float(told.group(1)) if told else 0 if amounts else next((t for t in TOPS if t >= most), 0)
        falls = bool(_FIRST_IS_TOP.search(header)) or sum(bool(_FIRST_IS_TOP.match(cell)) for cell in cells) > len(cells) / 2
        return replace(self, top=most if falls else top, letters=LETTERS.find(max(letters)) + 1 if ordered else 0, falls=falls)

    def read(self, cell: str) -> tuple[int, bool]:
        """A cell's level, and whether it is stated in words."""
        text = bare(cell)
        head = " ".join(re.split(r"[;.]", text)[0].split()[:HEAD])
        whole = head.lower().strip(" *()'\"")
        match = self.pattern.search(head)
        if term := whole if whole in self.terms else plain(match.group()) if match else "":
            return self.terms[term], True
        if (alone := re.split(r"[:,(]", whole)[0].strip()) in self.words.cells:
            return self.words.cells[alone], True
        if found := _levels(self.words.pattern, head, self.words.levels):
            return found[0].level, found[0].level > 0
        if letter := _CELL_LETTER.fullmatch(head):
            return self._of_letter(letter.group(1).lower()), False
        number = _CELL_NUMBER.match(text)
        level = self._of_mark(float(number.group(1)), float(number.group(2) or 0)) if number else 0
        return level, level > 0 and text[0].isalpha() and "(" in text  # "stretched (2)"

    def _of_letter(self, letter: str) -> int:
        if letter in self.terms or not self.letters:
            return self.terms.get(letter, self.words.levels.get(letter, 0))
        return shape(self.letters - LETTERS.find(letter), self.letters) if letter in LETTERS[: self.letters] else 0

    def _of_mark(self, mark: float, top: float = 0) -> int:
        """The level of a score: by the key, else by the scale's shape."""
        for low, high, level in self.ranges:
            if low <= mark <= high:
                return level
        top = top or self.top
        return shape(top + 1 - mark if self.falls else mark, top) if 0 < mark <= top else 0

    def in_text(self, text: str, nouns: Sequence[Found]) -> list[Found]:
        """The levels that a sentence states: marks beside a noun, terms and level words."""
        marked = [m for noun in nouns if (m := _MARKED.match(text, noun.end))]
        found = [Found(m.start(1), m.end(), level=self._of_marked(*m.groups())) for m in marked]
        found += [Found(m.start(), m.end(1), level=self._of_marked(m[1])) for m in _LABEL.finditer(text)]
        told = _levels(self.pattern, text, self.terms)
        found += [replace(one, kinds=self.kinds.get(plain(text[one.start : one.end]), frozenset())) for one in told]
        found += _levels(self.words.pattern, text, self.words.levels)
        return apart([one for one in found if one.level])

    def _of_marked(self, mark: str, top: str | None = None) -> int:
        mark = _ROMAN.get(mark, mark)
        if mark[0].isdigit():
            return self._of_mark(float(mark), float(top or 0))
        return self.terms.get(mark.lower(), self.words.levels.get(mark.lower(), 0) if set(mark) <= set("VHML") else 0)


def scale_of(words: Words, keys: Sequence[Sequence[Found]], index: int, kind: str) -> Scale:
    """The scale of a kind in document `index`: its own key, then those of the other documents."""
    ordered = [keys[index], *keys[:index], *keys[index + 1 :]]
    entries = [(one.mark, one.level) for key in ordered for one in key if not one.kinds or kind in one.kinds]
    terms = {mark: level for mark, level in reversed(entries) if isinstance(mark, str)}
    ranges = tuple((*mark, level) for mark, level in entries if not isinstance(mark, str))
    kinds = {one.mark: one.kinds for key in reversed(ordered) for one in reversed(key) if isinstance(one.mark, str) and kind in one.kinds}
    return Scale(words, terms, finder([term for term in terms if len(term) > 1]), kinds, ranges)


def key_of(text: str, words: Words, name: Callable[[str], Sequence[Found]]) -> list[Found]:
    """What a text says of the scales: "7-9 is high", "hot means high", or three words in order ("acute, steady or slight")."""
    text = arabic(text)
    levels = _levels(words.plain, text, words.levels)
    nouns = name(text) if levels or _THREE.search(text) else ()
    told = [*_marks(text, levels), *_terms(text, levels, words, nouns)] if len({hit.level for hit in levels}) > 1 else []
    told = told or [*_orders(text, words)]
    found = [replace(one, kinds=kinds) for one in told if (kinds := _kinds(text, one.start, nouns)) is not None]
    return found if len({entry.level for entry in found}) > 1 else []


def _kinds(text: str, position: int, nouns: Sequence[Found]) -> frozenset[str] | None:
    """What a key's line at this position is of: the noun last before it in its sentence, else the first after it there, else what an
    earlier sentence opens with; None for neither need nor threat, no kinds where nothing is named."""
    ends = [0, *(m.end() for m in re.finditer(r"[.;]\s", text[:position]))]
    if here := [n for n in nouns if ends[-1] <= n.start < position]:
        return here[-1].kinds or None
    stop = re.search(r"[.;]\s|$", text[position:])
    if after := [n for n in nouns if position <= n.start < position + (stop.start() if stop else 0)]:
        return after[0].kinds or None
    for begins in reversed(ends[:-1]):
        if here := [n for n in nouns if begins <= n.start < position]:
            later = next((n for n in nouns if n.start > position and n.kinds), here[0])  # "... 9 is high. The score describes the threat."
            return here[0].kinds or later.kinds or None
    return frozenset()


def _marks(text: str, levels: Sequence[Found]) -> Iterator[Found]:
    """The marks of a key, each with the level beside it."""
    marks = [Found(m.start(), m.end(), mark=_mark(m)) for m in _MARK.finditer(text)]
    runs = [list(run) for _, run in groupby(apart([*levels, *marks]), key=lambda hit: bool(hit.level))]
    after: list[Found] = []
    before: list[Found] = []
    for one, two in pairwise(runs):
        if one[0].mark and len(one) == len(two) == len({hit.level for hit in two}) > 1:  # "1, 2 and 3 are high, medium and low"
            yield from (replace(mark, level=hit.level) for mark, hit in zip(one, two, strict=True))
        elif not re.search(r"[.;]\s", text[one[-1].end : two[0].start]):
            if one[0].level:  # "High: 7-9"
                before.append(replace(two[0], level=one[-1].level))
            else:
                near = [mark for mark in one if _JOINED.fullmatch(text[mark.end : one[-1].start]) or mark is one[-1]]  # "A and B are low"
                after += [replace(mark, level=two[0].level) for mark in near]
    yield from after if len(after) >= len(before) else before


def _mark(match: re.Match[str]) -> Mark:
    """A matched mark as a term or a range."""
    if match["name"]:
        return match["name"].lower()
    low = float(match["over"]) + LEAST if match["over"] else float(match["low"] or match["one"] or match["least"] or 0)
    high = float(match["under"]) - LEAST if match["under"] else float(match["high"] or match["one"] or match["most"] or 1e9)
    return low, high


def _terms(text: str, levels: Sequence[Found], words: Words, nouns: Sequence[Found]) -> Iterator[Found]:
    """The words that a key gives a level: at the head of a clause with one level ("First call: at once (high)"), else beside it."""
    start = 0
    for clause in re.split(r"(?<=[.;])\s+", text):
        start = text.index(clause, start)
        inside = [hit for hit in levels if start <= hit.start < start + len(clause)]
        head = _HEAD.match(clause) if len({hit.level for hit in inside}) == 1 else None
        for hit in inside:
            piece = _PIECE.split(text[start : hit.start].replace("(", " : "))[-1]
            match = head or _TERM.search(piece)
            term = re.split(rf"\b(?:{_MEANS}|a|an|the|of) ", plain(match.group(1)))[-1] if match else ""
            if _is_term(term, words) and not any(term == plain(text[n.start : n.end]) for n in nouns):
                yield replace(hit, mark=term)
        start += len(clause)


def _is_term(term: str, words: Words) -> bool:
    parts = term.split()
    return bool(parts) and parts[-1] not in words.dull and not re.search(r"\d", term) and not words.plain.search(term)


def _orders(text: str, words: Words) -> Iterator[Found]:
    """Three words in a row whose ends the pack knows to be high and low: "severe, steady or slight"."""
    for match in _THREE.finditer(text):
        first, last = (words.levels.get(match[group].lower(), 0) for group in (1, 3))
        if {first, last} == {1, 3}:
            ranked = ((1, first), (2, 2), (3, last))
            yield from (Found(match.start(), match.end(), level=level, mark=match[i].lower()) for i, level in ranked)
