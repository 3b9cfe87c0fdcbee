"""What the models see of a unit: its words (masked), and for each element how the pack's cues stand to it.

The cue features are relative to the element asked about, so one small model learns what a strong cue, a column header or
a negation is worth, for every element at once and for packs that no model was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from classifiers.units import Cues, Unit, cell_ranges, topics
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
)
"""Names of the features of one (unit, element) pair; `words` is the word model's logit."""

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

    def has(self, target: _TARGET) -> bool:
        return target in self.strong or target in self.column

    def bears(self, criterion: str) -> bool:
        return any(c == criterion for c, _ in (*self.strong, *self.column))


def see(unit: Unit, passage: Passage, cues: Cues) -> Seen:
    """Looks at one unit. The ranges in `strong`, `weak` and `column` count in the unit's text."""
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


def relative(seen: Seen, target: _TARGET, words: float) -> list[float]:
    """The features of RELATIVE, in its order, for one unit and one target."""
    criterion, element = target
    if element:
        strong = len(seen.strong.get(target, ()))
        weak = len(seen.weak.get(target, ()))
        column = target in seen.column
        sibling = any(c == criterion and e != element for c, e in (*seen.strong, *seen.column))
        same_beside = any(s is not None and s.has(target) for s in (seen.before, seen.after))
    else:
        strong = sum(len(v) for (c, _), v in seen.strong.items() if c == criterion)
        weak = sum(len(v) for (c, _), v in seen.weak.items() if c == criterion)
        column = any(c == criterion for c, _ in seen.column)
        sibling = False
        same_beside = any(s is not None and s.bears(criterion) for s in (seen.before, seen.after))
    sibling_beside = any(s is not None and s.bears(criterion) for s in (seen.before, seen.after))
    veto = {key[5:] for key in seen.hits if key.startswith("veto ")}
    row = seen.passage.kind == "table_row"
    count = len(seen.unit.text.split())
    own, above = criterion in seen.topics, criterion in seen.headings
    some = float(strong > 0)
    return [
        some,
        float(strong > 1),
        float(weak > 0),
        float(weak > 1),
        float(column),
        float(own),
        float(above),
        float(above and not own and not strong and not weak),
        float(sibling),
        float(sibling_beside),
        float(same_beside),
        some * ("negated" in veto),
        some * ("plan_to_plan" in veto),
        some * ("national" in veto),
        float("negated" in veto),
        float("plan_to_plan" in veto),
        float("national" in veto),
        float("definition" in veto),
        float("mention" in veto),
        float(row),
        float(row) * some,
        float(seen.passage.kind == "list_item"),
        float(count < 6),
        float(count > 40),
        float(seen.about),
        float(seen.about) * some,
        words,
    ]


def targets(pack: Pack) -> list[_TARGET]:
    """Every (criterion, element) of a pack, then (criterion, "") for each criterion."""
    return [(c.id, e.id) for c in pack.criteria for e in c.elements] + [(c.id, "") for c in pack.criteria]


def link(row: Sequence[Seen]) -> None:
    """Tells each unit of a section its neighbours."""
    for before, after in pairwise(row):
        if before.passage.headings == after.passage.headings:
            before.after, after.before = after, before
