"""What a force is told about its plans, as facts: for each area what stands, what is begun, what is missing and what to add.

Every fact is of one or more cells, named by `ref` (the area's short name and the criterion's number: "RP4"), so that whatever is said
of it can be traced. The words that say it stand in letter.j2 and check.j2; what to add comes from the pack's guidance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.assess import CUT
from pipeline.marking import open_files
from pipeline.publish.quotations import Quotation, place_in_words, quotation, ranked, title_of
from pipeline.round import is_settled
from pipeline.words import uncapital
from rules.pack import Criterion, Judgement, Pack

SURE: Final = 0.65
"""Probability; what is found with less, the plans only seem to say."""
WITHHELD: Final = "withheld documents"
LEADS: Final = 2
"""Strengths of one area that are quoted; the others are named."""


@dataclass(frozen=True, slots=True)
class Part:
    """One element: `says` completes "The plans ..." and stands alone as advice, `hint` tells what belongs there."""

    says: str
    short: str
    hint: str


@dataclass(frozen=True, slots=True)
class Told:
    """One cell in plain words: the elements `found`, `missing` (required) and to go `further` (depth).

    `quotes` are the best quotations that speak of this area or its group, `wide` those that speak of the whole force.
    """

    ref: str
    number: int
    area: str
    criterion: str
    grade: int
    grade_name: str
    status: str
    found: tuple[Part, ...]
    missing: tuple[Part, ...]
    further: tuple[Part, ...]
    required: tuple[Part, ...]
    sure: bool
    """Whether all that was found was found with SURE at least, or a reviewer has confirmed it."""
    quotes: tuple[Quotation, ...]
    wide: tuple[Quotation, ...]
    only_wide: bool
    """Whether all that bears on it is said of the whole force."""
    confidence: float
    reason: str
    """The reviewer's, where one overrode the grade."""
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaAdvice:
    """One area: strengths meet the standard, progress is begun and falls short, improve is where nothing stands yet."""

    id: str
    name: str
    short: str
    grade: int
    grade_name: str
    need: int
    threat: int
    strengths: tuple[Told, ...]
    progress: tuple[Told, ...]
    improve: tuple[Told, ...]

    @property
    def cells(self) -> tuple[Told, ...]:
        return (*self.strengths, *self.progress, *self.improve)

    @property
    def leads(self) -> tuple[Told, ...]:
        """The strengths worth quoting: the highest grades first, of equals the surest."""
        quoted = sorted((c for c in self.strengths if c.quotes), key=lambda c: (-c.grade, -c.confidence))
        return tuple(quoted[:LEADS])


@dataclass(frozen=True, slots=True)
class Theme:
    """One criterion across the areas."""

    name: str
    strong: tuple[Told, ...]
    weak: tuple[Told, ...]
    """Cells that meet the standard, cells that do not."""
    lacks: tuple[tuple[Part, tuple[Told, ...]], ...]
    """Required elements that are missing, the commonest first, with the cells that lack them."""
    quote: Quotation | None
    """What stands for the whole force."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An overall judgement: the areas in which all that it rests on is found, and in how many each element is."""

    name: str
    asks: str
    holds: tuple[str, ...]
    fails: tuple[str, ...]
    elements: tuple[tuple[Part, int, tuple[str, ...]], ...]
    """(element, its criterion's number, the areas without it); none for the judgement that goes by the area grades."""


def part(pack: Pack, criterion: str, element: str) -> Part:
    """An element in the words of the pack's guidance, else in its own."""
    one = next(e for c in pack.criteria if c.id == criterion for e in c.elements if e.id == element)
    guidance = pack.guidance.get(f"{criterion}.{element}")
    return Part(guidance.says, one.short, guidance.hint) if guidance else Part(f"cover “{one.short}”", one.short, "")


def advise(pack: Pack, submission: Mapping[str, Any]) -> list[AreaAdvice]:
    """The submission's areas in the pack's order; an area of which no cell was graded is left out."""
    grades = {g.grade: g.name for g in pack.grades}
    result = []
    for area in pack.areas:
        row = (submission.get("cells") or {}).get(area.id) or {}
        told = [
            _told(pack, area.short, area.name, number, criterion, row[criterion.id])
            for number, criterion in enumerate(pack.criteria, 1)
            if criterion.id in row
        ]
        if not told:
            continue
        grade = submission["area_grades"].get(area.id, 0)
        strengths = [c for c in told if c.grade >= pack.roll_up.compliant_from]
        progress = [c for c in told if c not in strengths and c.grade > 0 and (c.found or c.quotes or c.wide or c.reason)]
        improve = [c for c in told if c not in strengths and c not in progress]
        need, threat = (int((submission.get(kind) or {}).get(area.id) or 0) for kind in ("need", "threat"))
        parts = (tuple(strengths), tuple(progress), tuple(improve))
        result.append(AreaAdvice(area.id, area.name, area.short, grade, grades[grade], need, threat, *parts))
    return result


def _told(pack: Pack, short: str, area: str, number: int, criterion: Criterion, cell: Mapping[str, Any]) -> Told:
    likely = {e.id: float(cell["elements"].get(e.id, 0.0)) for e in criterion.elements}
    found = [e for e, p in likely.items() if p >= CUT]
    evidence = [e for e in cell.get("evidence") or () if e.get("elements") or not found]
    parts = {e.id: part(pack, criterion.id, e.id) for e in criterion.elements}
    return Told(
        ref=f"{short}{number}",
        number=number,
        area=area,
        criterion=uncapital(criterion.short),
        grade=cell["grade"],
        grade_name=next(g.name for g in pack.grades if g.grade == cell["grade"]),
        status=cell.get("status") or "provisional",
        found=tuple(parts[e] for e in found),
        missing=tuple(parts[e.id] for e in criterion.required if e.id not in found),
        further=tuple(parts[e.id] for e in criterion.depth if e.id not in found),
        required=tuple(parts[e.id] for e in criterion.required),
        sure=is_settled(cell) or all(likely[e] >= SURE for e in found),
        quotes=ranked([e for e in evidence if e.get("scope") != "force_wide"]),
        wide=ranked([e for e in evidence if e.get("scope") == "force_wide"]),
        only_wide=bool(evidence) and not cell.get("withheld") and all(e.get("scope") == "force_wide" for e in evidence),
        confidence=cell.get("confidence") or 0.0,
        reason=str((cell.get("decision") or {}).get("reason") or "") if cell.get("status") == "overridden" else "",
        places=(*dict.fromkeys(f"{title_of(e['file'])}, {place_in_words(e)}" for e in evidence), *(WITHHELD,) * bool(cell.get("withheld"))),
    )


def themes(pack: Pack, areas: Sequence[AreaAdvice]) -> list[Theme]:
    """Each criterion across the areas, in the pack's order."""
    result = []
    for criterion in pack.criteria:
        cells = [c for area in areas for c in area.cells if c.criterion == uncapital(criterion.short)]
        weak = tuple(c for c in cells if c.grade < pack.roll_up.compliant_from)
        parts = [part(pack, criterion.id, e.id) for e in criterion.required]
        lacks = ((one, tuple(c for c in weak if one in c.missing)) for one in parts)
        wide = [c.wide[0] for c in cells if c.wide]
        commonest = max(wide, key=wide.count) if wide else None
        ranked = sorted(((one, lacking) for one, lacking in lacks if lacking), key=lambda one: -len(one[1]))
        result.append(Theme(uncapital(criterion.short), tuple(c for c in cells if c not in weak), weak, tuple(ranked), commonest))
    return result


def verdicts(pack: Pack, submission: Mapping[str, Any], areas: Sequence[AreaAdvice]) -> list[Verdict]:
    """The pack's overall judgements (handbook section 7, feedback), each strictly from grades or elements found."""
    return [_verdict(pack, judgement, submission, areas) for judgement in pack.judgements]


def _verdict(pack: Pack, judgement: Judgement, submission: Mapping[str, Any], areas: Sequence[AreaAdvice]) -> Verdict:
    without: list[tuple[Part, int, tuple[str, ...]]] = []
    numbers = {c.id: number for number, c in enumerate(pack.criteria, 1)}
    for name in judgement.elements:
        criterion, _, element = name.partition(".")
        lacking = tuple(a.name for a in areas if _probability(submission, a.id, criterion, element) < CUT)
        without.append((part(pack, criterion, element), numbers[criterion], lacking))
    failing: Collection[str] = {a for _, _, lacking in without for a in lacking}
    if not judgement.elements:
        failing = {a.name for a in areas if a.grade < pack.roll_up.compliant_from}
    holds = tuple(a.name for a in areas if a.name not in failing)
    fails = tuple(a.name for a in areas if a.name in failing)
    return Verdict(judgement.name, judgement.asks, holds, fails, tuple(without))


def _probability(submission: Mapping[str, Any], area: str, criterion: str, element: str) -> float:
    return float(submission["cells"][area].get(criterion, {}).get("elements", {}).get(element, 0.0))


def visit_reasons(pack: Pack, cells: Mapping[str, Any], area_grades: Mapping[str, int | None]) -> list[tuple[str, str]]:
    """(area id, why) for each area that asks for a validation visit (handbook section 7): its grade is 0, or there is too little evidence.

    Project rule: too little is when fewer than half of an area's cells rest on a passage about the area itself or its group. Grades that
    came without evidence are not doubted for it.
    """
    reasons = []
    for area in pack.areas:
        row = cells.get(area.id) or {}
        shown = [cell["evidence"] for cell in row.values() if "evidence" in cell]
        own = sum(any(e.get("elements") and e.get("scope") != "force_wide" for e in evidence) for evidence in shown)
        if row and area_grades.get(area.id) == 0:
            reasons.append((area.id, "the area grade is 0"))
        elif shown and 2 * own < len(row):
            reasons.append((area.id, f"only {own} of {len(row)} criteria rest on a passage about the area itself"))
    return reasons


def notable(pack: Pack, matrix: Mapping[str, Any], force: str) -> Iterator[tuple[str, str, str, Quotation]]:
    """(area id, criterion's short name, force, quotation) for the highest grades of other forces, in words of open documents."""
    highest = max(g.grade for g in pack.grades)
    for submission in matrix["submissions"]:
        mine = open_files(submission) if submission["force"] != force else frozenset()
        for area, row in (submission.get("cells") or {}).items() if mine else ():
            for criterion in pack.criteria:
                cell = row.get(criterion.id) or {"grade": None}
                told = [e for e in cell.get("evidence") or () if e["file"] in mine and e.get("elements") and e.get("scope") == "specific"]
                if told and cell["grade"] == highest:
                    best = max(told, key=lambda e: (" | " not in e["quote"], len(e["elements"])))
                    yield area, uncapital(criterion.short), submission["force"], quotation(best)
