"""Who teaches the models anew: the voices of the corpus, whose every sentence is labelled, and submissions on which reviewers decided.

Of these only what a decision speaks about is known; the rest of them is read, never learnt from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from classifiers import areas
from classifiers.classify import Classifier, Examined, Second
from classifiers.encoder import Opinion
from classifiers.features import Seen, masked, targets
from classifiers.left_out import LeftOut, SaidOf
from classifiers.reading import Look
from classifiers.train import Voice, gold_cells
from classifiers.units import units
from extractors.document import Document, Passage
from rules.pack import Pack

ABOUT: Final = "about "
"""Begins the target that is an area or group."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One unit as the word models read it, and which targets it is known to bear or not to bear."""

    text: str
    borne: Mapping[str, bool]


@dataclass(frozen=True)
class Teacher:
    """One submission. `looks` reads it with a classifier; `there` is [3, areas, targets] as in train.gold_cells, -1 where nobody knows."""

    name: str
    documents: tuple[Document, ...]
    looks: Callable[[Classifier], list[Look]]
    sentences: tuple[Sentence, ...]
    there: np.ndarray


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a decision says of words: `start:end` of a passage bear the target, or do not.

    Targets are "criterion.element", "criterion." and "about AREA".
    """

    paper: int
    passage: int
    start: int
    end: int
    target: str
    borne: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of a submission on which reviewers decided; `title` as the classifier is to read it."""

    passages: tuple[Passage, ...]
    title: str


def of_voice(pack: Pack, voice: Voice, left_out: LeftOut) -> Teacher:
    """A voice of the corpus, with what encoders of other voices said of it."""
    sentences = []
    for paper in voice.papers:
        abouts = dict(zip((clue.passage for clue in paper.examined.clues), paper.abouts, strict=True))
        for (index, one), label in zip(paper.examined.seen, paper.labels, strict=True):
            borne = {f"{c}.{e}": (c, e) in label for c, e in targets(pack)}
            if abouts[index]:  # what it is about is learnt from what bears something
                borne |= {f"{ABOUT}{about}": about in abouts[index] for about in areas.abouts(pack)}
            sentences.append(Sentence(masked(one), borne))

    def looks(classifier: Classifier) -> list[Look]:
        said = [SaidOf(left_out, pack.id, paper.ids) for paper in voice.papers]
        return [classifier.judge(paper.passages, paper.examined, one) for paper, one in zip(voice.papers, said, strict=True)]

    return Teacher(voice.force.name, tuple(voice.documents), looks, tuple(sentences), gold_cells(pack, voice.force).astype(np.int8))


def of_decisions(
    classifier: Classifier, second: Second | None, name: str, papers: Sequence[Paper], lessons: Sequence[Lesson], cells: Mapping[Cell, bool]
) -> Teacher:
    """A submission on which reviewers decided. `classifier` (without an encoder) and `second` are those that learning starts from.

    `cells` says of (kind, area, target), kinds as in classifiers.cells, what is known to be there or not.
    """
    heard = [Heard(second) if second else None for _ in papers]

    def looks(reader: Classifier) -> list[Look]:
        return [_look(reader, paper, one)[1] for paper, one in zip(papers, heard, strict=True)]

    sentences: list[Sentence] = []
    for number, (paper, one) in enumerate(zip(papers, heard, strict=True)):
        if own := [lesson for lesson in lessons if lesson.paper == number]:
            sentences += _sentences(*_look(classifier, paper, one), own)
    rows = {area.id: i for i, area in enumerate(classifier.pack.areas)}
    columns = {name: i for i, name in enumerate(classifier.names)}
    there = np.full((3, len(rows), len(columns)), -1, dtype=np.int8)
    for (kind, area, target), is_there in cells.items():
        there[kind, rows[area], columns[target]] = is_there
    documents = tuple(Document("", "", paper.title, 1, 1, paper.passages, (), ()) for paper in papers)
    return Teacher(name, documents, looks, tuple(sentences), there)


Cell = tuple[int, str, str]


def _look(classifier: Classifier, paper: Paper, heard: Heard | None) -> tuple[Examined, Look]:
    examined = classifier.examine(paper.passages, paper.title)
    return examined, classifier.judge(paper.passages, examined, heard)


def _sentences(examined: Examined, look: Look, lessons: Sequence[Lesson]) -> list[Sentence]:
    """The units that the lessons speak of. Where the words are of several units, the likeliest bears what is borne."""
    rows: dict[int, list[int]] = {}
    for row, (index, _) in enumerate(examined.seen):
        rows.setdefault(index, []).append(row)
    bearings = {clues.passage: some for clues, some in zip(look.clues, look.bearings, strict=True)}
    borne: dict[int, dict[str, bool]] = {}
    for lesson in lessons:
        own = rows.get(lesson.passage, [])
        if lesson.target.startswith(ABOUT):
            chosen = own
        else:
            chosen = [row for row in own if _touches(examined.seen[row][1], lesson.start, lesson.end)]
            if lesson.borne and len(chosen) > 1:
                likely = [b for b in bearings.get(lesson.passage, ()) if f"{b.criterion}.{b.element}" == lesson.target]
                likely = [b for b in likely if b.start < lesson.end and lesson.start < b.end]
                best = max(likely, key=lambda b: b.probability, default=None)
                chosen = [row for row in chosen if best and _touches(examined.seen[row][1], best.start, best.end)][:1]
        for row in chosen:
            borne.setdefault(row, {})[lesson.target] = lesson.borne
    return [Sentence(masked(examined.seen[row][1]), targets) for row, targets in sorted(borne.items())]


def _touches(seen: Seen, start: int, end: int) -> bool:
    return seen.unit.start < end and start < seen.unit.end


class Heard:
    """What the encoder says of one document, unit by unit.

    It is asked once, of all passages: its 8-bit arithmetic rounds by what it reads together, and no model's choice may change that.
    """

    def __init__(self, second: Second) -> None:
        self._second = second
        self._said: dict[int, Opinion] | None = None
        self.pack = second.pack
        self.outputs = second.outputs

    def opinions(self, passages: Sequence[Passage], wanted: Sequence[int]) -> dict[int, Opinion]:
        if self._said is None:
            body = [i for i, one in enumerate(passages) if one.role == "body" and one.kind != "heading" and one.text]
            self._said = {i: _by_unit(passages[i], opinion) for i, opinion in self._second.opinions(passages, body).items()}
        return {index: self._said[index] for index in wanted}


def _by_unit(passage: Passage, opinion: Opinion) -> Opinion:
    own = units(passage)
    inside = [opinion.inside(unit.start, unit.end) for unit in own]
    return Opinion(opinion.whole.copy(), np.array(inside), tuple((unit.start, unit.end) for unit in own))
