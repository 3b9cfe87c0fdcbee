"""Learns the word models and the weights of cells anew, from the corpus and from what reviewers decided.

Both are convex: a few decisions move them a little and always to the same place. The encoder and the networks, which know no word and
take long, stay as they are; so does the vocabulary, so that no word of a force's paper gets into a model
(docs/decisions/0012-learning-from-corrections.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from classifiers.cells import cell_features
from classifiers.classify import Classifier
from classifiers.features import targets
from classifiers.left_out import LeftOut
from classifiers.model import Model, Words
from classifiers.reading import Reading
from classifiers.teachers import Teacher
from classifiers.train import FOLDS, Trainer, Voice, cell_weights, word_model
from rules.pack import Pack

SOLVER: Final = "newton-cholesky"
"""Of the cells' weights: the same minimum as the training's own solver, in a tenth of the time."""

Tick = Callable[[int, int], None]
"""Called with the parts done and the parts in all."""


class Lessons:
    """All sentences of the teachers as the word models read them: what is known of each, and whose it is."""

    def __init__(self, words: Words, teachers: Sequence[Teacher]) -> None:
        sentences = [(owner, one) for owner, teacher in enumerate(teachers) for one in teacher.sentences]
        self.matrix: Any = words.matrix([one.text for _, one in sentences])
        self.owner = np.array([owner for owner, _ in sentences], dtype=int)
        self.known = np.array([[name in one.borne for name in words.targets] for _, one in sentences])
        self.borne = np.array([[one.borne.get(name, False) for name in words.targets] for _, one in sentences])

    def fit(self, before: Words, members: Collection[int], new: Collection[int]) -> Words:
        """`before` with each target fitted anew that the `new` ones among the members (numbers of teachers) say something of."""
        weights, bias = before.weights.copy(), before.bias.copy()
        own, fresh = np.isin(self.owner, list(members)), np.isin(self.owner, list(new))
        for target in range(len(before.targets)):
            rows = own & self.known[:, target]
            if (rows & fresh).any():
                y = self.borne[rows, target]
                few = np.zeros(weights.shape[1]), float(np.log((y.sum() + 1) / len(y)))
                weights[target], bias[target] = word_model(self.matrix[rows], y) or few
        return replace(before, weights=weights, bias=bias)


class LeftOutModels(Trainer):
    """For each fold of the corpus a model without its voices: the word models and the networks of areas are learnt from the others.

    The networks of units are those of `base` in all of them, and so is the vocabulary.
    """

    def __init__(self, pack: Pack, base: Model, lessons: Lessons, data: Sequence[Voice], left_out: LeftOut, tick: Tick) -> None:
        self._base, self._lessons, self._tick, self._done = base, lessons, tick, 0
        super().__init__(pack, data, left_out, FOLDS)

    def models(self) -> list[Model]:
        """The model of each fold; its cells' weights are those of `base`, to be fitted next."""
        return [self._weigh(words, self._others(fold)) for fold, words in zip(self.folds, self._words, strict=True)]

    def _fit_words(self, members: Sequence[int]) -> Words:
        found = self._lessons.fit(self._base.words, members, members)
        self._done += 1
        self._tick(self._done, len(self.folds) + 1)
        return found

    def _weigh(self, words: Words, members: Sequence[int]) -> Model:
        return replace(self._base, words=words, areas=self._networks(members))


Readings = list[list[list[Reading]]]
"""For each teacher, for each of its documents, the readings."""


@dataclass(frozen=True)
class Relearnt:
    """What was learnt: for each fold a model that learnt from none of its teachers, and one that learnt from all.

    `readings` are each teacher's as its own fold's model reads it.
    """

    folds: tuple[Model, ...]
    final: Model
    readings: Readings


def read(pack: Pack, models: Sequence[Model], teachers: Sequence[Teacher], folds: Sequence[int], tick: Tick) -> Readings:
    """Each teacher read by the model of its fold."""
    readings = []
    for i, (teacher, fold) in enumerate(zip(teachers, folds, strict=True), 1):
        classifier = Classifier(pack, models[fold])
        readings.append(classifier.read(teacher.looks(classifier)))
        tick(i, len(teachers))
    return readings


def relearn(
    pack: Pack,
    base: Model,
    left_out: Sequence[Model],
    plain: Readings,
    teachers: Sequence[Teacher],
    folds: Sequence[int],
    learners: Collection[int],
    new: Collection[int],
    lessons: Lessons,
    tick: Tick,
) -> Relearnt:
    """Learns from some of the teachers, and reads them all.

    `folds` gives each teacher's fold. `learners` are those to learn from (their numbers), `new` the ones among them that `left_out`, a
    model for each fold, has not learnt from; `plain` is what these models read. The cells' weights are fitted on `plain` alone, so that
    what is learnt from a new teacher reaches no model of its own fold, not even by way of how another teacher is read.
    """

    def others(fold: int) -> list[int]:
        return [i for i in sorted(learners) if folds[i] != fold]

    features = {i: cell_features(pack, targets(pack), [one for document in plain[i] for one in document])[0] for i in learners}

    def weighed(model: Model, members: Sequence[int]) -> Model:
        examples = [(features[i], teachers[i].there) for i in members]
        weights, habits = cell_weights(pack, examples, [teachers[i].known for i in members], SOLVER)
        return replace(model, cells=weights, habits=habits)

    if not new:
        return Relearnt(tuple(weighed(model, others(k)) for k, model in enumerate(left_out)), base, plain)
    worded = [replace(m, words=lessons.fit(m.words, others(k), set(new) & set(others(k)))) for k, m in enumerate(left_out)]
    readings = read(pack, worded, teachers, folds, tick)
    everyone = sorted(learners)
    final = weighed(replace(base, words=lessons.fit(base.words, everyone, new)), everyone)
    return Relearnt(tuple(weighed(model, others(k)) for k, model in enumerate(worded)), final, readings)
