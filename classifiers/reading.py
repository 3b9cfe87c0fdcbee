"""What a classifier says: of one document by itself (a Look), and of a passage once the whole submission is known (a Reading)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.clues import Clues
from classifiers.names import Company
from extractors.document import Document


@dataclass(frozen=True, slots=True)
class Bearing:
    """The words `start:end` of a passage bear `element` of `criterion` with this probability.

    `element` is "" where the passage bears on the criterion as a whole (it may be a negation or a plan to plan).
    """

    criterion: str
    element: str
    probability: float
    start: int
    end: int
    own: str = ""
    """Area or group that these words name themselves, "" where they take the passage's."""


@dataclass(frozen=True, slots=True)
class Look:
    """One document: for each body passage its clues to areas and what it bears, and the company that local names keep."""

    clues: tuple[Clues, ...]
    bearings: tuple[tuple[Bearing, ...], ...]
    company: tuple[Company, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One passage, read. `passage` is its index in the document; `areas` are (area or group id, probability)."""

    passage: int
    areas: tuple[tuple[str, float], ...]
    excluded: tuple[str, ...]
    bearings: tuple[Bearing, ...]


EVEN: Final = 0.5


def taken(areas: Sequence[tuple[str, float]]) -> list[str]:
    """What a passage is taken to be about where one answer is wanted: all that is likelier than not, else what is likeliest.

    Cells take the probabilities instead.
    """
    likely = [area for area, p in areas if p >= EVEN]
    return likely or [area for area, _ in sorted(areas, key=lambda one: -one[1])[:1]]


Read = tuple[Document, Sequence[Reading]]
"""A document of a submission, and its readings."""
