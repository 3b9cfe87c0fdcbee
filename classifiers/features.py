"""What the models see of a unit: its words (masked), and for each element how the pack's cues stand to it.

The cue features are relative to the element asked about, so one small model learns what a strong cue, a column header or
a negation is worth, for every element at once and for packs that no model was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from classifiers.network import Floats
from classifiers.units import Cues, Unit, cell_ranges, topics
from extractors import progress
from extractors.document import Passage
from rules.cues import Hit
from rules.pack import Pack

RELATIVE: Final = (
    "strong",
    "strong_more",
    "weak",
    "weak_more",
    "column",
    "topic_own",
    "topic_heading",
    "topic_only_heading",
    "sibling",
    "sibling_beside",
    "same_beside",
    "strong_negated",
    "strong_planned",
    "strong_national",
    "negated",
    "planned",
    "national",
    "definition",
    "mention",
    "row",
    "row_strong",
    "list_item",
    "short",
    "long",
    "area",
    "area_strong",
    "words",
    "encoder",
    "encoder_unit",
    "encoder_before",
    "encoder_after",
    "encoder_criterion",
)
"""Names of the features of one (unit, element) pair. `words` is the word model's logit, `encoder` the encoder's for the passage,
`encoder_unit` its highest for a token of the unit, `encoder_before` and `encoder_after` its for the neighbouring units,
`encoder_criterion` its for the criterion as a whole; each 0 where it was not asked."""

_DIGITS: Final = re.compile(r"\d+")
_TARGET = tuple[str, str]


@dataclass(slots=True)
class Seen:
    """One unit with all that was seen in it. Targets are (criterion, element), element "" for the criterion as a whole."""

    unit: Unit
    passage: Passage
    hits: Mapping[str, list[Hit]]
    strong: dict[_TARGET, list[tuple[int, int]]] = field(default_factory=dict)
    weak: dict[_TARGET, list[tuple[int, int]]] = field(default_factory=dict)
    column: dict[_TARGET, tuple[int, int]] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    headings: frozenset[str] = frozenset()
    about: bool = False
    before: Seen | None = None
    after: Seen | None = None


def see(unit: Unit, passage: Passage, cues: Cues) -> Seen:
    """Looks at one unit. The ranges in `strong`, `weak` and `column` count in the unit's text."""
    progress.step()
    hits = cues.text(unit.text)
    seen = Seen(unit, passage, hits)
    for key, found in hits.items():
        kind, _, rest = key.partition(" ")
        if kind in ("strong", "weak"):
            criterion, _, element = rest.partition(".")
            getattr(seen, kind)[criterion, element] = [(h.start, h.end) for h in found]
    seen.topics = frozenset(key[6:] for key in hits if key.startswith("topic "))
    if passage.kind == "table_row":
        for index, start, end in cell_ranges(passage):
            if index < len(passage.columns) and not cues.is_blank(passage.cells[index]):
                for key in cues.column(passage.columns[index]):
                    criterion, _, element = key.partition(".")
                    seen.column.setdefault((criterion, element), (start, end))
    seen.headings = topics((*passage.headings, passage.lead_in), cues)
    return seen


def masked(seen: Seen) -> str:
    """The words that the word model reads: figures masked, headings and column headers marked as such."""
    text = _DIGITS.sub("0", seen.unit.text.lower())
    context = [f"h_{w}" for h in seen.passage.headings[-2:] for w in re.findall(r"[a-z]{3,}", h.lower())]
    context += [f"c_{w}" for c in seen.passage.columns for w in re.findall(r"[a-z]{3,}", c.lower())]
    slots = [f"s_{key[5:]}" for key in seen.hits if key.startswith("slot ")]
    return " ".join([text, *slots, *context])


LEARNT: Final = 6
"""The last of RELATIVE, which models give; `relative` leaves them 0."""

_AT: Final = {name: i for i, name in enumerate(RELATIVE)}


class Layout:
    """A pack's targets in order, and where those of a criterion stand."""

    def __init__(self, pack: Pack) -> None:
        self.targets = targets(pack)
        self.row = {target: i for i, target in enumerate(self.targets)}
        self.number = {target: i for i, target in enumerate(t for t in self.targets if t[1])}
        self.rows = {c.id: np.array([i for i, (criterion, _) in enumerate(self.targets) if criterion == c.id]) for c in pack.criteria}
        self.elements = {c: rows[[bool(self.targets[i][1]) for i in rows]] for c, rows in self.rows.items()}
        self.whole = {c.id: self.row[c.id, ""] for c in pack.criteria}
        self.of_criterion = np.array([self.whole[criterion] for criterion, _ in self.targets])


def relative(seen: Seen, layout: Layout) -> Floats:
    """[targets, RELATIVE]: the features of one unit for every target."""
    result = np.zeros((len(layout.targets), len(RELATIVE)))
    _count(result, seen.strong, layout, "strong", "strong_more")
    _count(result, seen.weak, layout, "weak", "weak_more")
    for target in seen.column:
        result[[layout.row[target], layout.whole[target[0]]], _AT["column"]] = 1
    for criterion, rows in layout.rows.items():
        own, above = criterion in seen.topics, criterion in seen.headings
        if own:
            result[rows, _AT["topic_own"]] = 1
        if above:
            result[rows, _AT["topic_heading"]] = 1
            if not own:
                silent = (result[rows, _AT["strong"]] == 0) & (result[rows, _AT["weak"]] == 0)
                result[rows[silent], _AT["topic_only_heading"]] = 1
    for criterion, found in _by_criterion((*seen.strong, *seen.column)).items():
        rows = layout.elements[criterion]
        others = rows if len(found) > 1 else rows[rows != layout.row[criterion, next(iter(found))]]
        result[others, _AT["sibling"]] = 1
    for neighbour in (seen.before, seen.after):
        if neighbour is not None:
            for criterion, found in _by_criterion((*neighbour.strong, *neighbour.column)).items():
                result[layout.rows[criterion], _AT["sibling_beside"]] = 1
                result[[layout.whole[criterion], *(layout.row[criterion, e] for e in found)], _AT["same_beside"]] = 1
    some = result[:, _AT["strong"]]
    row = seen.passage.kind == "table_row"
    vetoes = {key[5:] for key in seen.hits if key.startswith("veto ")}
    for feature, veto in (("negated", "negated"), ("planned", "plan_to_plan"), ("national", "national")):
        if veto in vetoes:
            result[:, _AT[feature]] = 1
            result[:, _AT[f"strong_{feature}"]] = some
    count = len(seen.unit.text.split())
    flags = {
        "definition": "definition" in vetoes,
        "mention": "mention" in vetoes,
        "row": row,
        "list_item": seen.passage.kind == "list_item",
        "short": count < 6,
        "long": count > 40,
        "area": seen.about,
    }
    for feature, flag in flags.items():
        if flag:
            result[:, _AT[feature]] = 1
    if row:
        result[:, _AT["row_strong"]] = some
    if seen.about:
        result[:, _AT["area_strong"]] = some
    return result


def _count(result: Floats, hits: Mapping[_TARGET, Sequence[object]], layout: Layout, some: str, more: str) -> None:
    """Whether there is a hit and whether there are more, for each element and for its criterion as a whole."""
    totals: dict[str, int] = {}
    for target, found in hits.items():
        result[layout.row[target], _AT[some]] = 1
        result[layout.row[target], _AT[more]] = len(found) > 1
        totals[target[0]] = totals.get(target[0], 0) + len(found)
    for criterion, total in totals.items():
        result[layout.whole[criterion], _AT[some]] = 1
        result[layout.whole[criterion], _AT[more]] = total > 1


def _by_criterion(found: Iterable[_TARGET]) -> dict[str, set[str]]:
    result: dict[str, set[str]] = {}
    for criterion, element in found:
        result.setdefault(criterion, set()).add(element)
    return result


def targets(pack: Pack) -> list[_TARGET]:
    """Every (criterion, element) of a pack, then (criterion, "") for each criterion."""
    return [(c.id, e.id) for c in pack.criteria for e in c.elements] + [(c.id, "") for c in pack.criteria]


def link(row: Sequence[Seen]) -> None:
    """Tells each unit of a section its neighbours."""
    for before, after in pairwise(row):
        if before.passage.headings == after.passage.headings:
            before.after, after.before = after, before
