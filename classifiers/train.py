"""Trains the first classifier from the corpus: `python -m classifiers.train`.

What encoders of other voices said of each voice is read from models/encoder_left_out.npz (`python -m classifiers.train_encoder`
makes it). The same corpus and file give the same model, byte for byte.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from classifiers import areas, network, train_cells
from classifiers.cells import ANYWHERE, NARROW, SPECIFIC, cell_features
from classifiers.classify import Classifier, Examined, hear, overhear, with_logits
from classifiers.clues import Clues
from classifiers.features import LEARNT, RELATIVE, Seen, masked, targets
from classifiers.left_out import LeftOut, SaidOf
from classifiers.levels.elements import by_levels
from classifiers.levels.reader import level_reader
from classifiers.model import FIRST, MODELS, Model, Words, new_vectoriser, save
from classifiers.network import Floats, Network
from classifiers.reading import Reading
from classifiers.units import cues_of
from corpus.gold import gold_matrix
from corpus.notation import FORCES, Force, forces
from corpus.passages import as_passages, borne
from extractors.document import Document, Passage, full_title
from rules.loader import load_pack
from rules.pack import Pack

FOLDS: Final = 6
"""Groups of voices that are left out together."""
WORDS_C: Final = 3.0
"""Inverse regularisation of the word models, chosen on left-out voices."""
CUED_C: Final = 1.0
UNIT_ROUNDS: Final = 5
AREA_ROUNDS: Final = 30
"""Times that the networks see their examples; more, and they learn the voices by heart."""
PLAIN: Final = ("strong", "area", "area_strong")
PLAIN_CUE: Final = 1.5
"""Logit, for packs that nobody labelled, of an element whose strong cue stands in a sentence about an area: there the cues are the rule,
and only what weighs for or against them is learnt."""
FEWEST: Final = 4
"""Positive units: a target with fewer gets no word model of its own, only the common bias."""
SILENT: Final = 3
"""Every third voice is shown to the area networks a second time without word logits, for packs that have no word models."""


@dataclass(frozen=True)
class Paper:
    """One document of a voice: its passages, what was seen in them, and its units' labels in the order of `examined.seen`."""

    passages: tuple[Passage, ...]
    ids: tuple[str, ...]
    examined: Examined
    labels: tuple[set[tuple[str, str]], ...]
    abouts: tuple[tuple[str, ...], ...]
    """What each clue's passage is about by its label."""


@dataclass(frozen=True)
class Voice:
    """One force of the corpus."""

    force: Force
    papers: tuple[Paper, ...]

    @property
    def seen(self) -> list[Seen]:
        return [one for paper in self.papers for _, one in paper.examined.seen]

    @property
    def documents(self) -> list[Document]:
        """Its documents as if they had been read from files."""
        pairs = zip(self.force.plans, self.papers, strict=True)
        return [Document(plan.options.get("file", plan.file), "", plan.title, 1, 1, paper.passages, (), ()) for plan, paper in pairs]


def voices(pack: Pack, folder: Path = FORCES) -> list[Voice]:
    """Every force below a folder, looked at with the pack's cues."""
    classifier = Classifier(pack, empty_model(pack))
    return [Voice(force, tuple(_papers(classifier, force))) for force in forces(folder)]


def _papers(classifier: Classifier, force: Force) -> list[Paper]:
    papers = []
    for plan in force.plans:
        passages = as_passages(plan)
        examined = classifier.examine(passages, full_title(plan.title, plan.file))
        labels = tuple(borne(plan.passages[index], one.unit.start, one.unit.end) for index, one in examined.seen)
        abouts = tuple(plan.passages[clue.passage].about for clue in examined.clues)
        papers.append(Paper(passages, tuple(p.id for p in plan.passages), examined, labels, abouts))
    return papers


def empty_model(pack: Pack) -> Model:
    """A model that has learnt nothing."""
    names = _names(pack)
    words = Words(tuple(names), ("",), np.ones(1), np.zeros((len(names), 1)), np.zeros(len(names)))
    networks = (network.empty(areas.FIRST), network.empty(areas.SECOND))
    unit = network.empty(len(RELATIVE) + len(targets(pack)))
    return Model(pack.id, RELATIVE, words, unit, unit, np.zeros((2, len(RELATIVE) + 1)), networks, train_cells.nothing(pack))


@dataclass(frozen=True)
class Studied:
    """A voice as models that never saw it see it: unit features and labels, clues with word logits."""

    features: Floats
    labels: np.ndarray
    clues: tuple[tuple[Clues, ...], ...]


class Trainer:
    """All that training and leaving out share: each voice studied by word models of the other folds.

    One that does not listen reads without the encoder.
    """

    def __init__(self, pack: Pack, data: Sequence[Voice], left_out: LeftOut, folds: int = FOLDS, listens: bool = True) -> None:
        self.pack = pack
        self._listens = listens
        self.data = data
        self.left_out = left_out
        self.folds = [list(range(fold, len(data), folds)) for fold in range(min(folds, len(data)))]
        self._words = [self._fit_words(self._others(fold)) for fold in self.folds]
        studied = {i: self._study(data[i], words) for fold, words in zip(self.folds, self._words, strict=True) for i in fold}
        self._studied = [studied[i] for i in range(len(data))]
        self._first: list[Network] = []
        self._firsts: dict[tuple[int, bool], list[Floats]] = {}
        self._seconds: dict[tuple[int, bool], list[Floats]] = {}
        self._models: list[Model] = []

    def left_out_models(self) -> list[Model]:
        """For each voice a model of the other folds' voices.

        The few weights above the word models are fitted on logits whose word models may have seen the left-out voice's words,
        though never its labels for the passages concerned.
        """
        if not self._models:
            by_fold = [self._weigh(words, self._others(fold)) for fold, words in zip(self.folds, self._words, strict=True)]
            models = {i: model for fold, model in zip(self.folds, by_fold, strict=True) for i in fold}
            partial = [models[i] for i in range(len(self.data))]
            cells = {i: self.cell_examples(i, partial[i]) for i in range(len(self.data))}
            for fold in self.folds:
                learnt = train_cells.learn(self.pack, [[cells[i] for i in group] for group in self.folds if group is not fold])
                for i in fold:
                    models[i] = replace(models[i], cells=learnt)
            self._models = [models[i] for i in range(len(self.data))]
        return self._models

    def final(self) -> Model:
        """The model of all voices."""
        everyone = list(range(len(self.data)))
        models = self.left_out_models()
        learnt = train_cells.learn(self.pack, [[self.cell_examples(i, models[i]) for i in fold] for fold in self.folds])
        return replace(self._weigh(word_models(self.pack, self.data), everyone), cells=learnt)

    def studied(self, i: int) -> Studied:
        """A voice as models of the other folds see it."""
        return self._studied[i]

    def readings(self, i: int, model: Model) -> list[list[Reading]]:
        """A voice's documents read by a model, with what encoders of other voices said of it."""
        return self.read(self.data[i], model)

    def read(self, voice: Voice, model: Model) -> list[list[Reading]]:
        """Likewise for any voice of the corpus."""
        classifier = Classifier(self.pack, model)
        said = [SaidOf(self.left_out, self.pack.id, paper.ids) if self._listens else None for paper in voice.papers]
        return classifier.read([classifier.judge(p.passages, p.examined, s) for p, s in zip(voice.papers, said, strict=True)])

    def cell_examples(self, i: int, model: Model) -> train_cells.Example:
        reader, read = level_reader(self.pack), list(zip(self.data[i].documents, self.readings(i, model), strict=True))
        documents = by_levels(reader, read, reader.stated(read))
        features, _ = cell_features(self.pack, targets(self.pack), [reading for _, readings in documents for reading in readings])
        return features, gold_cells(self.pack, self.data[i].force)

    def _fit_words(self, members: Sequence[int]) -> Words:
        return word_models(self.pack, [self.data[i] for i in members])

    def _others(self, fold: Sequence[int]) -> list[int]:
        return [i for i in range(len(self.data)) if i not in fold]

    def _study(self, voice: Voice, words: Words) -> Studied:
        classifier = Classifier(self.pack, replace(empty_model(self.pack), words=words))
        texts = [masked(one) for one in voice.seen]
        features = classifier.features(voice.seen, words.logits(texts, classifier.names))
        about = words.logits(texts, classifier.abouts)
        clues, row, heard_of = [], 0, dict[int, Floats]()
        for paper in voice.papers:
            rows: dict[int, list[int]] = {}
            said = SaidOf(self.left_out, self.pack.id, paper.ids)
            opinions = said.opinions(paper.passages, sorted({index for index, _ in paper.examined.seen}))
            for index, one in paper.examined.seen:
                rows.setdefault(index, []).append(row)
                heard_of[row] = hear(opinions[index], one, said.outputs, classifier.names)
                row += 1
            heard = {index: overhear(opinion, said.outputs, classifier.abouts) for index, opinion in opinions.items()}
            clues.append(tuple(with_logits(one, about, rows[one.passage], heard[one.passage]) for one in paper.examined.clues))
        classifier.listen(features, voice.seen, heard_of)
        labels = [one for paper in voice.papers for one in paper.labels]
        return Studied(features, np.array([[t in one for t in classifier.targets] for one in labels]), tuple(clues))

    def _weigh(self, words: Words, members: Sequence[int]) -> Model:
        """Everything above the word models but the cells, learnt from these voices."""
        features = np.concatenate([self._studied[i].features for i in members])
        labels = np.concatenate([self._studied[i].labels for i in members])
        encoded, worded, cued = _units(self.pack, features, labels)
        return replace(empty_model(self.pack), words=words, encoded=encoded, worded=worded, cued=cued, areas=self._networks(members))

    def _networks(self, members: Sequence[int]) -> tuple[Network, Network]:
        if not self._first:
            self._first = [self._fit_areas(self._others(fold), self._first_features) for fold in self.folds]
        first = self._fit_areas(members, self._first_features)
        return first, self._fit_areas(members, self._second_features)

    def _fit_areas(self, members: Sequence[int], features: Callable[[int, bool], list[Floats]]) -> Network:
        x, y = [], []
        for place, i in enumerate(members):
            for silent in (False, True) if place % SILENT == 0 else (False,):
                for paper, rows in zip(self.data[i].papers, features(i, silent), strict=True):
                    for row, about in zip(rows, paper.abouts, strict=True):
                        if about:
                            x.append(row)
                            y.append([a in about for a in areas.abouts(self.pack)])
        return network.fit(np.concatenate(x), np.concatenate(y), AREA_ROUNDS)

    def _first_features(self, i: int, silent: bool) -> list[Floats]:
        if (i, silent) not in self._firsts:
            looks = self._looks(i, silent)
            names = areas.local_names(self.pack, cues_of(self.pack), looks)
            self._firsts[i, silent] = [areas.first_features(self.pack, clues, names) for clues, _ in looks]
        return self._firsts[i, silent]

    def _second_features(self, i: int, silent: bool) -> list[Floats]:
        if (i, silent) not in self._seconds:
            fold = next(k for k, members in enumerate(self.folds) if i in members)
            looks = self._looks(i, silent)
            settled = [self._first[fold].probabilities(features) for features in self._first_features(i, silent)]
            names = areas.local_names(self.pack, cues_of(self.pack), looks, settled)
            self._seconds[i, silent] = [
                areas.second_features(areas.first_features(self.pack, clues, names), clues, probabilities)
                for (clues, _), probabilities in zip(looks, settled, strict=True)
            ]
        return self._seconds[i, silent]

    def _looks(self, i: int, silent: bool) -> list[areas.Look]:
        looks: list[areas.Look] = []
        for clues, paper in zip(self._studied[i].clues, self.data[i].papers, strict=True):
            own = tuple(replace(one, words=(), heard=()) for one in clues) if silent else clues
            looks.append((own, paper.examined.company))
        return looks


def gold_cells(pack: Pack, force: Force) -> np.ndarray:
    """What the labels of a voice put into its cells: [ANYWHERE SPECIFIC NARROW, areas, targets]."""
    gold = gold_matrix(force, pack)
    there = np.zeros((3, len(pack.areas), len(targets(pack))), dtype=bool)
    for a, area in enumerate(pack.areas):
        for t, (criterion, element) in enumerate(targets(pack)):
            cell = gold[area.id][criterion]
            there[ANYWHERE, a, t] = element in cell.elements if element else cell.bears
            there[SPECIFIC, a, t] = element in cell.specific if element else bool(cell.specific)
            there[NARROW, a, t] = element in cell.narrow if element else bool(cell.narrow)
    return there


def word_models(pack: Pack, data: Sequence[Voice]) -> Words:
    """One linear model for each element, criterion and area; those for areas learn from passages that bear something."""
    papers = [paper for voice in data for paper in voice.papers]
    vectoriser = new_vectoriser(min_df=2)
    matrix = vectoriser.fit_transform([masked(one) for paper in papers for _, one in paper.examined.seen])
    labels = [one for paper in papers for one in paper.labels]
    about = [dict(zip((c.passage for c in p.examined.clues), p.abouts, strict=True))[i] for p in papers for i, _ in p.examined.seen]
    wanted: list[np.ndarray] = [np.array([target in one for one in labels]) for target in targets(pack)]
    wanted += [np.array([a in one for one in about]) for a in areas.abouts(pack)]
    bearing = np.array([bool(one) for one in about])
    names = _names(pack)
    weights, bias = np.zeros((len(names), matrix.shape[1])), np.zeros(len(names))
    for row, (name, y) in enumerate(zip(names, wanted, strict=True)):
        rows = bearing if name.startswith("about ") else np.ones(len(y), dtype=bool)
        if fitted := word_model(matrix[rows], y[rows]):
            weights[row], bias[row] = fitted
        else:
            bias[row] = np.log((y.sum() + 1) / len(y))
    vocabulary = sorted(vectoriser.vocabulary_, key=vectoriser.vocabulary_.__getitem__)
    return Words(tuple(names), tuple(vocabulary), vectoriser.idf_, weights, bias)


def word_model(matrix: Any, y: np.ndarray) -> tuple[Floats, float] | None:
    """One target's weights and bias from [units, words] and [units]; None where too few units bear it."""
    if not FEWEST <= y.sum() < len(y):
        return None
    fitted = train_cells.regression(WORDS_C, "liblinear").fit(matrix, y)
    return fitted.coef_[0], float(fitted.intercept_[0])


def _units(pack: Pack, features: Floats, labels: np.ndarray) -> tuple[Network, Network, Floats]:
    """What weighs a unit's features with the encoder, without it, and by cues alone."""
    count, silent = len(targets(pack)), len(RELATIVE) - LEARNT + 1
    which = np.broadcast_to(np.eye(count, dtype=np.float32), (len(features), count, count))
    x = np.concatenate([features.astype(np.float32), which], axis=2).reshape(-1, len(RELATIVE) + count)
    y = labels.reshape(-1)
    encoded = network.fit(x, y, UNIT_ROUNDS)
    x[:, silent : len(RELATIVE)] = 0.0
    worded = network.fit(x, y, UNIT_ROUNDS)
    cued = np.zeros((2, len(RELATIVE) + 1))
    use = len(RELATIVE) - LEARNT
    for row, wants_element in enumerate((True, False)):
        wanted = [i for i, (_, element) in enumerate(targets(pack)) if bool(element) == wants_element]
        z, there = features[:, wanted, :use].reshape(-1, use), labels[:, wanted].reshape(-1)
        fitted = train_cells.regression(CUED_C, "newton-cholesky").fit(z, there)
        cued[row, :use] = fitted.coef_[0]
        cued[row, -1] = PLAIN_CUE - cued[row, [RELATIVE.index(name) for name in PLAIN]].sum()
    return encoded, worded, cued


def _names(pack: Pack) -> list[str]:
    return [f"{c}.{e}" for c, e in targets(pack)] + [f"about {a}" for a in areas.abouts(pack)]


def train(models: Path) -> str:
    """Trains the first classifier into a folder of models, and says from how much."""
    pack = load_pack()
    data = voices(pack)
    target = models / FIRST
    with threadpool_limits(1):  # sums come out alike on any number of cores
        save(Trainer(pack, data, LeftOut(models)).final(), target)
    return f"{target}: trained on {len(data)} voices, {sum(len(v.seen) for v in data)} units"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m classifiers.train", description=__doc__)
    parser.add_argument(
        "--models", type=Path, default=MODELS, help="the folder of models: encoder_left_out.npz is there, the model goes there"
    )
    print(train(parser.parse_args().models))


if __name__ == "__main__":
    main()
