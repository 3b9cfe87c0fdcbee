"""Pages a second on one core from file to readings, with the encoder and without. `python -m benchmarks.reading`.

Reads the twelve forces of the corpus that exist as real files. A page is 400 words, for most formats have no pages.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

from classifiers import encoder
from classifiers.classify import Classifier
from classifiers.model import load
from classifiers.units import cues_of
from corpus.notation import FORCES
from extractors.read import read_document, sha256_of
from rules.loader import load_pack

FILES: Final = FORCES.parent / "files"
PAGE: Final = 400


def main() -> None:
    pack = load_pack()
    cues_of(pack)
    documents, began = [], perf_counter()
    for path in sorted(p for p in FILES.rglob("*.*") if p.is_file()):
        documents.append(read_document(path, path.name, sha256_of(path)))
    extracting = perf_counter() - began
    pages = sum(len(p.text.split()) for d in documents for p in d.passages) / PAGE
    print(f"{len(documents)} documents, {pages:.0f} pages of {PAGE} words")
    print(f"{'extracting':32}{pages / extracting:8.0f} pages/s")
    for name, second in (("without the encoder", None), ("with the encoder", encoder.load())):
        classifier = Classifier(pack, load(), second)
        classifier.read([classifier.look(document.passages, "") for document in documents])  # cues are compiled when first met
        began = perf_counter()
        classifier.read([classifier.look(document.passages, Path(document.file).stem) for document in documents])
        reading = perf_counter() - began
        print(f"{'reading ' + name:32}{pages / reading:8.0f} pages/s")
        print(f"{'both ' + name:32}{pages / (extracting + reading):8.0f} pages/s")


if __name__ == "__main__":
    main()
