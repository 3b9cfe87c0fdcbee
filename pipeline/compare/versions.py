"""Versions of one force's submission set against each other, and what that means for the decisions made so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.compare.cells import STANDS, CellChange, compare
from pipeline.compare.passages import Change, Text, align, repeats, texts
from pipeline.record.record import Record
from pipeline.record.standings import HOLDS
from pipeline.record.types import CellKey, Decision, Mark, RecordError, Version


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What became of a document. `was` is the one it stands in the place of: renamed, or replaced by another that mostly repeats it."""

    file: str
    change: Literal["unchanged", "changed", "renamed", "replaced", "added", "removed"]
    was: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of a submission: its documents, how many passages changed in which way, and every cell."""

    old: Version
    new: Version
    documents: tuple[DocumentChange, ...]
    passages: Mapping[Change, int]
    cells: Mapping[CellKey, CellChange]


def compare_versions(record: Record, force: str, old: int, new: int) -> Comparison:
    """Sets two versions (by number, 1 for the first) of a force's submission against each other. Raises RecordError."""
    before, after = _version(record, force, old), _version(record, force, new)
    old_texts, new_texts = _texts(record, before), _texts(record, after)
    pairs = align(old_texts, new_texts)
    return Comparison(
        before,
        after,
        documents(record, before, after),
        Counter(pair.change for pair in pairs),
        compare(record.entry(before), old_texts, record.entry(after), new_texts, pairs),
    )


def carry(record: Record, force: str, at: datetime) -> list[Decision]:
    """Takes the decisions on a force's earlier versions to its latest: carried forward where their evidence stands, stale where not.

    A decision is held against the version that a person decided on, however many versions it was carried through since. One that went
    stale on the way stands again when the words that it was made on are back.
    """
    latest = record.latest(force)
    decided = {key: s.decision for key, s in record.standing(force).items() if s.decision and s.decision.kind in (*HOLDS, "stale")}
    moved = {key: d for key, d in decided.items() if d.version < latest.version}
    changes: dict[int, Mapping[CellKey, CellChange]] = {}
    marks: dict[CellKey, Mark] = {}
    for key in moved:
        rests_on = next(d for d in reversed(record.history(force, *key)) if d.kind in ("accepted", "overridden")).version
        if rests_on not in changes:
            changes[rests_on] = compare_versions(record, force, rests_on, latest.version).cells
        marks[key] = "carried_forward" if changes[rests_on][key].mark in STANDS else "stale"
    return record.carry(force, marks, at)


def _version(record: Record, force: str, number: int) -> Version:
    versions = {version.version: version for version in record.versions(force)}
    if number not in versions:
        raise RecordError(f"{force} has no version {number}; it has {', '.join(map(str, versions)) or 'none'}.")
    return versions[number]


def _texts(record: Record, version: Version) -> list[Text]:
    documents = [record.document(version, file) for file in record.sources(version)]
    return [text for document in documents if document for text in texts(document)]


def documents(record: Record, old: Version, new: Version) -> tuple[DocumentChange, ...]:
    """What became of each document between two versions of a submission."""
    before, after = record.sent(old), record.sent(new)
    gone = [file for file in before if file not in after]

    def in_its_place(file: str, was: str) -> bool:
        read, replaced = record.document(new, file), record.document(old, was)
        if not read or not replaced or before[was] in after.values():
            return False
        return repeats(texts(read), texts(replaced))

    changes = []
    for file, sha256 in after.items():
        was = ""
        if file in before:
            changes.append(DocumentChange(file, "unchanged" if before[file] == sha256 else "changed"))
        elif was := next((one for one in gone if before[one] == sha256), ""):
            changes.append(DocumentChange(file, "renamed", was))
        else:
            was = next((one for one in gone if in_its_place(file, one)), "")
            changes.append(DocumentChange(file, "replaced" if was else "added", was))
        gone = [one for one in gone if one != was]
    return (*changes, *(DocumentChange(file, "removed") for file in sorted(gone)))
