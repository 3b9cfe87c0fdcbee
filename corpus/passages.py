"""The corpus as the classifiers read it: labelled passages turned into passages, and what each unit of them bears."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.notation import LabelledPassage, Plan
from extractors.document import Block, Passage
from extractors.sections import passages


def as_passages(plan: Plan) -> tuple[Passage, ...]:
    """A plan's passages as an extractor would give them, one for each labelled passage, in order."""
    return passages([_block(p) for p in plan.passages])


def _block(labelled: LabelledPassage) -> Block:
    return Block(
        labelled.kind,
        labelled.text,
        level=labelled.level,
        cells=labelled.cells,
        columns=labelled.columns,
        table=labelled.table,
    )


def borne(labelled: LabelledPassage, start: int, end: int) -> set[tuple[str, str]]:
    """The (criterion, element) pairs that `text[start:end]` bears, with (criterion, "") for each criterion it bears on."""
    pairs = {(s.criterion, s.element) for s in labelled.spans if s.start < end and start < s.end}
    pairs |= {(criterion, "") for criterion, _ in pairs}
    return pairs | {(criterion, "") for criterion, _ in labelled.bears}


def targets_of(labels: Sequence[set[tuple[str, str]]], target: tuple[str, str]) -> list[bool]:
    """For each unit, whether it bears the target."""
    return [target in one for one in labels]
