"""What a rewording may not touch without touching the substance. Coarse on purpose: docs/decisions/0011-resubmissions.md says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extractors.document import CELL_BREAK
from pipeline.compare.passages import WORD, plain

_HEDGES: Final = (
    "would could might may should if unless hope hopes consider considering explore pending draft tbc tba tbd intend intends intended "
    "propose proposes proposed expect expects expected possible possibly likely seek seeks seeking sought awaited awaiting subject yet"
)
_NEGATIONS: Final = (
    "no not never none nor neither without nothing nobody vacant vacancy unfilled unfunded unable lack lacks lacking fail fails failed"
)
_ENDINGS: Final = (
    "cancelled withdrawn ceased stopped abandoned suspended postponed deferred delayed discontinued disbanded dissolved lapsed expired "
    "ended refused rejected declined"
)
_DEGREES: Final = "high higher highest medium low lower lowest red amber green above below fewer less increase increased reduce reduced"
_COUNTS: Final = (
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million half third quarter quarters double once twice first second fourth fifth"
)
_TIMES: Final = (
    "day daily week weekly fortnightly month monthly quarterly year annually yearly annual spring summer autumn winter "
    "january february march april june july august september october november december"
)
_TELLING: Final = frozenset(" ".join((_HEDGES, _NEGATIONS, _ENDINGS, _DEGREES, _COUNTS, _TIMES)).split())
_POST_NAMES: Final = (
    "head director manager chief officer inspector superintendent sergeant constable commander coordinator chairman chairwoman "
    "secretary treasurer executive controller adviser"
)
_POSTS: Final = frozenset(_POST_NAMES.split())
_SMALL_WORDS: Final = (
    "a an the our their its his her this that these those each every all both one any we it they who which by in on at from with under "
    "for to of through since until during after before as and but or if when while where within between is are was were be has have "
    "had will shall must can new"
)
_SMALL: Final = frozenset(_SMALL_WORDS.split())
"""Words that are no part of a name or a post, though they stand beside one or begin a sentence."""
FEW: Final = 4
"""Words of a cell that states one thing: an owner, a date, a priority."""


def facts(text: str) -> frozenset[str]:
    """What a passage without its numbering says: numbers, degrees, names, posts, negations and hedges; of a table's row how many cells it
    fills and what the short ones say too."""
    told = {f"{text.count(CELL_BREAK)} |"}
    found = list(WORD.finditer(text))
    words = [_plainly(match.group().casefold()) for match in found]
    for i, match in enumerate(found):
        word = match.group()
        before = text[: match.start()].rstrip()
        starts = not before or before[-1] in ".!?|:;•"
        followed = "".join(one.group()[0] for one in found[i + 1 : i + 2]).isupper()
        named = word[0].isupper() and (not starts or (followed and words[i] not in _SMALL))
        if named or any(c.isdigit() for c in word) or words[i] in _TELLING:
            told.add(words[i])
        if words[i] in _POSTS:
            told.add(_post(words, i))
    cells = text.split(CELL_BREAK) if CELL_BREAK in text else []
    return frozenset(told | {f"| {plain(cell)}" for cell in cells if len(cell.split()) <= FEW})


def _plainly(word: str) -> str:
    return "not" if word.endswith("n't") or word == "cannot" else word


def _post(words: Sequence[str], i: int) -> str:
    """The post that the word at i names, with what it is for: "fleet manager", "head of public protection"."""
    before = [word for word in words[max(0, i - 1) : i] if word not in _SMALL]
    after = [word for word in words[i + 2 : i + 4] if word not in _SMALL] if words[i + 1 : i + 2] == ["of"] else []
    return " ".join((*before, words[i], *after))
