"""How well the judging travels: each voice of the corpus is graded by a model of the others. `python -m benchmarks.judgement`.

Prints exact and adjacent agreement, quadratic-weighted kappa, the majority grade's share and the confusion, over all cells.
Extraction plays no part: the passages are read as they stand in the notation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sklearn.metrics import cohen_kappa_score

from classifiers.classify import Classifier
from classifiers.train import left_out, voices
from corpus.gold import gold_matrix
from corpus.notation import Force
from corpus.passages import as_passages
from extractors.document import Document
from pipeline.assess import Cell, assess
from rules.loader import load_pack

Pairs = list[tuple[int, int]]


def cells(classifier: Classifier, force: Force) -> dict[str, dict[str, Cell]]:
    """A force's cells, read from its notation."""
    read = []
    for plan in force.plans:
        passages = as_passages(plan)
        document = Document(plan.file, "", plan.title, 1, 1, passages, (), ())
        read.append((document, classifier.read(passages, f"{plan.title} - {plan.file}")))
    return assess(classifier.pack, read)


def show(name: str, pairs: Sequence[tuple[int, int]]) -> None:
    gold, got = [g for g, _ in pairs], [p for _, p in pairs]
    exact = sum(a == b for a, b in pairs) / len(pairs)
    majority = max(Counter(gold).values()) / len(pairs)
    kappa = cohen_kappa_score(gold, got, weights="quadratic", labels=[0, 1, 2, 3])
    print(f"{name:40} cells {len(pairs):5} exact {exact:.3f} majority {majority:.3f} qwk {kappa:.3f}", flush=True)


def main() -> None:
    pack = load_pack()
    data = voices(pack)
    every: Pairs = []
    for left, model in zip(data, left_out(pack, data), strict=True):
        classifier = Classifier(pack, model)
        got, gold = cells(classifier, left.force), gold_matrix(left.force, pack)
        pairs = [(cell.grade, got[a][c].grade) for a, row in gold.items() for c, cell in row.items()]
        show(left.force.name, pairs)
        every += pairs
    show("all left-out voices", every)
    confusion = Counter(every)
    for g in range(4):
        print("  gold", g, "got", [confusion[g, p] for p in range(4)])


if __name__ == "__main__":
    main()
