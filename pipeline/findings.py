"""What else is judged of a force, by rules with evidence (handbook sections 6 and 7): need and threat, governance, orientation,
partners, alerts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from classifiers.levels.reader import Stated, level_reader
from classifiers.reading import Read
from classifiers.units import Cues
from pipeline.company import short_names
from pipeline.gazetteer import Gazetteer
from pipeline.governance import Governance, Quote
from pipeline.identify import count_names, settle
from rules.grading import roll_up_grades
from rules.pack import Pack, RollUp

PARTNER_CUT: Final = 0.2
"""Probability, from which a passage that names a force tells of working with it."""


class Findings:
    """The pack's finding rules, compiled once for a run."""

    def __init__(self, pack: Pack, cues: Cues) -> None:
        self.pack = pack
        self.cues = cues
        self._governance = Governance(pack)
        self._together = [c.id for c in pack.criteria if any(e.id == "partner" for e in c.elements)]
        self._levels = level_reader(pack)

    def stated(self, documents: Sequence[Read]) -> Stated:
        """What the documents state of levels, for the cells (pipeline.assess) and for `levels`."""
        return self._levels.stated(documents)

    def levels(self, documents: Sequence[Read], stated: Stated) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, list[str]]]]:
        """{"need": {area: 0-3}, "threat": ...}, as classifiers.levels reads them, 0 where none is stated; and the files that state each."""
        return self._levels.levels(documents, stated)

    def governance(self, documents: Sequence[Read]) -> tuple[dict[str, bool], dict[str, Quote]]:
        """Each finding, and the sentence that shows it (handbook section 7)."""
        return self._governance.findings(documents)

    def orientation(self, documents: Sequence[Read]) -> tuple[str, dict[str, float]]:
        """internal, external or balanced, and the mix that gave it: each criterion's share in all that the passages tell of measures.

        Each passage counts for each criterion with the probability of its likeliest element there. An empty mix is "balanced".
        """
        weight: dict[str, float] = defaultdict(float)
        for _, readings in documents:
            for reading in readings:
                best: dict[str, float] = defaultdict(float)
                for bearing in reading.bearings:
                    if bearing.element:
                        best[bearing.criterion] = max(best[bearing.criterion], bearing.probability)
                for criterion, p in best.items():
                    weight[criterion] += p
        total, sides = sum(weight.values()), self.pack.orientation
        if sides is None or not total:
            return "balanced", {}
        mix = {c.id: round(weight[c.id] / total, 4) for c in self.pack.criteria}
        share = sum(weight[c] for c in sides.shared) / total
        return ("internal" if share < sides.internal_below else "external" if share > sides.external_above else "balanced"), mix

    def partners(self, force: str, known: Sequence[str], documents: Sequence[Read]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The other forces that the submission names for each area: those whose full names the round or the documents give, and those of
        which only a short name is known (pipeline.company)."""
        together = [
            (document.passages[reading.passage].text, reading)
            for document, readings in documents
            for reading in readings
            if any(b.criterion in self._together and b.element and b.probability >= PARTNER_CUT for b in reading.bearings)
        ]
        learnt = self._learnt(force, known, documents)
        names = self.pack.force_names
        short = short_names([text for text, _ in together], Gazetteer(names, learnt), names, learnt)
        gazetteer = Gazetteer(names, [*learnt, *short])
        result: dict[str, set[str]] = {a.id: set() for a in self.pack.areas}
        for text, reading in together:
            named = {n for n in gazetteer.find(text) if n != force and not gazetteer.is_unit(n)}
            for about, p in reading.areas:
                if p >= 0.5 and self.pack.scope(about) != "force_wide":
                    for area in self.pack.members(about):
                        result[area] |= named
        full = {area: sorted(found.difference(short)) for area, found in result.items()}
        return full, {area: sorted(found.intersection(short)) for area, found in result.items() if found.intersection(short)}

    def _learnt(self, force: str, known: Sequence[str], documents: Sequence[Read]) -> list[str]:
        """The names of the round, and those that the documents give in full; a part of the force's own name is no other force."""
        names = self.pack.force_names
        learnt = [force, *known]
        gazetteer = Gazetteer(names, learnt)
        met = [n for n in settle(count_names([d for d, _ in documents], names)) if gazetteer.resolve(n) == n]
        return learnt + [n for n in met if not force.endswith(" " + n) and not n.endswith(" " + force)]


def rolled_up(
    roll_up: RollUp,
    areas: Mapping[str, str],
    scale: Mapping[int, str],
    grades: Mapping[str, Mapping[str, int]],
    need: Mapping[str, int],
    threat: Mapping[str, int],
) -> dict[str, Any]:
    """What follows from the cells' grades (handbook sections 5 and 6): area_grades, criterion_grades, credible, alerts, as in matrix.json.

    `areas` and `scale` give the names of areas and grades; `grades` is by area and criterion, empty where nothing could be read.
    """
    area_grades = {area: roll_up_grades([*row.values()], roll_up.rule) for area, row in grades.items()}
    criteria = next(iter(grades.values()), {})
    return {
        "area_grades": area_grades,
        "criterion_grades": {c: roll_up_grades([row[c] for row in grades.values()], roll_up.rule) for c in criteria},
        "credible": bool(area_grades) and all(grade >= roll_up.compliant_from for grade in area_grades.values()),
        "alerts": [*alerts(roll_up, areas, scale, area_grades, need, threat)],
    }


def alerts(
    roll_up: RollUp,
    areas: Mapping[str, str],
    scale: Mapping[int, str],
    area_grades: Mapping[str, int],
    need: Mapping[str, int],
    threat: Mapping[str, int],
) -> Iterator[str]:
    """High need with an inadequate plan, high threat with none (handbook section 6)."""
    for area, grade in area_grades.items():
        if need.get(area, 0) >= roll_up.alert_need and grade < roll_up.compliant_from:
            yield f"{areas[area]}: need is high and the plans are graded {grade} ({scale[grade].lower()})."
        elif threat.get(area, 0) >= roll_up.alert_threat and grade == 0:
            yield f"{areas[area]}: threat is high and there is no plan."
