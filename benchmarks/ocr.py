"""How well and how fast scans are read: our own PDFs drawn as a scanner would, against what their text layer says.

Run as `python -m benchmarks.ocr [--pages 40] [--dpi 200]`. Each page is put askew, blurred, dimmed and sprinkled with noise, and
made into a PDF without text. Words, headings and table cells are compared as bags: F1 of what was found with what is there.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter

from extractors.document import Extract
from extractors.pdf import read_pdf

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


def _sources(pages: int) -> Iterator[tuple[Path, range]]:
    files = sorted(FILES.glob("*/*.pdf"))
    each = -(-pages // len(files))
    for file in files:
        document = pdfium.PdfDocument(file)
        count = len(document)
        document.close()
        yield file, range(min(1, count - 1), min(count, 1 + each))


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed and accuracy of OCR.")
    parser.add_argument("--pages", type=int, default=34)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--blur", type=float, default=0.6)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    kinds = ("words", "headings", "blocks", "cells")
    truth_of, found_of = {k: Counter[str]() for k in kinds}, {k: Counter[str]() for k in kinds}
    seconds, pages, sure = 0.0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for file, some in _sources(options.pages):
            plain, scanned = Path(folder) / "plain.pdf", Path(folder) / "scan.pdf"
            document, part = pdfium.PdfDocument(file), pdfium.PdfDocument.new()
            part.import_pages(document, list(some))
            part.save(plain)
            scan(file, scanned, some, options.dpi, random.Random(file.name).uniform(-2, 2), options.blur)
            truth = read_pdf(plain, file.name)
            start = time.perf_counter()
            found = read_pdf(scanned, file.name)
            seconds += time.perf_counter() - start
            pages += len(some)
            sure += sum(s.confidence for s in found.scans)
            here = []
            for kind in kinds:
                one, other = texts(truth, kind), texts(found, kind)
                # A bag per document: the same heading in two documents is two headings.
                truth_of[kind] += Counter({f"{file}:{t}": n for t, n in one.items()})
                found_of[kind] += Counter({f"{file}:{t}": n for t, n in other.items()})
                here.append(f"{kind} {f1(one, other):.3f}")
            print(f"{file.parent.name}/{file.name}", *here, flush=True)
            if options.verbose:
                for kind in kinds[1:]:
                    one, other = texts(truth, kind), texts(found, kind)
                    for text in one - other:
                        print("   -", kind, text[:200])
                    for text in other - one:
                        print("   +", kind, text[:200])
    print(f"{pages} pages, {pages / seconds:.2f} pages a second on one core, mean confidence {sure / pages:.3f}")
    print("F1:", ", ".join(f"{kind} {f1(truth_of[kind], found_of[kind]):.3f}" for kind in kinds))


if __name__ == "__main__":
    main()
