"""What a resubmission does to a cell: whether the evidence that a decision rests on still stands.

The words decide, not the machine's second opinion of them: where no bearing passage changed, the cell is unchanged even if
its probabilities moved, because its surroundings did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.assess import CUT
from pipeline.compare.facts import facts
from pipeline.compare.passages import Change, Pair, Text, rehoused

Mark = Literal["unchanged", "wording", "substance", "newly_evidenced", "newly_lost"]
STANDS: frozenset[Mark] = frozenset({"unchanged", "wording"})
"""The marks under which a decision is carried forward; under the others it is stale."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A bearing passage that is not what it was: its words before and after, "" where there are none.

    `file` is where it stands now, or stood where it was removed; `was` where the words before stood, "" where there were none.
    """

    change: Change
    before: str
    after: str
    file: str
    was: str
    substance: bool


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell in two versions of a submission. Grades are the machine's."""

    mark: Mark
    old_grade: int | None
    new_grade: int | None
    differences: tuple[Difference, ...]


Entry = Mapping[str, Any]
"""A submission's entry in matrix.json."""


def compare(
    old: Entry, old_texts: Sequence[Text], new: Entry, new_texts: Sequence[Text], pairs: Sequence[Pair]
) -> dict[tuple[str, str], CellChange]:
    """Every cell, by area and criterion, of either version; `pairs` are the two versions' passages aligned."""
    by_old = {pair.old: pair for pair in pairs if pair.old is not None}
    by_new = {pair.new: pair for pair in pairs if pair.new is not None}
    elsewhere = rehoused(old_texts, new_texts, pairs)
    keys = sorted({(area, criterion) for entry in (old, new) for area, row in entry["cells"].items() for criterion in row})
    changes = {}
    for area, criterion in keys:
        before, after = (entry["cells"].get(area, {}).get(criterion) for entry in (old, new))
        bore, bears = _bearing(before, old_texts), _bearing(after, new_texts)
        touched = dict.fromkeys([by_new[n] for n in bears] + [by_old[o] for o in bore])
        differences = tuple(
            _difference(pair, old_texts, new_texts, _weighs(pair, old_texts, new_texts, bore, bears, _found(before)))
            for pair in touched
            if pair.change not in ("same", "moved") or (pair in elsewhere and (pair.old in bore) != (pair.new in bears))
        )
        mark = _mark(differences, bool(bore), bool(bears))
        changes[area, criterion] = CellChange(mark, before and before["grade"], after and after["grade"], differences)
    return changes


def _bearing(cell: Entry | None, texts: Sequence[Text]) -> dict[int, set[str]]:
    """The cell's passages, and the elements that each bears."""
    bearing: dict[int, set[str]] = {}
    for evidence in cell["evidence"] if cell else ():
        start, end = evidence["range"]
        at = next((i for i, t in enumerate(texts) if t.file == evidence["file"] and t.start <= start and end <= t.end), None)
        if at is not None:
            bearing.setdefault(at, set()).update(evidence["elements"])
    return bearing


def _found(cell: Entry | None) -> set[str]:
    return {element for element, p in cell["elements"].items() if p >= CUT} if cell else set()


def _weighs(
    pair: Pair,
    old_texts: Sequence[Text],
    new_texts: Sequence[Text],
    bore: Mapping[int, set[str]],
    bears: Mapping[int, set[str]],
    found: set[str],
) -> bool:
    """Whether a passage that is not what or where it was touches what the cell rests on.

    `found` are the elements that the old version had already: a passage that adds to them changes nothing of substance. The first
    evidence of a cell, and its last, weighs even where it bears no element: it makes the difference between some evidence and none.
    """
    lost = set() if pair.old is None else bore.get(pair.old, set())
    gained = set() if pair.new is None else bears.get(pair.new, set())
    if pair.change == "reworded" and pair.old is not None and pair.new is not None:
        return bool(lost or gained or not bore or not bears) and facts(old_texts[pair.old].bare) != facts(new_texts[pair.new].bare)
    return bool(lost or gained - found or not bore or not bears)


def _difference(pair: Pair, old_texts: Sequence[Text], new_texts: Sequence[Text], substance: bool) -> Difference:
    old = None if pair.old is None else old_texts[pair.old]
    new = None if pair.new is None else new_texts[pair.new]
    change: Change = "moved" if pair.change == "same" else pair.change
    shown = new or old
    return Difference(
        change, old.text if old else "", new.text if new else "", shown.file if shown else "", old.file if old else "", substance
    )


def _mark(differences: Sequence[Difference], bore: bool, bears: bool) -> Mark:
    if not any(d.substance for d in differences):
        return "wording" if differences else "unchanged"
    if bore == bears:
        return "substance"
    return "newly_evidenced" if bears else "newly_lost"
