"""Ways to find what a passage bears, side by side: `python -m benchmarks.comparison > docs/comparison.md`.

Prints a page in Markdown: average precision over all passages (all elements together, and the mean over elements). One third of
the voices, the encoder's first fold, is left out; every row learns from the same other voices.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from time import monotonic
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from classifiers.features import LEARNT, RELATIVE, masked, targets
from classifiers.left_out import LeftOut
from classifiers.network import Floats, fit
from classifiers.train import UNIT_ROUNDS, Trainer, Voice, voices
from rules.loader import load_pack
from rules.pack import Pack

THIRDS: Final = 3
FEWEST: Final = 4
LONGEST: Final = 8
"""Words in the longest run that the span categoriser weighs."""

Scores = Callable[[], Floats]
"""Scores [units of the left-out voices, elements]."""


def main() -> None:
    pack = load_pack()
    data = voices(pack)
    trainer = Trainer(pack, data, LeftOut(), THIRDS)
    left = trainer.folds[0]
    others = [i for i in range(len(data)) if i not in left]
    print("# Ways to find what a passage bears, compared\n")
    print("Written by `python -m benchmarks.comparison > docs/comparison.md`. Average precision over all passages of voices that no row")
    print(
        f"learnt from: {len(others)} voices to learn from, {len(left)} left out (the encoder's first fold). The cues were written blind to"
    )
    print(
        "the corpus and to the samples. Seconds are for learning and asking together, on one core or two, the encoder's own not counted.\n"
    )
    print("| way | AP, all together | mean AP | seconds |")
    print("| --- | --- | --- | --- |")
    owner, truth = _owners(data, left), _truth(trainer, pack, left)
    for name, scores in _ways(trainer, pack, data, others, left):
        began = monotonic()
        said = scores()
        together, mean = _precision(said, truth, owner)
        print(f"| {name} | {together:.3f} | {mean:.3f} | {monotonic() - began:.0f} |", flush=True)


def _ways(trainer: Trainer, pack: Pack, data: Sequence[Voice], others: Sequence[int], left: Sequence[int]) -> Iterator[tuple[str, Scores]]:
    texts = [[masked(one) for one in data[i].seen] for i in range(len(data))]
    learn, ask = [t for i in others for t in texts[i]], [t for i in left for t in texts[i]]
    labels = np.concatenate([_elements(pack, trainer.studied(i).labels) for i in others])
    x = np.concatenate([_elements(pack, trainer.studied(i).features) for i in others])
    z = np.concatenate([_elements(pack, trainer.studied(i).features) for i in left])
    yield "prior (reads nothing)", lambda: np.tile(labels.mean(axis=0), (len(ask), 1))
    yield "cues alone", lambda: z[:, :, _columns("strong", "column")].max(axis=2)
    yield "cues mined from the voices learnt from", lambda: _mined(learn, labels, ask)
    yield "word TF-IDF, linear", lambda: _linear(_words(), learn, labels, ask)
    yield "character TF-IDF, linear", lambda: _linear(_characters(), learn, labels, ask)
    cued = list(RELATIVE[:-LEARNT])
    beside = [name for name in cued if "beside" in name]
    yield "cues, typed features, negation", lambda: _pooled(x, labels, z, [n for n in cued if n not in beside])
    yield "... and neighbouring sentences", lambda: _pooled(x, labels, z, cued)
    yield "... and word models", lambda: _pooled(x, labels, z, [*cued, "words"])
    yield "fine-tuned encoder alone", lambda: _pooled(x, labels, z, ["encoder", "encoder_unit"])
    yield "all of these, linear", lambda: _pooled(x, labels, z, list(RELATIVE))
    yield "all of these and which element, small network (what ships)", lambda: _network(x, labels, z)
    yield "spaCy text categoriser, bag of words", lambda: _spacy("spacy.TextCatBOW.v3", learn, labels, ask)
    yield "spaCy text categoriser, tok2vec", lambda: _spacy("spacy.TextCatEnsemble.v2", learn, labels, ask)
    marked = [one for i in others for one in _marked(pack, data[i])]
    yield "spaCy span categoriser, tok2vec", lambda: _spans(marked, [one for i in left for one in _marked(pack, data[i])], labels.shape[1])


def _elements(pack: Pack, array: np.ndarray) -> np.ndarray:
    return array[:, [i for i, (_, element) in enumerate(targets(pack)) if element]]


def _columns(*names: str) -> list[int]:
    return [RELATIVE.index(name) for name in names]


def _truth(trainer: Trainer, pack: Pack, left: Sequence[int]) -> np.ndarray:
    return np.concatenate([_elements(pack, trainer.studied(i).labels) for i in left])


def _owners(data: Sequence[Voice], left: Sequence[int]) -> list[tuple[int, int, int]]:
    """For each unit the passage that it belongs to."""
    return [(i, number, index) for i in left for number, paper in enumerate(data[i].papers) for index, _ in paper.examined.seen]


def _precision(said: Floats, truth: np.ndarray, owner: Sequence[tuple[int, int, int]]) -> tuple[float, float]:
    """Over passages: a passage's score is its best unit's."""
    rows: dict[tuple[int, int, int], int] = {}
    for one in owner:
        rows.setdefault(one, len(rows))
    best, true = np.full((len(rows), said.shape[1]), -np.inf), np.zeros((len(rows), said.shape[1]), dtype=bool)
    for unit, one in enumerate(owner):
        best[rows[one]] = np.maximum(best[rows[one]], said[unit])
        true[rows[one]] |= truth[unit]
    each = [average_precision_score(true[:, k], best[:, k]) for k in range(true.shape[1]) if true[:, k].any()]
    return float(average_precision_score(true.ravel(), best.ravel())), float(np.mean(each))


def _words() -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, lowercase=False)


def _characters() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=5, lowercase=False)


def _mined(learn: list[str], labels: np.ndarray, ask: list[str]) -> Floats:
    """Runs of one to four words, each worth the share of its sentences that bear the element; the best one in a sentence decides."""
    vectoriser = CountVectorizer(ngram_range=(1, 4), min_df=FEWEST, binary=True, lowercase=False)
    x, z = vectoriser.fit_transform(learn).tocsc(), vectoriser.transform(ask).tocsr()
    met = np.asarray(x.sum(axis=0)).ravel()
    columns = []
    for y in labels.T:
        share = (np.asarray(x[y].sum(axis=0)).ravel() + y.mean()) / (met + 1)  # a run met seldom tells little more than none
        columns.append(np.array([share[z.indices[a:b]].max(initial=0.0) for a, b in pairwise(z.indptr)]))
    return np.stack(columns, axis=1)


def _linear(vectoriser: TfidfVectorizer, learn: list[str], labels: np.ndarray, ask: list[str]) -> Floats:
    x, z = vectoriser.fit_transform(learn), vectoriser.transform(ask)
    columns = []
    for y in labels.T:
        columns.append(_logistic("liblinear", 3.0).fit(x, y).decision_function(z) if y.sum() >= FEWEST else np.full(z.shape[0], -9.0))
    return np.stack(columns, axis=1)


def _pooled(x: Floats, labels: np.ndarray, z: Floats, names: list[str]) -> Floats:
    wanted = _columns(*names)
    fitted = _logistic("newton-cholesky", 1.0).fit(x[:, :, wanted].reshape(-1, len(wanted)), labels.reshape(-1))
    return np.asarray(fitted.decision_function(z[:, :, wanted].reshape(-1, len(wanted)))).reshape(z.shape[:2])


def _network(x: Floats, labels: np.ndarray, z: Floats) -> Floats:
    fitted = fit(_which(x), labels.reshape(-1), UNIT_ROUNDS)
    return fitted.probabilities(_which(z)).reshape(z.shape[:2])


def _which(x: Floats) -> Floats:
    """Each row with a flag for its element."""
    flags = np.broadcast_to(np.eye(x.shape[1]), (len(x), x.shape[1], x.shape[1]))
    return np.concatenate([x, flags], axis=2).reshape(-1, x.shape[2] + x.shape[1])


def _logistic(solver: str, c: float) -> Any:
    return LogisticRegression(C=c, solver=solver, max_iter=2000, random_state=0)


def _spacy(architecture: str, learn: list[str], labels: np.ndarray, ask: list[str], rounds: int = 3) -> Floats:
    """spaCy's trainable categoriser, three rounds over the same texts."""
    import spacy
    from spacy.training import Example

    spacy.util.fix_random_seed(0)  # type: ignore[attr-defined]  # it is public, says spaCy's documentation
    nlp = spacy.blank("en")
    model: dict[str, Any] = {"@architectures": architecture}
    bag = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": False, "ngram_size": 2, "no_output_layer": False}
    if architecture.startswith("spacy.TextCatEnsemble"):
        model |= {"linear_model": bag, "tok2vec": {"@architectures": "spacy.HashEmbedCNN.v2", **_TOK2VEC}}
    else:
        model = bag
    names = [str(i) for i in range(labels.shape[1])]
    pipe = nlp.add_pipe("textcat_multilabel", config={"model": model})
    for name in names:
        pipe.add_label(name)  # type: ignore[attr-defined]  # spaCy types a component as any callable
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": dict(zip(names, map(float, row), strict=True))})
        for text, row in zip(learn, labels, strict=True)
    ]
    optimiser = nlp.initialize(lambda: examples[:500])
    shuffle = random.Random(0)
    for _ in range(rounds):
        shuffle.shuffle(examples)
        for first in range(0, len(examples), 64):
            nlp.update(examples[first : first + 64], sgd=optimiser, drop=0.2)
    return np.array([[doc.cats[name] for name in names] for doc in nlp.pipe(ask, batch_size=256)])


_Marked = tuple[str, list[tuple[int, int, int]]]
"""A unit's text and (start, end, element) of the words in it that bear one."""


def _marked(pack: Pack, voice: Voice) -> Iterator[_Marked]:
    number = {target: i for i, target in enumerate(t for t in targets(pack) if t[1])}
    for paper, plan in zip(voice.papers, voice.force.plans, strict=True):
        for index, one in paper.examined.seen:
            first, last = one.unit.start, one.unit.end
            inside = [s for s in plan.passages[index].spans if s.start < last and first < s.end]
            yield (
                one.unit.text,
                [(max(s.start, first) - first, min(s.end, last) - first, number[s.criterion, s.element]) for s in inside],
            )


def _spans(learn: Sequence[_Marked], ask: Sequence[_Marked], elements: int, rounds: int = 3) -> Floats:
    """spaCy's trainable span categoriser over runs of one to LONGEST words; a unit's score is its best run's."""
    import spacy
    from spacy.training import Example

    spacy.util.fix_random_seed(0)  # type: ignore[attr-defined]  # it is public, says spaCy's documentation
    nlp = spacy.blank("en")
    suggester = {"@misc": "spacy.ngram_range_suggester.v1", "min_size": 1, "max_size": LONGEST}
    tok2vec = {"@architectures": "spacy.HashEmbedCNN.v2", **_TOK2VEC}
    reducer = {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 96}
    scorer = {"@layers": "spacy.LinearLogistic.v1", "nO": None, "nI": None}
    model = {"@architectures": "spacy.SpanCategorizer.v1", "tok2vec": tok2vec, "reducer": reducer, "scorer": scorer}
    pipe: Any = nlp.add_pipe("spancat", config={"spans_key": "sc", "suggester": suggester, "model": model})
    for k in range(elements):
        pipe.add_label(str(k))
    examples = []
    for text, spans in learn:
        doc = nlp.make_doc(text)
        found = [doc.char_span(a, b, label=str(k), alignment_mode="expand") for a, b, k in spans]
        examples.append(Example.from_dict(doc, {"spans": {"sc": [(s.start_char, s.end_char, s.label_) for s in found if s]}}))
    optimiser = nlp.initialize(lambda: examples[:500])
    shuffle = random.Random(0)
    for _ in range(rounds):
        shuffle.shuffle(examples)
        for first in range(0, len(examples), 32):
            nlp.update(examples[first : first + 32], sgd=optimiser, drop=0.2)
    rows = []
    for first in range(0, len(ask), 64):
        docs = [nlp.make_doc(text) for text, _ in ask[first : first + 64]]
        indices, scores = pipe.predict(docs)
        place = 0
        for length in indices.lengths:
            rows.append(scores[place : place + length].max(axis=0) if length else np.zeros(elements))
            place += length
    return np.stack(rows)


_TOK2VEC: Final[dict[str, Any]] = {
    "pretrained_vectors": None,
    "width": 96,
    "depth": 4,
    "embed_size": 2000,
    "window_size": 1,
    "maxout_pieces": 3,
    "subword_features": True,
}


if __name__ == "__main__":
    main()
