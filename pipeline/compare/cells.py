"""What a resubmission does to a cell: whether the evidence that a decision rests on still stands.

The words decide, not the machine's second opinion of them: where no bearing passage changed, the cell is unchanged even if
its probabilities moved, because its surroundings did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.assess import CUT
from pipeline.compare.passages import Change, Pair, Text, facts

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
    keys = sorted({(area, criterion) for entry in (old, new) for area, row in entry["cells"].items() for criterion in row})
    changes = {}
    for area, criterion in keys:
        before, after = (entry["cells"].get(area, {}).get(criterion) for entry in (old, new))
        bearing_old, bearing_new = _bearing(before, old_texts), _bearing(after, new_texts)
        touched = dict.fromkeys([by_new[n] for n in bearing_new] + [by_old[o] for o in bearing_old])
        differences = tuple(
            _difference(pair, old_texts, new_texts, bearing_old, bearing_new, _found(before))
            for pair in touched
            if pair.change not in ("same", "moved")
        )
        mark = _mark(differences, any(bearing_old.values()), any(bearing_new.values()))
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


def _difference(
    pair: Pair,
    old_texts: Sequence[Text],
    new_texts: Sequence[Text],
    bearing_old: Mapping[int, set[str]],
    bearing_new: Mapping[int, set[str]],
    found: set[str],
) -> Difference:
    """`found` are the elements that the old version had already: a passage that adds to them changes nothing of substance."""
    old = None if pair.old is None else old_texts[pair.old]
    new = None if pair.new is None else new_texts[pair.new]
    bore = bearing_old.get(pair.old, set()) if pair.old is not None else set()
    bears = bearing_new.get(pair.new, set()) if pair.new is not None else set()
    substance = bool(bore or bears - found)
    if old and new:
        substance = bool(bore or bears) and facts(old.text) != facts(new.text)
    shown = new or old
    return Difference(
        pair.change, old.text if old else "", new.text if new else "", shown.file if shown else "", old.file if old else "", substance
    )


def _mark(differences: Sequence[Difference], bore: bool, bears: bool) -> Mark:
    if not any(d.substance for d in differences):
        return "wording" if differences else "unchanged"
    if bore == bears:
        return "substance"
    return "newly_evidenced" if bears else "newly_lost"
