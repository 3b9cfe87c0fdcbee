"""How well and how fast scans are read: our own PDFs drawn as a scanner would, against what their text layer says.

Run as `python -m benchmarks.ocr [--pages 34] [--dpi 200] [--blur 0.6]`. Each page is put askew, blurred, dimmed, sprinkled with
noise and made into a PDF without text. Words, headings, whole blocks and table cells are compared as bags: F1 of what was found
with what is there.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter

from extractors.document import Extract, Scan
from extractors.pdf import read_pdf
from extractors.tesseract import installed

KINDS: Final = ("words", "headings", "blocks", "cells")

FILES: Final = Path(__file__).parent.parent / "corpus" / "files"


def scan(source: Path, target: Path, pages: range, dpi: int = 200, skew: float = 1.0, blur: float = 0.6, turn: int = 0) -> None:
    """Writes some pages of a PDF as a scanner would: grey pictures, askew by `skew` degrees, turned by `turn` anticlockwise."""
    document = pdfium.PdfDocument(source)
    pictures = []
    for index in pages:
        picture: Image.Image = document[index].render(scale=dpi / 72, grayscale=True).to_pil()
        picture = picture.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(blur))
        noise = np.random.default_rng(index).normal(15, 12, (picture.height, picture.width))
        picture = Image.fromarray((np.asarray(picture) * 0.9 + noise).clip(0, 255).astype(np.uint8))
        pictures.append(picture.rotate(turn, expand=True))
    document.close()
    pictures[0].save(target, save_all=True, append_images=pictures[1:], resolution=dpi)


def texts(extract: Extract, what: str) -> Counter[str]:
    """The words, the headings, the blocks or the cells of a document, each with how often it stands there."""
    if what == "words":
        return Counter(word for block in extract.blocks for word in block.text.split())
    if what == "cells":
        return Counter(cell for block in extract.blocks for cell in block.cells if cell)
    return Counter(block.text for block in extract.blocks if what == "blocks" or block.kind == "heading")


def f1(truth: Counter[str], found: Counter[str]) -> float:
    """Of two bags; 1 if both are empty."""
    whole = truth.total() + found.total()
    return 2 * (truth & found).total() / whole if whole else 1.0


def _part(source: Path, target: Path, pages: range) -> None:
    document, part = pdfium.PdfDocument(source), pdfium.PdfDocument.new()
    part.import_pages(document, list(pages))
    part.save(target)
    document.close()


def _sources(pages: int) -> Iterator[tuple[Path, range]]:
    files = sorted(FILES.glob("*/*.pdf"))
    each = -(-pages // len(files))
    for file in files:
        document = pdfium.PdfDocument(file)
        count = len(document)
        document.close()
        yield file, range(min(1, count - 1), min(count, 1 + each))


def _processor() -> float:
    """Seconds of processor time that this process and the programs that it ran have used."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed and accuracy of OCR.")
    parser.add_argument("--pages", type=int, default=34)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--blur", type=float, default=0.6, help="Radius in pixels; 1.5 is a bad photocopy.")
    options = parser.parse_args()
    if not installed():
        raise SystemExit("Tesseract is not installed: nothing to measure.")
    truths, founds = {kind: Counter[str]() for kind in KINDS}, {kind: Counter[str]() for kind in KINDS}
    seconds, processor, scans = 0.0, 0.0, list[Scan]()
    with tempfile.TemporaryDirectory() as folder:
        for file, pages in _sources(options.pages):
            plain, scanned = Path(folder) / "plain.pdf", Path(folder) / "scan.pdf"
            _part(file, plain, pages)
            scan(file, scanned, pages, options.dpi, random.Random(file.name).uniform(-2, 2), options.blur)
            truth = read_pdf(plain, file.name)
            start, used = time.perf_counter(), _processor()
            found = read_pdf(scanned, file.name)
            seconds, processor = seconds + time.perf_counter() - start, processor + _processor() - used
            scans += found.scans
            here = []
            for kind in KINDS:
                one, other = texts(truth, kind), texts(found, kind)
                here.append(f"{kind} {f1(one, other):.3f}")
                # A bag for each document: the same heading in two documents is two headings.
                truths[kind] += Counter({f"{file}:{text}": n for text, n in one.items()})
                founds[kind] += Counter({f"{file}:{text}": n for text, n in other.items()})
            print(f"{file.parent.name}/{file.name}: {', '.join(here)}", flush=True)
    count = len(scans)
    print(f"{count} pages, {count / seconds:.2f} a second, {count / processor:.2f} a second of processor time")
    print(f"mean confidence {sum(s.confidence for s in scans) / count:.3f}")
    print("F1 of " + ", ".join(f"{kind} {f1(truths[kind], founds[kind]):.3f}" for kind in KINDS))


if __name__ == "__main__":
    main()
