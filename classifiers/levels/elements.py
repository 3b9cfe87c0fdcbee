"""What stated levels are as evidence, by rule and not by likelihood (handbook section 4): a level of need is the gap and its grade, one
of threat the threat assessed; neither is capability, and the key to a scale is no method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import dropwhile
from typing import Final

from classifiers.levels.reader import WORD, LevelReader, Stated
from classifiers.levels.statements import SAID, Statement
from classifiers.reading import Bearing, Read, Reading
from classifiers.units import Unit, cell_ranges, units
from extractors.document import Passage

STATED: Final = 0.97
"""Probability of what a stated level bears: a column or a noun may still mean something else."""


def by_levels(reader: LevelReader, documents: Sequence[Read], told: Stated) -> list[Read]:
    """The readings with what the levels told in them bear, and without what levels and keys never bear."""
    if reader.rules is None:
        return list(documents)
    statements, keys = told
    stated: dict[tuple[int, int], list[Statement]] = defaultdict(list)
    for one in statements:
        stated[one.document, one.passage].append(one)
    return [
        (
            document,
            [_ruled(reader, document.passages[r.passage], r, stated[number, r.passage], r.passage in keys[number]) for r in readings],
        )
        for number, (document, readings) in enumerate(documents)
    ]


def _ruled(reader: LevelReader, passage: Passage, reading: Reading, stated: Sequence[Statement], is_key: bool) -> Reading:
    rules = reader.pack.levels
    if rules is None or not (stated or is_key):
        return reading
    pieces = units(passage)
    only = [unit for unit in pieces if _only_levels(reader, passage, unit, stated)]
    bare = [unit for unit in pieces if is_key and not any(f"strong {name}" in reader.cues.text(unit.text) for name in rules.key_is_no)]
    kept = [
        b
        for b in reading.bearings
        if not (_within(b, only) and f"{b.criterion}.{b.element}" in rules.level_is_no)
        and not (_within(b, bare) and f"{b.criterion}.{b.element}" in rules.key_is_no)
    ]
    told = [
        Bearing(criterion, element, STATED, one.start, one.end)
        for one in stated
        if one.plain >= SAID
        for criterion, named in reader.shown_by[one.kind]
        for element in (named, "")
    ]
    kept = [b for b in kept if not any(_says_closer(one, b) for one in told)]
    return replace(reading, bearings=(*kept, *told))


def _only_levels(reader: LevelReader, passage: Passage, unit: Unit, stated: Sequence[Statement]) -> bool:
    """Whether a sentence or row states levels and says nothing else of its subject."""
    inside = [s for s in stated if s.start < unit.end and unit.start < s.end]
    if passage.kind != "table_row":
        return bool(inside) and reader.says_no_more(_without(unit, inside))
    cells = list(dropwhile(lambda place: not WORD.search(passage.text, *place[1:]), cell_ranges(passage)))[1:]  # after the subject
    rest = [(column, passage.text[start:end]) for column, start, end in cells if not any(start <= s.start < end for s in inside)]
    return bool(inside) and all(reader.headers.is_no_more(cell, passage.columns[column : column + 1]) for column, cell in rest)


def _without(unit: Unit, stated: Iterable[Statement]) -> str:
    """The sentence without the words of its levels, each replaced so that places stay."""
    text = unit.text
    for one in stated:
        start, end = max(0, one.start - unit.start), one.end - unit.start
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _says_closer(one: Bearing, other: Bearing) -> bool:
    """Whether the words of a level bear what other words around them were read as bearing."""
    same = (one.criterion, one.element) == (other.criterion, other.element)
    return same and other.start <= one.start and one.end <= other.end and other.probability <= one.probability


def _within(bearing: Bearing, pieces: Sequence[Unit]) -> bool:
    return any(unit.start <= bearing.start and bearing.end <= unit.end for unit in pieces)
