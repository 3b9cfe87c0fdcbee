"""How well voices are judged by models that never saw them: figures with intervals, baselines, and the causes of wrong grades.

Voices are read from the corpus' notation, so extraction plays no part here; real files are scored by the review team's own scorer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sklearn.metrics import average_precision_score

from classifiers.classify import Classifier
from classifiers.levels.reader import Stated
from classifiers.model import Model
from classifiers.reading import Read, Reading, taken
from classifiers.train import Voice
from corpus.gold import GoldCell, gold_matrix
from corpus.notation import Force
from extractors.document import full_title
from pipeline.assess import CUT, Cell, assess
from pipeline.findings import Findings
from pipeline.scores import Facts, Judged, figures
from rules.grading import grade_cell
from rules.pack import Criterion, Pack

DRAWS: Final = 200
"""Resamplings of the voices from which a figure's interval is taken."""

CAUSES: Final = ("area", "element missed", "element in excess", "negation", "roll-up")


@dataclass(frozen=True)
class Passages:
    """What was said of one voice's passages beside their labels."""

    bearing: int
    lost: int
    """Bearing passages of which no true area was found."""
    strayed: int
    """Bearing passages that were given an area that is not theirs."""
    said: Mapping[tuple[str, str], Sequence[tuple[bool, float]]]
    """For each target (label, probability) of every body passage."""


@dataclass(frozen=True)
class Judgement:
    """One voice, judged."""

    cells: tuple[Judged, ...]
    facts: Facts
    passages: Passages
    causes: Mapping[str, int]


def judge(pack: Pack, findings: Findings, model: Model, voice: Voice, readings: Sequence[Sequence[Reading]]) -> Judgement:
    """Sets a voice's readings beside its labels."""
    documents: list[Read] = list(zip(voice.documents, readings, strict=True))
    stated = findings.stated(documents)
    got, gold = assess(pack, model, documents, stated), gold_matrix(voice.force, pack)
    cells, causes = [], Counter[str]()
    for area in pack.areas:
        for criterion in pack.criteria:
            mine, true = got[area.id][criterion.id], gold[area.id][criterion.id]
            cells.append(_judged(voice.force.name, area.id, criterion, mine, true))
            if mine.grade != true.grade:
                causes[cause(pack, voice.force, documents, area.id, criterion, mine, true)] += 1
    return Judgement(tuple(cells), _facts(pack, findings, voice.force, documents, stated), _passages(pack, voice.force, documents), causes)


def _judged(voice: str, area: str, criterion: Criterion, mine: Cell, true: GoldCell) -> Judged:
    required = {e.id for e in criterion.required}
    return Judged(
        voice,
        area,
        criterion.id,
        true.grade,
        mine.grade,
        mine.probabilities,
        frozenset(true.elements & required | (true.specific - required)),
        frozenset(e for e, p in mine.elements.items() if p >= CUT),
        tuple((file, text) for file, text, elements in true.quotes if elements),
        tuple((e.file, e.quote) for e in mine.evidence),
    )


def _facts(pack: Pack, findings: Findings, force: Force, documents: Sequence[Read], stated: Stated) -> Facts:
    levels, _ = findings.levels(documents, stated)
    governance, _ = findings.governance(documents)
    names = sorted({name for some in force.partners.values() for name in some})
    partners, _ = findings.partners(force.name, names, documents)
    return Facts(
        force.name,
        tuple((level, levels[kind][a]) for kind, gold in (("need", force.need), ("threat", force.threat)) for a, level in gold.items()),
        tuple((shown, governance[finding]) for finding, shown in force.governance.items()),
        (force.orientation, findings.orientation(documents)[0]),
        frozenset((area, name) for about, some in force.partners.items() for area in pack.members(about) for name in some),
        frozenset((area, name) for area, some in partners.items() for name in some),
    )


def _passages(pack: Pack, force: Force, documents: Sequence[Read]) -> Passages:
    bearing = lost = strayed = 0
    said: dict[tuple[str, str], list[tuple[bool, float]]] = {}
    targets = [(c.id, e) for c in pack.criteria for e in (*(e.id for e in c.elements), "")]
    for plan, (_, readings) in zip(force.plans, documents, strict=True):
        by_passage = {one.passage: one for one in readings}
        for index, passage in enumerate(plan.passages):
            if passage.kind == "heading":
                continue
            reading = by_passage.get(index)
            labels = {(s.criterion, s.element) for s in passage.spans} | {(c, "") for c in passage.criteria}
            best: dict[tuple[str, str], float] = {}
            for b in reading.bearings if reading else ():
                best[b.criterion, b.element] = max(b.probability, best.get((b.criterion, b.element), 0.0))
            for target in targets:
                said.setdefault(target, []).append((target in labels, best.get(target, 0.0)))
            if passage.about:
                true, mine = _reached(pack, passage.about), _reached(pack, taken(reading.areas) if reading else [])
                bearing += 1
                lost += not true & mine
                strayed += bool(mine - true)
    return Passages(bearing, lost, strayed, said)


def _reached(pack: Pack, abouts: Sequence[str]) -> set[str]:
    return {area for about in abouts for area in pack.members(about)}


def cause(pack: Pack, force: Force, documents: Sequence[Read], area: str, criterion: Criterion, mine: Cell, true: GoldCell) -> str:
    """Why a cell's grade is wrong: the first of CAUSES whose mending alone would change what was found."""
    required = {e.id for e in criterion.required}
    wanted = true.elements & required | (true.specific - required)
    have = {e for e, p in mine.elements.items() if p >= CUT}
    missed, excess = wanted - have, have - wanted
    if missed:
        return "area" if any(_without_area(pack, force, documents, area, criterion.id, e) for e in missed) else "element missed"
    if excess:
        bearers = [p for plan in force.plans for p in plan.passages if area in _reached(pack, p.about)]
        if any(c == criterion.id for p in bearers for c, _ in p.bears):
            return "negation"
        strays = [
            p for plan in force.plans for p in plan.passages if any(s.criterion == criterion.id and s.element in excess for s in p.spans)
        ]
        return "area" if any(p.text == e.quote for p in strays for e in mine.evidence) else "element in excess"
    return "roll-up"


def _without_area(pack: Pack, force: Force, documents: Sequence[Read], area: str, criterion: str, element: str) -> bool:
    """Whether a passage that bears the element for the area was read as bearing it, but not given the area."""
    for plan, (_, readings) in zip(force.plans, documents, strict=True):
        for reading in readings:
            passage = plan.passages[reading.passage]
            bears = any(s.criterion == criterion and s.element == element for s in passage.spans)
            if bears and area in _reached(pack, passage.about):
                read = any(b.criterion == criterion and b.element == element and b.probability >= CUT for b in reading.bearings)
                if read and area not in _reached(pack, taken(reading.areas)):
                    return True
    return False


def majority(cells: Sequence[Judged]) -> list[Judged]:
    """The baseline that gives every cell the commonest grade."""
    grade = Counter(c.gold for c in cells).most_common(1)[0][0]
    return [replace(c, grade=grade, probabilities=_sure(grade), elements=frozenset(), quotes=()) for c in cells]


def prior(pack: Pack, cells: Sequence[Judged]) -> list[Judged]:
    """The baseline that reads nothing: each element is there when it is in most cells of the criterion of the *other* voices."""
    result = []
    rules = {c.id: c for c in pack.criteria}
    for voice in sorted({c.voice for c in cells}):
        for criterion, rule in rules.items():
            others = [c for c in cells if c.criterion == criterion and c.voice != voice]
            count = Counter(e for c in others for e in c.gold_elements)
            there = frozenset(e for e, n in count.items() if 2 * n >= len(others))
            grade = grade_cell(rule, pack.roll_up, present=there, specific=there, local=True, bears=True)
            mine = [c for c in cells if c.criterion == criterion and c.voice == voice]
            result += [replace(c, grade=grade, probabilities=_sure(grade), elements=there, quotes=()) for c in mine]
    return result


def _sure(grade: int) -> tuple[float, ...]:
    return tuple(float(g == grade) for g in range(4))


def intervals(judgements: Sequence[Judgement]) -> dict[str, tuple[float, float]]:
    """The middle 95 % of each figure over resampled sets of voices; voices, not cells, are what varies."""
    draw = random.Random(2009)  # noqa: S311  (reproducible, not secret)
    drawn: dict[str, list[float]] = {}
    for _ in range(DRAWS):
        some = draw.choices(judgements, k=len(judgements))
        for name, value in figures([_light(c) for j in some for c in j.cells], [j.facts for j in some]).items():
            drawn.setdefault(name, []).append(value)
    return {name: (sorted(v)[int(0.025 * len(v))], sorted(v)[int(0.975 * len(v)) - 1]) for name, v in drawn.items()}


def _light(cell: Judged) -> Judged:
    """Without quotes: comparing them two hundred times over would take an hour."""
    return replace(cell, gold_quotes=(), quotes=())


def average_precision(judgements: Sequence[Judgement]) -> dict[tuple[str, str], tuple[float, int]]:
    """For each target the average precision over all passages, and how many bear it."""
    result = {}
    for target in judgements[0].passages.said:
        pairs = [pair for j in judgements for pair in j.passages.said[target]]
        labels = [label for label, _ in pairs]
        if any(labels):
            result[target] = (float(average_precision_score(labels, [p for _, p in pairs])), sum(labels))
    return result


def changes(old: Sequence[Judged], new: Sequence[Judged]) -> list[str]:
    """What a change of model gains and loses, a line for each cell whose grade came to be right or wrong."""
    lines = []
    for a, b in zip(old, new, strict=True):
        if (a.grade == a.gold) != (b.grade == b.gold):
            word = "gained" if b.grade == b.gold else "lost"
            lines.append(f"{word:7} {b.voice:36} {b.area:26} {b.criterion:22} gold {b.gold} was {a.grade} now {b.grade}")
    return lines


def by(cells: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, dict[str, float]]:
    """The figures of each area, criterion or voice."""
    groups: dict[str, list[Judged]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(_light(cell))
    return {name: figures(some, []) for name, some in groups.items()}


def read_voice(classifier: Classifier, voice: Voice) -> list[list[Reading]]:
    """A voice read by a classifier as it stands, its own encoder included."""
    return classifier.read(
        [
            classifier.look(paper.passages, full_title(plan.title, plan.file))
            for paper, plan in zip(voice.papers, voice.force.plans, strict=True)
        ]
    )
