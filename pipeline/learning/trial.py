"""The trial of a new model: forces and decisions that it did not learn from, judged by it and by the models in use, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers.levels.reader import level_reader
from classifiers.model import Model
from classifiers.reading import Reading
from classifiers.train import Voice
from corpus.gold import gold_matrix
from pipeline.assess import Cell, assess
from pipeline.evaluate import changes
from pipeline.learning.decided import Submission
from pipeline.scores import Judged, figures
from rules.pack import Pack

VOICES = "left-out forces of the corpus"
DECISIONS = "past decisions"


@dataclass(frozen=True)
class Trial:
    """The same cells as the models in use judge them and as the new ones would; each by models that learnt nothing of its force."""

    what: str
    before: tuple[Judged, ...]
    after: tuple[Judged, ...]

    def row(self) -> tuple[str, ...]:
        """What was judged, cells, right before and after, kappa before and after."""
        kappas = [f"{k:.3f}" if k is not None else "" for k in (_kappa(self.before), _kappa(self.after))]
        return self.what, str(len(self.before)), str(_right(self.before)), str(_right(self.after)), *kappas

    def worse(self) -> list[str]:
        """In what the new models do worse, in plain words; nothing where they do not."""
        found = []
        right, now = _right(self.before), _right(self.after)
        if now < right:
            found.append(f"of {len(self.before)} cells of {self.what} it grades {now} as people did, the models in use {right}")
        kappa, then = _kappa(self.after), _kappa(self.before)
        if kappa is not None and then is not None and round(kappa, 6) < round(then, 6):
            found.append(f"its weighted kappa on {self.what} is {kappa:.4f}, that of the models in use {then:.4f}")
        return found

    def changes(self) -> list[str]:
        """A line for each cell that comes to be right or wrong."""
        return changes(self.before, self.after)


def _right(cells: Sequence[Judged]) -> int:
    return sum(cell.grade == cell.gold for cell in cells)


def _kappa(cells: Sequence[Judged]) -> float | None:
    return figures(cells, []).get("qwk") if cells else None


def judged_voice(pack: Pack, model: Model, voice: Voice, readings: Sequence[Sequence[Reading]]) -> Iterator[Judged]:
    """Every cell of a voice of the corpus beside its labels."""
    documents = list(zip(voice.documents, readings, strict=True))
    got, gold = assess(pack, model, documents, level_reader(pack).stated(documents)), gold_matrix(voice.force, pack)
    for area, row in got.items():
        for criterion, cell in row.items():
            yield _judged(voice.force.name, area, criterion, gold[area][criterion].grade, cell)


def judged_decisions(pack: Pack, model: Model, one: Submission, readings: Sequence[Sequence[Reading]]) -> Iterator[Judged]:
    """Every cell of a submission that a person decided on, beside the grade that they gave."""
    documents = list(zip(one.documents, readings, strict=True))
    got = assess(pack, model, documents, level_reader(pack).stated(documents))
    for decided in one.decided:
        decision = decided.decision
        yield _judged(one.version.force, decision.area, decision.criterion, decision.grade, got[decision.area][decision.criterion])


def _judged(name: str, area: str, criterion: str, gold: int, cell: Cell) -> Judged:
    return Judged(name, area, criterion, gold, cell.grade, cell.probabilities, frozenset(), frozenset())
