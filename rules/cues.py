"""The cue language: one string is one way of saying something, matched inside one sentence, cell or heading.

    risk matrix              words in a row, any case
    no|without               either word
    assess*                  any ending
    from ... to              a gap of up to six words
    by the? end              an optional word
    <money>                  a slot: one of the pack's named patterns

Cues are found by anchors: spaCy's tokeniser gives the words of the text, and only the cues whose literal words all stand among
them are tried in full.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, Generic, TypeVar

GAP_SIGN: Final = "..."
GAP: Final = r"(?:[^\s]+\s+){0,6}?"
"""Up to six words between two parts of a cue: about one clause."""

LONGEST_TEXT: Final = 20_000
"""Characters of one text that are looked at: sentences are cut far shorter; only a damaged heading or cell is longer."""

MOST_WORDS: Final = 50_000
"""Words whose anchors are remembered."""

_BREAK: Final = r"[\s,;:()\"'“”‘’–—/&-]+"
"""What may stand between two words of a cue: spaces, hyphens and light punctuation."""

Anchor = tuple[str, ...]
"""Alternatives, in lower case; one ending in * stands for every word that begins so."""

_ANCHOR: Final = re.compile(r"[a-z]{2,}\*?")
_PIECE: Final = re.compile(r"[a-z]+|\d+")
_CAPITAL: Final = re.compile(r"(?<!\\)[A-Z]")
"""A capital letter of a pattern that is no escape such as \\W."""
_WORD = re.compile(r"[\w£%&+.'’/-]+[*?]*")
_Key = TypeVar("_Key", bound=Hashable)


class CueError(ValueError):
    """A cue that cannot be read; the message quotes it and says what is wrong."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Cue number `cue` of a matcher matched `text[start:end]`."""

    cue: int
    start: int
    end: int


def translate(cue: str, slots: Mapping[str, str]) -> tuple[str, list[Anchor]]:
    """A cue as a regular expression, and its anchors: for each plain word of it, the alternatives of which one must stand.

    Raises CueError.
    """
    tokens = [token for token in (t.strip('(),:;"') for t in cue.lower().split()) if token]  # _BREAK allows these anyway
    if not tokens:
        raise CueError("an empty cue. Remove it or write words.")
    pattern, need_break = "", False
    anchors: list[Anchor] = []
    for token in tokens:
        if token == GAP_SIGN:
            pattern += (_BREAK if need_break else "") + GAP
            need_break = False
            continue
        optional = token.endswith("?") and len(token) > 1
        alternatives = (token[:-1] if optional else token).split("|")
        parts = [_part(cue, alternative, slots) for alternative in alternatives]
        body = "(?:" + "|".join(parts) + ")"
        if optional:
            pattern += f"(?:{_BREAK}{body})?" if need_break else f"(?:{body}{_BREAK})?"
            continue
        pattern += (_BREAK if need_break else "") + body
        need_break = True
        standing = [_anchor(alternative) for alternative in alternatives]
        if all(standing):
            anchors.append(tuple(standing))
    if not need_break:
        raise CueError(f"cue {cue!r} has nothing but gaps and optional words. Add a word that must stand.")
    return r"(?<![\w£])" + pattern + r"(?!\w)", sorted(anchors, key=lambda a: (any(x.startswith("<") for x in a), -min(map(len, a))))


def _anchor(alternative: str) -> str:
    """What must stand in a text for this word to: itself, a slot, or its longest piece ("ordinat*" of "co-ordinat*"); "" if none."""
    if _ANCHOR.fullmatch(alternative) or alternative.startswith("<"):
        return alternative
    stem = alternative.rstrip("*")
    piece = max(_PIECE.findall(stem), key=len, default="")
    return piece + "*" if piece and alternative.endswith("*") and stem.endswith(piece) else piece


def _part(cue: str, token: str, slots: Mapping[str, str]) -> str:
    if token.startswith("<") and token.endswith(">"):
        name = token[1:-1]
        if name not in slots:
            raise CueError(f"cue {cue!r} uses the slot <{name}>. Slots of this pack: {', '.join(sorted(slots)) or 'none'}.")
        return f"(?:{slots[name]})"
    if not _WORD.fullmatch(token):
        raise CueError(f"cue {cue!r} holds {token!r}. Use letters, digits, |, *, ?, ... and <slots>.")
    stem = token.rstrip("*")
    return re.escape(stem) + (r"\w*" if token.endswith("*") else "")


@cache
def _english() -> Any:
    from spacy.lang.en import English  # lazy: spaCy takes over a second to import

    return English()


@lru_cache(64)  # several matchers look at one text in turn
def _words(text: str, plain: str) -> frozenset[str]:
    return frozenset(token.lower_ for token in _english().make_doc(text)).union(_PIECE.findall(plain))


class CueMatcher:
    """Finds all cues of a list at once. Cues keep their number in the list."""

    def __init__(self, cues: Sequence[str], slots: Mapping[str, str]) -> None:
        self._sources: list[str] = []
        self._anchors: list[list[Anchor]] = []
        self._compiled: dict[str, tuple[re.Pattern[str], bool]] = {}
        self._by_anchor: dict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, cue in enumerate(cues):
            source, anchors = translate(cue, slots)
            self._sources.append(source)
            self._anchors.append(anchors[1:])
            for word in anchors[0] if anchors else ():
                self._by_anchor[word].append(number)
            if not anchors:
                self._always.append(number)
        words = {*self._by_anchor, *(word for anchors in self._anchors for anchor in anchors for word in anchor)}
        self._stems = {word[:-1] for word in words if word.endswith("*")}
        self._whole = frozenset(words)
        self._anchors_of = lru_cache(MOST_WORDS)(self._satisfied)
        self._slots = {word: translate(word, slots)[0] for word in words if word.startswith("<")}

    def find(self, text: str) -> list[Hit]:
        """Every cue's matches in the text, in cue order."""
        text = text[:LONGEST_TEXT]
        plain = text.replace("İ", "i").lower()  # the one letter whose lower case is two
        words = _words(text, plain)
        ranges = {source: self._ranges(source, text, plain) for source in self._slots.values()}
        standing = {slot for slot, source in self._slots.items() if ranges[source]}
        standing.update(*map(self._anchors_of, words))
        candidates = {number for word in standing for number in self._by_anchor.get(word, ())}
        candidates.update(self._always)
        hits: list[Hit] = []
        for number in sorted(candidates):
            for anchor in self._anchors[number]:
                if standing.isdisjoint(anchor):
                    break
            else:
                source = self._sources[number]
                if source not in ranges:  # several elements share a cue
                    ranges[source] = self._ranges(source, text, plain)
                hits += [Hit(number, start, end) for start, end in ranges[source]]
        return hits

    def _satisfied(self, word: str) -> frozenset[str]:
        """The anchors that a word of a text satisfies."""
        stems = {word[:n] + "*" for n in range(1, len(word) + 1) if word[:n] in self._stems}
        return frozenset({word} & self._whole | stems)

    def _ranges(self, source: str, text: str, plain: str) -> list[tuple[int, int]]:
        """Where a pattern matches. It is compiled when its anchors first turn up: most of a pack's thousands never do in one document.

        Lower case is searched in lower case, over twice as fast as any case, unless the pattern minds capitals.
        """
        if source not in self._compiled:
            minds = "(?-i:" in source or "(?P" in source
            self._compiled[source] = (re.compile(source, re.IGNORECASE) if minds else re.compile(_CAPITAL.sub(_lower, source)), minds)
        pattern, minds = self._compiled[source]
        return [match.span() for match in pattern.finditer(text if minds else plain)]


def _lower(capital: re.Match[str]) -> str:
    return capital.group().lower()


class CueTable(Generic[_Key]):
    """Cues under keys: `find` gives the hits by key. One pass over the text for all of them."""

    def __init__(self, cues: Iterable[tuple[_Key, str]], slots: Mapping[str, str]) -> None:
        pairs = list(cues)
        self.keys = [key for key, _ in pairs]
        self._matcher = CueMatcher([cue for _, cue in pairs], slots)

    def find(self, text: str) -> dict[_Key, list[Hit]]:
        found: dict[_Key, list[Hit]] = {}
        for hit in self._matcher.find(text):
            found.setdefault(self.keys[hit.cue], []).append(hit)
        return found
