"""The yes/no findings on a force's governance (handbook section 7), each with the sentence that shows it.

A cue says only half of a finding: "one of our four priorities" may speak of dogs. The sentence must also concern protective
services as a whole: it names them, or its passage is read as about them or about several areas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.reading import Read, Reading
from classifiers.units import Cues, units
from extractors.document import Passage
from rules.cues import CueMatcher
from rules.pack import Pack

READ_CUT: Final = 0.5
"""Probability from which a passage counts as about an area, and as bearing an element."""
SEVERAL: Final = 3
"""So many areas in one passage are as good as the whole: a fund for four services is a fund for protective services."""
VETOES: Final = frozenset({"veto negated", "veto plan_to_plan", "veto national", "veto definition"})
_PRONOUN: Final = re.compile(r"(?:\d+[.)]\s*)?(?:He|She|It|They|This|These|That|Both)\b")


@dataclass(frozen=True, slots=True)
class Quote:
    """Where a finding comes from."""

    file: str
    page: int | None
    quote: str


class Governance:
    """The pack's governance findings, compiled once for a run."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._matchers = {f.id: (CueMatcher(f.cues, pack.slots), CueMatcher(f.exclude, pack.slots)) for f in pack.governance}
        self._shown_by = {f.id: f.shown_by for f in pack.governance}
        wide = [g for g in pack.groups if g.areas == "all"]
        self._wide = frozenset(g.id for g in wide)
        self._cues = Cues(pack.model_copy(update={"areas": (), "groups": tuple(wide), "criteria": ()}))  # the others are not asked for

    def findings(self, documents: Sequence[Read]) -> tuple[dict[str, bool], dict[str, Quote]]:
        """Each finding, and the sentence that shows it."""
        evidence: dict[str, Quote] = {}
        for document, readings in documents:
            read = {r.passage: r for r in readings}
            for index, passage in enumerate(document.passages):
                if passage.role == "body" and passage.kind != "heading":
                    for finding, text in self._in_passage(passage, read.get(index)):
                        page = passage.places[0].page if passage.places else None
                        evidence.setdefault(finding, Quote(document.file, page, text))
        return {f.id: f.id in evidence for f in self.pack.governance}, evidence

    def _in_passage(self, passage: Passage, reading: Reading | None) -> Iterator[tuple[str, str]]:
        about = [a for a, p in reading.areas if p >= READ_CUT] if reading else []
        wide = len(about) >= SEVERAL or not self._wide.isdisjoint(about)
        before = ""
        for unit in units(passage):
            keys = self._cues.text(unit.text)
            stands = VETOES.isdisjoint(keys)
            if stands and (wide or any(f"area {group}" in keys for group in self._wide)):
                for finding in self.pack.governance:
                    read = self._element(finding.id, reading, unit.start, unit.end)
                    if read or self._shows(finding.id, unit.text, before, passage):
                        yield finding.id, unit.text
            before = unit.text if stands else ""

    def _element(self, finding: str, reading: Reading | None, start: int, end: int) -> bool:
        """Whether an element that shows the finding is read in these words."""
        return reading is not None and any(
            self._shown_by[finding] == f"{b.criterion}.{b.element}" and b.probability >= READ_CUT and start <= b.start < end
            for b in reading.bearings
        )

    def _shows(self, finding: str, text: str, before: str, passage: Passage) -> bool:
        """Whether the sentence says so: by itself, after the one that its pronoun points to, or under its list's heading."""
        cues, exclude = self._matchers[finding]
        if exclude.find(text):
            return False
        if _PRONOUN.match(text) and before and not exclude.find(before):
            text = f"{before} {text}"
        if cues.find(text):
            return True
        head = passage.lead_in or (passage.headings[-1] if passage.headings else "")
        return passage.kind == "list_item" and bool(head) and bool(cues.find(f"{head.rstrip(':.')}: {text}"))
