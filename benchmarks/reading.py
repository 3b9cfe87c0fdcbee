"""Pages a second on one core from file to grades, with the encoder and without. `python -m benchmarks.reading`.

Reads and grades the twelve forces of the corpus that exist as real files. A page is 400 words, for most formats have no pages. Every
run adds a line to benchmarks/history.jsonl.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import process_time
from typing import Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks import history
from classifiers import encoder
from classifiers.classify import Classifier
from classifiers.model import load
from classifiers.units import cues_of
from corpus.notation import FORCES
from extractors.document import Document, full_title
from extractors.read import read_document, sha256_of
from pipeline.findings import Findings
from pipeline.ingest import Submission
from pipeline.matrix import submission_result
from rules.loader import load_pack

FILES: Final = FORCES.parent / "files"
PAGE: Final = 400


def graded(findings: Findings, classifier: Classifier, forces: Sequence[tuple[str, list[Document]]]) -> None:
    """Finds the evidence in all documents of some forces, and grades them."""
    for name, documents in forces:
        looks = [classifier.look(document.passages, full_title(document.title, document.file)) for document in documents]
        read = list(zip(documents, classifier.read(looks), strict=True))
        submission_result(findings, classifier.model, Submission(name, ()), name, (), read, ())


def main() -> None:
    pack = load_pack()
    findings = Findings(pack, cues_of(pack))
    began = process_time()
    forces = [
        (folder.name, [read_document(path, path.name, sha256_of(path)) for path in sorted(folder.iterdir()) if path.is_file()])
        for folder in sorted(FILES.iterdir())
    ]
    extracting = process_time() - began
    documents = [document for _, own in forces for document in own]
    pages = sum(len(p.text.split()) for d in documents for p in d.passages) / PAGE
    print(f"{len(documents)} documents, {pages:.0f} pages of {PAGE} words; pages a second of one core's time")
    print(f"{'extraction':40}{pages / extracting:8.0f}")
    figures = {}
    for name, second in (("without the encoder", None), ("with the encoder", encoder.load())):
        classifier = Classifier(pack, load(), second)
        graded(findings, classifier, forces[:1])  # cues are compiled when first met
        began = process_time()
        graded(findings, classifier, forces)
        grading = process_time() - began
        print(f"{'evidence and grades ' + name:40}{pages / grading:8.0f}")
        print(f"{'extraction to grades ' + name:40}{pages / (extracting + grading):8.0f}")
        figures[f"to grades {name} pages/s"] = pages / (extracting + grading)
    history.add(figures)


if __name__ == "__main__":
    main()
