"""The reader beside the two people who labelled a tenth of the corpus, each blind to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from classifiers.reading import Reading
from classifiers.train import Voice
from corpus.agreement import SECOND, f1
from corpus.notation import LabelledPassage, read_plan
from pipeline.assess import CUT
from rules.pack import Pack

Labels = frozenset[tuple[str, str]]
"""("criterion", id), ("element", criterion.element) and ("area", area or group) of one passage."""
KINDS = ("criterion", "element", "area")


def twice(pack: Pack, data: Sequence[Voice], readings: Sequence[Sequence[Sequence[Reading]]]) -> Iterator[str]:
    """The agreement of each two of the three over the passages that both people labelled, as lines of Markdown.

    `readings` holds those of each voice's documents by models that never saw the voice.
    """
    rows: list[tuple[Labels, Labels, Labels]] = []
    for voice, documents in zip(data, readings, strict=True):
        for plan, some in zip(voice.force.plans, documents, strict=True):
            path = SECOND / voice.force.slug / plan.file
            if path.exists():
                said = {one.passage: _read(pack, one) for one in some}
                both = zip(plan.passages, read_plan(path).passages, strict=True)
                rows += [(_told(a), _told(b), said.get(i, frozenset())) for i, (a, b) in enumerate(both) if a.kind != "heading"]
    if not rows:
        return
    yield f"The {len(rows)} passages that two people labelled (F1 over all labels of a kind; 1 is agreement in every label):"
    yield from [
        "",
        "| labels | one person and the other | the reader and the first | the reader and the second |",
        "| --- | --- | --- | --- |",
    ]
    for kind in KINDS:
        first, second, mine = ([frozenset(label for label in row[k] if label[0] == kind) for row in rows] for k in range(3))
        yield f"| {kind} | {_agree(first, second):.3f} | {_agree(first, mine):.3f} | {_agree(second, mine):.3f} |"


def _agree(ones: Sequence[Labels], others: Sequence[Labels]) -> float:
    return f1([(label in a, label in b) for a, b in zip(ones, others, strict=True) for label in a | b])


def _told(passage: LabelledPassage) -> Labels:
    elements = {("element", f"{span.criterion}.{span.element}") for span in passage.spans}
    return frozenset({("criterion", c) for c in passage.criteria} | elements | {("area", a) for a in passage.about})


def _read(pack: Pack, reading: Reading) -> Labels:
    likely = [b for b in reading.bearings if b.probability >= CUT]
    if not likely:
        return frozenset()
    elements = {("element", f"{b.criterion}.{b.element}") for b in likely if b.element}
    return frozenset({("criterion", b.criterion) for b in likely} | elements | {("area", a) for a, p in reading.areas if p >= CUT})
