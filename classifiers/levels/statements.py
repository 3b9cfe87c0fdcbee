"""Single statements of a level as they stand in a submission, and how those of one area settle what its level is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DOUBT: Final = 0.2
"""A statement whose areas are less likely by this much gives way to one that is surer."""

TABLE, SAID, BARE = 3, 2, 1
"""How plainly a statement says what it is of: a column, a noun beside it, only what the sentence bears."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One level that the submission states: of `areas`, in its own words, `start:end` of a passage."""

    kind: str
    areas: tuple[str, ...]
    level: int
    plain: int
    document: int
    passage: int
    start: int
    end: int
    table: int
    """The table of the document that it stands in, 0 for sentences."""
    sure: float
    """Probability of the areas."""
    named: frozenset[str] = frozenset()
    """The areas that are the subject of its table row."""


def of(stated: Sequence[Statement], kind: str, area: str) -> list[Statement]:
    return [s for s in stated if s.kind == kind and area in s.areas]


def decide(stated: Sequence[Statement], area: str) -> int:
    """An area's level: the plainest statements first, of them rows whose subject it is, of them those of fewest areas; the highest in a
    table, whose rows are an area's several risks; else the commonest, and of equals the first."""
    if not stated:
        return 0
    plainest = max(s.plain for s in stated)
    stated = [s for s in stated if s.plain == plainest]
    stated = [s for s in stated if s.sure >= max(one.sure for one in stated) - DOUBT]
    stated = [s for s in stated if area in s.named] or stated
    fewest = min(len(s.areas) for s in stated)
    levels: dict[object, int] = {}
    for number, one in enumerate(s for s in stated if len(s.areas) == fewest):
        source = (one.document, one.table) if plainest == TABLE else number
        levels[source] = max(one.level, levels.get(source, 0))
    return Counter(levels.values()).most_common(1)[0][0]
