"""What else is judged of a force, by rules with evidence (handbook sections 6 and 7): need and threat, governance, orientation,
partners, alerts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.units import Cues, units
from extractors.document import Document, Passage
from pipeline.assess import Read
from pipeline.identify import count_names, settle
from rules.cues import CueMatcher
from rules.pack import Level, Levels, Pack

PARTNER_CUT: Final = 0.3
"""Probability, from which a passage that names a force tells of working with it."""
BALANCE: Final = (0.36, 0.52)
"""Share of external measures among all measures: below the first a force is internal, above the second external."""
_KEY_RANGE: Final = re.compile(r"(\d+)\s*(?:-|–|—|to)\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Quote:
    """Where a finding comes from."""

    file: str
    page: int | None
    quote: str


class Findings:
    """The pack's finding rules, compiled once for a run."""

    def __init__(self, pack: Pack, cues: Cues) -> None:
        self.pack = pack
        self.cues = cues
        self._governance = {f.id: (CueMatcher(f.cues, pack.slots), CueMatcher(f.exclude, pack.slots)) for f in pack.governance}
        sides = pack.orientation
        self._sides = [CueMatcher(side, pack.slots) for side in (sides.internal, sides.external)] if sides else []
        self._levels = {
            name: (CueMatcher(level.columns, pack.slots), CueMatcher(level.cues, pack.slots)) for name, level in _levels_of(pack.levels)
        }

    def levels(self, documents: Sequence[Read]) -> dict[str, dict[str, int]]:
        """{"need": {area: 0-3}, "threat": ...}: out of tables first, else out of sentences; 0 where a force states none."""
        result = {}
        for name in ("need", "threat"):
            stated: dict[str, list[int]] = defaultdict(list)
            if name in self._levels and self.pack.levels:
                for document, _ in documents:
                    key = _score_key(document, self.pack.levels)
                    for area, level in self._from_tables(document, name, key):
                        stated[area].append(level)
                for area, level in self._from_sentences(documents, name):
                    if not stated[area]:
                        stated[area].append(level)
            result[name] = {a.id: (Counter(stated[a.id]).most_common(1)[0][0] if stated[a.id] else 0) for a in self.pack.areas}
        return result

    def _from_tables(self, document: Document, name: str, key: Sequence[tuple[int, int, int]]) -> Iterator[tuple[str, int]]:
        assert self.pack.levels is not None
        for passage in document.passages:
            if passage.kind != "table_row" or passage.role != "body":
                continue
            index = self._column(passage, name)
            areas = self._row_areas(passage)
            if index is None or not areas:
                continue
            level = level_in(passage.cells[index], self.pack.levels.words, key)
            if level is not None:
                for area in areas:
                    yield area, level

    def _column(self, passage: Passage, name: str) -> int | None:
        """The column that states this level: a header that the cues match and whose cell holds a level; shortest header first."""
        assert self.pack.levels is not None
        matcher, _ = self._levels[name]
        fitting = [
            (len(header.split()), index)
            for index, header in enumerate(passage.columns)
            if header and index < len(passage.cells) and matcher.find(header) and _short(passage.cells[index])
        ]
        return min(fitting)[1] if fitting else None

    def _row_areas(self, passage: Passage) -> list[str]:
        for cell in passage.cells[:3]:
            if cell and len(cell.split()) <= 12:
                found = self.cues.heading(cell)
                named = [k[5:] for k in found if k.startswith("area ")]
                specific = [a for a in named if self.pack.scope(a) == "specific"]
                umbrella = [m for a in named if self.pack.scope(a) == "umbrella" for m in self.pack.members(a)]
                if specific or umbrella:
                    return specific or umbrella
        return []

    def _from_sentences(self, documents: Sequence[Read], name: str) -> Iterator[tuple[str, int]]:
        assert self.pack.levels is not None
        _, matcher = self._levels[name]
        for document, readings in documents:
            for reading in readings:
                passage = document.passages[reading.passage]
                areas = [a for a, p in reading.areas if p >= 0.5 and self.pack.scope(a) == "specific"]
                if len(areas) != 1 or passage.kind == "table_row":
                    continue
                for unit in units(passage):
                    for hit in matcher.find(unit.text):
                        level = level_in(unit.text[hit.start : hit.end], self.pack.levels.words, ())
                        if level is not None:
                            yield areas[0], level
                            break

    def governance(self, documents: Sequence[Read]) -> tuple[dict[str, bool], dict[str, Quote]]:
        """Each finding, and the sentence that shows it (handbook section 7)."""
        evidence: dict[str, Quote] = {}
        for document, _ in documents:
            for passage in document.passages:
                if passage.role != "body" or passage.kind == "heading":
                    continue
                for unit in units(passage):
                    for finding in self.pack.governance:
                        if finding.id not in evidence and self._shows(finding.id, unit.text):
                            page = passage.places[0].page if passage.places else None
                            evidence[finding.id] = Quote(document.file, page, unit.text)
        return {f.id: f.id in evidence for f in self.pack.governance}, evidence

    def _shows(self, finding: str, text: str) -> bool:
        cues, exclude = self._governance[finding]
        if not cues.find(text) or exclude.find(text):
            return False
        return not any(key in ("veto negated", "veto plan_to_plan", "veto national", "veto definition") for key in self.cues.text(text))

    def orientation(self, documents: Sequence[Read]) -> str:
        """internal, external or balanced, from the mix of measures in the passages that bear on something."""
        if not self._sides:
            return "balanced"
        counts = [0, 0]
        for document, readings in documents:
            for reading in readings:
                text = document.passages[reading.passage].text
                for side, matcher in enumerate(self._sides):
                    counts[side] += bool(matcher.find(text))
        share = counts[1] / max(1, sum(counts))
        return "internal" if share < BALANCE[0] else "external" if share > BALANCE[1] else "balanced"

    def partners(self, force: str, known: Sequence[str], documents: Sequence[Read]) -> dict[str, list[str]]:
        """The other forces that the submission names for each area, full names where the round or the documents give them."""
        names = self.pack.force_names
        own = set(settle(count_names([d for d, _ in documents], names))) | set(known)
        own = {n for n in own if n != force and not force.endswith(" " + n) and not n.endswith(" " + force)}
        aliases = _aliases(own, force)
        result: dict[str, set[str]] = {a.id: set() for a in self.pack.areas}
        pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, aliases), key=len, reverse=True)) + r")\b") if aliases else None
        criteria = [c.id for c in self.pack.criteria if any(e.id == "partner" for e in c.elements)]
        if pattern is None:
            return {a: [] for a in result}
        for document, readings in documents:
            for reading in readings:
                together = [b for b in reading.bearings if b.criterion in criteria and b.element and b.probability >= PARTNER_CUT]
                if not together:
                    continue
                named = {aliases[m.group(1)] for m in pattern.finditer(document.passages[reading.passage].text)}
                for about, p in reading.areas:
                    if p >= 0.5 and self.pack.scope(about) != "force_wide":
                        for area in self.pack.members(about):
                            result[area] |= named
        return {area: sorted(found) for area, found in result.items()}


def _levels_of(levels: Levels | None) -> list[tuple[str, Level]]:
    return [("need", levels.need), ("threat", levels.threat)] if levels else []


def _aliases(names: set[str], force: str) -> dict[str, str]:
    """Full names and their short forms ("Northmoor" for "Northmoor Police"), each to the full name."""
    aliases = {name: name for name in names}
    for name in sorted(names):
        stem = name.rsplit(" ", 1)[0]
        if len(stem) > 3 and stem not in aliases and not force.startswith(stem):
            aliases[stem] = name
    return aliases


def _short(cell: str) -> bool:
    return 0 < len(cell.split()) <= 6


def level_in(cell: str, words: dict[str, int], key: Sequence[tuple[int, int, int]]) -> int | None:
    """The level that a cell states: a level word, or a score with its key [(from, to, level)]."""
    plain = cell.strip().lower()
    if plain in words:
        return words[plain]
    if number := re.search(r"\d+", plain):
        for low, high, level in key:
            if low <= int(number.group()) <= high:
                return level
    for word in re.findall(r"[a-z]+", plain):
        if word in words and len(word) > 1:
            return words[word]
    return None


def _score_key(document: Document, levels: Levels) -> list[tuple[int, int, int]]:
    """Ranges of scores and their levels, as the document's own key gives them ("16 to 25 high")."""
    key = []
    for passage in document.passages:
        if len(passage.text.split()) > 60:
            continue
        for match in _KEY_RANGE.finditer(passage.text):
            around = passage.text[max(0, match.start() - 25) : match.end() + 25].lower()
            after = passage.text[match.end() : match.end() + 25].lower()
            for text in (after, around):
                found = [w for w in re.findall(r"[a-z]+", text) if w in levels.words and len(w) > 2]
                if found:
                    key.append((int(match.group(1)), int(match.group(2)), levels.words[found[0]]))
                    break
    return key


def alerts(pack: Pack, area_grades: dict[str, int], need: dict[str, int], threat: dict[str, int]) -> list[str]:
    """High need with an inadequate plan, high threat with none (handbook section 6)."""
    result = []
    names = {a.id: a.name for a in pack.areas}
    grade_names = {g.grade: g.name.lower() for g in pack.grades}
    for area, grade in area_grades.items():
        if need.get(area, 0) >= pack.roll_up.alert_need and grade < pack.roll_up.compliant_from:
            result.append(f"{names[area]}: need is high and the plans are graded {grade} ({grade_names[grade]}).")
        elif threat.get(area, 0) >= pack.roll_up.alert_threat and grade == 0:
            result.append(f"{names[area]}: threat is high and there is no plan.")
    return result
