"""Named, pure cleaning steps, with a map from every cleaned character back to the source."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from extractors.split_words import SPLIT, Vocabulary, is_split

LIGATURES: Final = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}

_HYPHEN: Final = re.compile("(?:[\u00ad\ufffe][ \t]*\n?[ \t]*|-[ \t]*\n[ \t]*)([^\\W\\d_]+)")
_LOOSE_HYPHEN: Final = re.compile("\ufffe")
"""What pdfium gives for a hyphen at a line's end, real and soft alike; the word after it follows without a space."""
_STRANGE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_SPACE: Final = re.compile(r"\s+")
_LIGATURE: Final = re.compile("[ﬀ-ﬆ]")
_SUSPECT: Final = (
    re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufb00-\ufb06\ufeff\ufff9-\ufffe\t]"),
    re.compile(r"[-\s](?:(?<=\s)\s|(?<=-)\s*\n)"),
    re.compile(r"f(?<!\bstaf)(?<!\bStaf)[fil]+ [a-z]"),
    re.compile(r"[fF](?:(?<=\b[fF])|(?<=\b[OoEeAa]f)|(?<=\b[DdSs][iu]f)|(?<=\b[Tt]raf)) [fi]"),
)
"""Text without any of these, or white space at its ends, needs no repair beyond its line breaks. Each begins with signs of one kind, so
that the engine can leap from one to the next; in one expression they took three times as long."""

_WORDS: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Cleaned text; `offsets[i]` is where its character i begins in the source, and the last offset is the source's end."""

    text: str
    offsets: Sequence[int]

    def source_range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the source that the cleaned characters `start:end` come from."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], max(self.offsets[end - 1] + 1, self.offsets[end] if end < len(self.text) else 0)

    def cleaned_range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the cleaned text that comes from the source's characters `start:end`."""
        if isinstance(self.offsets, range):  # nothing was changed
            return start, end
        low = bisect_left(self.offsets, start, 0, len(self.text))
        return low, max(low, bisect_left(self.offsets, end, 0, len(self.text)))


Edit = tuple[int, int, str]
"""Replace start:end by this text; edits are in order and do not overlap."""


def apply(cleaned: Cleaned, edits: Iterable[Edit]) -> Cleaned:
    """The text with the edits made, still mapped to the first source."""
    parts: list[str] = []
    offsets: list[int] = []
    here = 0
    for start, end, new in edits:
        parts += (cleaned.text[here:start], new)
        offsets += cleaned.offsets[here:start]
        offsets += [cleaned.offsets[min(start + i, max(start, end - 1))] for i in range(len(new))]
        here = end
    if not parts:
        return cleaned
    parts.append(cleaned.text[here:])
    offsets += cleaned.offsets[here:]
    return Cleaned("".join(parts), offsets)


def expand_ligatures(text: str, vocabulary: Vocabulary) -> list[Edit]:
    """Ligature characters become their letters."""
    return [(m.start(), m.end(), LIGATURES[m.group()]) for m in _LIGATURE.finditer(text)]


def join_hyphens(text: str, vocabulary: Vocabulary) -> list[Edit]:
    """Words broken at a line's end are joined; the document's own words say whether the hyphen stays."""
    edits: list[Edit] = []
    for match in _HYPHEN.finditer(text):
        before, after = _word_before(text, match.start()), match.group(1)
        if before:
            middle = text[match.start() : match.start(1)]
            edits.append((match.start(), match.start(1), "-" if _keeps(before, after, middle, vocabulary) else ""))
    return edits


def _word_before(text: str, end: int) -> str:
    """The letters that stand just before a place."""
    start = end
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    return text[start:end]


def _keeps(before: str, after: str, middle: str, vocabulary: Vocabulary) -> bool:
    low, high = before.lower(), after.lower()
    hyphened, joined = vocabulary.get(f"{low}-{high}", 0), vocabulary.get(low + high, 0)
    if hyphened or joined:
        return hyphened > joined
    if after[0].isupper():
        return True
    if "\u00ad" in middle:
        return False
    return low in vocabulary and high in vocabulary and len(low) > 2 and len(high) > 3


def settle_hyphens(text: str, vocabulary: Vocabulary) -> list[Edit]:
    """A line-end hyphen beside something other than a word (a figure, a range) is a plain hyphen."""
    return [(m.start(), m.end(), "-") for m in _LOOSE_HYPHEN.finditer(text)]


def drop_controls(text: str, vocabulary: Vocabulary) -> list[Edit]:
    """Control, zero-width and writing-direction characters go."""
    return [(m.start(), m.end(), "") for m in _STRANGE.finditer(text)]


def collapse_space(text: str, vocabulary: Vocabulary) -> list[Edit]:
    """Any run of white space becomes one space; none is left at the ends."""
    edits: list[Edit] = []
    for match in _SPACE.finditer(text):
        new = "" if match.start() == 0 or match.end() == len(text) else " "
        if match.group() != new:
            edits.append((match.start(), match.end(), new))
    return edits


def mend_splits(text: str, vocabulary: Vocabulary) -> list[Edit]:
    """ "effi cient" and "Of ficers" become whole where the document, or the list of stems, knows the word."""
    edits: list[Edit] = []
    for match in SPLIT.finditer(text):
        gap = match.start(1) - 1
        if is_split(_word_before(text, gap).lower(), match.group(1), vocabulary):
            edits.append((gap, gap + 1, ""))
    return edits


Step = Callable[[str, Vocabulary], list[Edit]]

STEPS: Final[tuple[Step, ...]] = (
    expand_ligatures,
    join_hyphens,
    settle_hyphens,
    drop_controls,
    collapse_space,
    mend_splits,
)
"""In this order: hyphens need the line breaks that collapsing takes away; splits are told once spaces are single."""


def build_vocabulary(text: str) -> Vocabulary:
    """The words that stand whole in a text: not those at a broken line's end, nor those that may be halves."""
    words = Counter(_WORDS.findall(text.lower()))
    for pattern in (_HYPHEN, SPLIT):
        for match in pattern.finditer(text):
            for part in (
                _word_before(text, match.start(1) - 1 if pattern is SPLIT else match.start()),
                match.group(1),
            ):
                low = part.lower()
                words[low] -= 1
                if words[low] <= 0:
                    del words[low]
    return words


def is_suspect(source: str) -> bool:
    """True if some step may change more than the line breaks."""
    return source != source.strip() or any(pattern.search(source) for pattern in _SUSPECT)


def clean(source: str, vocabulary: Vocabulary | None = None) -> Cleaned:
    """All the steps, in order."""
    if not is_suspect(source):
        return Cleaned(source.replace("\n", " "), range(len(source) + 1))
    words = vocabulary if vocabulary is not None else {}
    cleaned = Cleaned(source, range(len(source) + 1))
    for step in STEPS:
        cleaned = apply(cleaned, step(cleaned.text, words))
    return cleaned
