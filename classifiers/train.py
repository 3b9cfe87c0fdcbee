"""Trains the classifier from the corpus: `python -m classifiers.train [--check]`.

`--check` trains on all voices but one, in turn, and prints how well the left-out voice is read; it writes nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.classify import Classifier
from classifiers.features import RELATIVE, Seen, masked, targets
from classifiers.model import DEFAULT, Floats, Model, new_vectoriser, save
from corpus.notation import Force, forces
from corpus.passages import as_passages, borne, targets_of
from rules.loader import load_pack
from rules.pack import Pack

FORCES: Final = Path(__file__).parent.parent / "corpus" / "forces"
WORDS_C: Final = 3.0
"""Inverse regularisation of the word models, chosen on left-out voices."""
POOLED_C: Final = 1.0
"""Inverse regularisation of the pooled model; it has few features and many examples, so it matters little."""
CELL_SHIFT: Final = 1.0
"""Logits added to every element: a cell gathers many units and needs all its elements, so at the cut that is best for single units
too many are missed. Of 0, 0.5, 0.7, 1 and 1.5 this grades left-out voices best (benchmarks/judgement.py)."""
FEWEST: Final = 4
"""Positive units: an element with fewer gets no word model of its own, only the common bias."""


@dataclass(frozen=True)
class Voice:
    """One force's units with their labels."""

    force: Force
    seen: tuple[Seen, ...]
    labels: tuple[set[tuple[str, str]], ...]


def empty_model(pack: Pack) -> Model:
    """A model that has learnt nothing: no words, zero weights."""
    names = tuple(f"{c}.{e}" for c, e in targets(pack))
    zero = np.zeros(len(names))
    return Model(pack.id, names, RELATIVE, ("",), np.ones(1), np.zeros((len(names), 1)), zero, np.zeros((2, 2, len(RELATIVE) + 1)))


def voices(pack: Pack, folder: Path = FORCES) -> list[Voice]:
    """Every force of the corpus, looked at with the pack's cues."""
    classifier = Classifier(pack, empty_model(pack))
    result = []
    for force in forces(folder):
        seen: list[Seen] = []
        labels: list[set[tuple[str, str]]] = []
        for plan in force.plans:
            for index, one in classifier.look(as_passages(plan), plan.title)[0]:
                seen.append(one)
                labels.append(borne(plan.passages[index], one.unit.start, one.unit.end))
        result.append(Voice(force, tuple(seen), tuple(labels)))
    return result


def train(pack: Pack, data: Sequence[Voice]) -> Model:
    """Word models on all voices; the pooled model on word logits that each voice got from the other voices."""
    examples = [_examples(pack, left, word_model) for left, word_model in zip(data, _left_out_words(pack, data), strict=True)]
    return replace(_word_model(pack, data), pooled=_pooled(pack, examples))


def left_out(pack: Pack, data: Sequence[Voice]) -> list[Model]:
    """For each voice, a model of the others.

    To train once per voice and not once per pair of voices, the pooled weights are fitted on logits whose word models may have
    seen the left-out voice's words, though never its labels for the passages concerned; its own word model has not.
    """
    words = _left_out_words(pack, data)
    examples = [_examples(pack, left, word_model) for left, word_model in zip(data, words, strict=True)]
    return [replace(words[i], pooled=_pooled(pack, [e for j, e in enumerate(examples) if j != i])) for i in range(len(data))]


def _left_out_words(pack: Pack, data: Sequence[Voice]) -> list[Model]:
    return [_word_model(pack, [v for v in data if v is not left]) for left in data]


def _examples(pack: Pack, voice: Voice, words: Model) -> tuple[Floats, np.ndarray]:
    """A voice's features [units, targets, relative] with the logits of a word model, and its labels [units, targets]."""
    classifier = Classifier(pack, words)
    features = classifier.features(voice.seen, words.word_logits(_texts([voice]), _names(pack)))
    return features, np.array([targets_of(voice.labels, target) for target in classifier.targets]).T


def _pooled(pack: Pack, examples: Sequence[tuple[Floats, np.ndarray]]) -> Floats:
    features = np.concatenate([x for x, _ in examples])
    labels = np.concatenate([y for _, y in examples])
    pooled = np.zeros((2, 2, len(RELATIVE) + 1))
    for column, wants_element in enumerate((True, False)):
        wanted = [i for i, (_, element) in enumerate(targets(pack)) if bool(element) == wants_element]
        x, y = features[:, wanted].reshape(-1, len(RELATIVE)), labels[:, wanted].reshape(-1)
        pooled[0, column] = _weights(x, y)
        x[:, RELATIVE.index("words")] = 0.0
        pooled[1, column] = _weights(x, y)
    pooled[:, 0, -1] += CELL_SHIFT
    return pooled


def _weights(x: Floats, y: np.ndarray) -> Floats:
    """A regression's weights and intercept, shifted so that the cut at probability 0.5 gives the best F1."""
    fitted = _regression(POOLED_C).fit(x, y)
    return np.append(fitted.coef_[0], fitted.intercept_[0] + _best_shift(fitted.decision_function(x), y))


def _best_shift(logits: Floats, y: np.ndarray) -> float:
    """What to add to the logits so that the cut at probability 0.5 gives the best F1."""
    order = np.argsort(-logits)
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum())
    return float(-logits[order][int(np.argmax(f1))])


def _word_model(pack: Pack, data: Sequence[Voice]) -> Model:
    vectoriser = new_vectoriser(min_df=2)
    matrix = vectoriser.fit_transform(_texts(data))
    labels = [one for v in data for one in v.labels]
    pairs = targets(pack)
    words, bias = np.zeros((len(pairs), matrix.shape[1])), np.zeros(len(pairs))
    for row, target in enumerate(pairs):
        y = np.array(targets_of(labels, target))
        if y.sum() >= FEWEST:
            fitted = _regression(WORDS_C).fit(matrix, y)
            words[row], bias[row] = fitted.coef_[0], fitted.intercept_[0]
        else:
            bias[row] = np.log((y.sum() + 1) / len(y))
    vocabulary = sorted(vectoriser.vocabulary_, key=vectoriser.vocabulary_.__getitem__)
    names = tuple(_names(pack))
    return Model(pack.id, names, RELATIVE, tuple(vocabulary), vectoriser.idf_, words, bias, np.zeros((2, 2, len(RELATIVE) + 1)))


def _regression(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, solver="liblinear", random_state=0)


def _texts(data: Sequence[Voice]) -> list[str]:
    return [masked(one) for v in data for one in v.seen]


def _names(pack: Pack) -> list[str]:
    return [f"{c}.{e}" for c, e in targets(pack)]


def check(pack: Pack, data: Sequence[Voice]) -> str:
    """Reads each voice with a model of the others: F1 per kind of target, beside strong cues alone."""
    counts = {"elements": [0, 0, 0], "criteria": [0, 0, 0], "elements by strong cue": [0, 0, 0]}
    for left, model in zip(data, left_out(pack, data), strict=True):
        classifier = Classifier(pack, model)
        probabilities = classifier._probabilities([(0, one) for one in left.seen])
        for one, labels, row in zip(left.seen, left.labels, probabilities, strict=True):
            for target, p in zip(classifier.targets, row, strict=True):
                name = "elements" if target[1] else "criteria"
                _count(counts[name], p >= 0.5, target in labels)
                if target[1]:
                    _count(counts["elements by strong cue"], one.has(target), target in labels)
    lines = [f"{len(data)} voices, {sum(len(v.seen) for v in data)} units; each voice read by a model of the others"]
    for name, (tp, fp, fn) in counts.items():
        precision, recall, f1 = tp / max(1, tp + fp), tp / max(1, tp + fn), 2 * tp / max(1, 2 * tp + fp + fn)
        lines.append(f"{name:24} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")
    return "\n".join(lines)


def _count(counts: list[int], said: bool, true: bool) -> None:
    counts[0] += said and true
    counts[1] += said and not true
    counts[2] += true and not said


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m classifiers.train", description=__doc__)
    parser.add_argument("--check", action="store_true", help="leave out one voice at a time and print F1; write nothing")
    parser.add_argument("--out", type=Path, default=DEFAULT, help="the model file to write")
    arguments = parser.parse_args()
    pack = load_pack()
    data = voices(pack)
    if arguments.check:
        print(check(pack, data))
        return
    save(train(pack, data), arguments.out)
    print(f"{arguments.out}: trained on {len(data)} voices, {sum(len(v.seen) for v in data)} units")


if __name__ == "__main__":
    main()
