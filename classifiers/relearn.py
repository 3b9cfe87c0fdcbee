"""Learns the word models and the weights of cells anew, from the corpus and from what reviewers decided.

Both are convex: a few decisions move them a little and always to the same place. The encoder and the networks, which know no word and
take long, stay as they are; so does the vocabulary, so that no word of a force's paper gets into a model
(docs/decisions/0012-learning-from-corrections.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifiers import train_cells
from classifiers.cells import cell_features
from classifiers.classify import Classifier
from classifiers.features import targets
from classifiers.left_out import LeftOut
from classifiers.levels.elements import by_levels
from classifiers.levels.reader import level_reader
from classifiers.model import Model, Words
from classifiers.network import Floats
from classifiers.reading import Reading
from classifiers.teachers import Teacher
from classifiers.train import FOLDS, Trainer, Voice, word_model
from rules.pack import Pack

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
        found = [self._weigh(words, self._others(fold)) for fold, words in zip(self.folds, self._words, strict=True)]
        self._tick(len(self.folds) + 1, len(self.folds) + 1)
        return found

    def _fit_words(self, members: Sequence[int]) -> Words:
        found = self._lessons.fit(self._base.words, members, members)
        self._done += 1
        self._tick(self._done, len(self.folds) + 1)
        return found

    def _weigh(self, words: Words, members: Sequence[int]) -> Model:
        return replace(self._base, words=words, areas=self._networks(members))


@dataclass(frozen=True)
class Relearnt:
    """What was learnt: for each fold a model that learnt from none of its teachers, and one that learnt from all.

    `readings` are by teacher, for each of its documents, as its own fold's model reads it.
    """

    folds: tuple[Model, ...]
    final: Model
    readings: dict[int, list[list[Reading]]]


class Course:
    """What a training and the trial of it share: the teachers, and how models that learnt from the corpus alone read them.

    `left_out` are those models, one for each fold; `folds` gives each teacher's. The first `voices` teachers are the corpus.
    """

    def __init__(
        self,
        pack: Pack,
        base: Model,
        left_out: Sequence[Model],
        teachers: Sequence[Teacher],
        voices: int,
        folds: Sequence[int],
        lessons: Lessons,
        tick: Tick,
    ) -> None:
        self._pack, self._base, self._left_out, self._teachers = pack, base, left_out, teachers
        self._voices, self._folds, self._lessons = voices, folds, lessons
        self._plain = self._read(left_out, range(len(teachers)), tick)
        self._features = {i: self._of_cells(teachers[i], some) for i, some in self._plain.items()}

    def learn(self, new: Collection[int], judged: Sequence[int], tick: Tick) -> Relearnt:
        """Learns from the corpus and from the `new` teachers (their numbers), and reads the `judged` ones.

        The cells' weights are fitted on what the models of the corpus alone read, so that what is learnt from a new teacher reaches no
        model of its own fold, not even by way of how another teacher is read.
        """
        everyone = [*range(self._voices), *new]
        if not new:
            own = [self._weighed(model, self._others(everyone, fold)) for fold, model in enumerate(self._left_out)]
            return Relearnt(tuple(own), self._base, self._plain)
        worded = []
        for fold, model in enumerate(self._left_out):
            others = self._others(everyone, fold)
            worded.append(replace(model, words=self._lessons.fit(model.words, others, set(new) & set(others))))
        readings = self._read(worded, judged, tick)
        own = [self._weighed(model, self._others(everyone, fold)) for fold, model in enumerate(worded)]
        final = replace(self._base, words=self._lessons.fit(self._base.words, everyone, new))
        return Relearnt(tuple(own), self._weighed(final, everyone), readings)

    def _others(self, members: Sequence[int], fold: int) -> list[int]:
        return [i for i in members if self._folds[i] != fold]

    def _of_cells(self, teacher: Teacher, readings: Sequence[Sequence[Reading]]) -> Floats:
        """What cells are weighed by."""
        reader, read = level_reader(self._pack), list(zip(teacher.documents, readings, strict=True))
        documents = by_levels(reader, read, reader.stated(read))
        return cell_features(self._pack, targets(self._pack), [reading for _, own in documents for reading in own])[0]

    def _read(self, models: Sequence[Model], some: Sequence[int], tick: Tick) -> dict[int, list[list[Reading]]]:
        """Each of some teachers as the model of its fold reads it."""
        readings = {}
        for done, i in enumerate(some, 1):
            classifier = Classifier(self._pack, models[self._folds[i]])
            readings[i] = classifier.read(self._teachers[i].looks(classifier))
            tick(done, len(some))
        return readings

    def _weighed(self, model: Model, members: Sequence[int]) -> Model:
        examples = [(self._features[i], self._teachers[i].there, self._folds[i]) for i in members]
        groups = [[(x, there) for x, there, fold in examples if fold == k] for k in range(len(self._left_out))]
        return replace(model, cells=train_cells.learn(self._pack, [group for group in groups if group]))
