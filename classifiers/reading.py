"""What a classifier says of a passage: which areas it is about and which elements it bears, with probabilities."""

from __future__ import annotations

from dataclasses import dataclass


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
class Reading:
    """One passage, read. `passage` is its index in the document; `areas` are (area or group id, probability)."""

    passage: int
    areas: tuple[tuple[str, float], ...]
    excluded: tuple[str, ...]
    bearings: tuple[Bearing, ...]
