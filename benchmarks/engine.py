"""How fast and how lean the reading of PDFs is: pages a second on one core beside plain pdfplumber, two workers, memory, starts.

`python -m benchmarks.engine [--rounds 5] [--pages 40] [--long 1000]`. The files are made in a temporary folder. Pairs take turns in one
process, so that noise on the machine meets both. Every run adds a line to benchmarks/history.jsonl, from which docs/speed.svg is drawn.
LibreOffice and OCR are not measured here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Final

import pdfplumber
import pypdfium2 as pdfium

from benchmarks import history
from benchmarks.samples import MAKERS, make_prose
from extractors.pdf import read_pdf
from extractors.pdf_content import Styles
from extractors.pdf_words import read_page
from pipeline.pool import Pool

WANTED: Final = 8.0
"""The least ratio to pdfplumber that each kind of document must reach."""

_PEAK: Final = """
import re, sys
from pathlib import Path
from extractors.pdf import read_pdf
read_pdf(Path(sys.argv[1]), "x")
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
_FIRST_PAGE: Final = """
import os, sys, time
from pathlib import Path
from pipeline.pool import Pool
from pipeline.review import STORE, DirectRunner, Settings, review
def report(stage, done, total, at=""):
    if done:
        print(time.time(), flush=True)
        os.killpg(0, 9)
if __name__ == "__main__":
    out = Path(sys.argv[2])
    with Pool(out / STORE, 1) as pool:
        review(Settings(Path(sys.argv[1]), out, workers=1), DirectRunner(pool, report))
"""


def by_pdfplumber(path: Path) -> int:
    """Reads every page's words and tables; the number of pages."""
    with pdfplumber.open(path) as pdf:
        for page in pdf.pages:
            page.extract_words()
            page.find_tables()
            page.close()
        return len(pdf.pages)


def by_us(path: Path) -> int:
    """Reads the file with our reader; the number of pages read."""
    return read_pdf(path, path.name).pages_read


def rate(read: Callable[[Path], int], path: Path) -> float:
    """Pages a second of processor time in this process."""
    start = time.process_time()
    pages = read(path)
    return pages / (time.process_time() - start)


def same_words(path: Path) -> float:
    """The share of pdfplumber's words that we have too, as often."""
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    with pdfplumber.open(path) as pdf, pdfium.PdfDocument(path) as document:
        for number, page in enumerate(pdf.pages):
            theirs.update(word["text"] for word in page.extract_words())
            ours.update(word.text for word in read_page(document[number], number + 1, Styles()).words)
    return (ours & theirs).total() / theirs.total()


def scaling(path: Path, rounds: int) -> float:
    """How many times as fast two workers are as one, each reading the file as often; the best of some rounds."""

    def took(workers: int) -> float:
        with tempfile.TemporaryDirectory() as own, Pool(Path(own), workers) as pool, ThreadPoolExecutor(workers) as threads:
            list(threads.map(lambda _: pool.run(by_us, path), range(workers)))  # until each has loaded its libraries
            start = time.perf_counter()
            list(threads.map(lambda _: pool.run(by_us, path), range(4)))
            return time.perf_counter() - start

    return max(took(1) / took(2) for _ in range(rounds))


def peak(path: Path) -> float:
    """Megabytes that a process of its own needs at most to read the file."""
    done = subprocess.run(  # noqa: S603 (our own command, no shell)
        [sys.executable, "-c", _PEAK, str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1000


def start_of_help() -> float:
    """Seconds until `readacross --help` has ended."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "cli", "--help"], capture_output=True, check=True)
    return time.perf_counter() - start


def start_of_review(folder: Path) -> float:
    """Seconds from the start of a direct review to its first page, which is read by then."""
    (folder / "inbox" / "Brayford Police").mkdir(parents=True)
    (folder / "inbox" / "Brayford Police" / "plan.txt").write_text("We will train eight search advisers by March 2009.")
    script = folder / "first_page.py"
    script.write_text(_FIRST_PAGE)
    start = time.time()
    command = [sys.executable, str(script), str(folder / "inbox"), str(folder / "out")]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(  # noqa: S603 (our own command, no shell)
        command, capture_output=True, text=True, check=False, start_new_session=True, env=environment
    )
    return float(done.stdout.split()[0]) - start


def main() -> int:
    """Prints and keeps the figures; 1 if a ratio to pdfplumber falls short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--long", type=int, default=1000)
    chosen = parser.parse_args()
    figures: dict[str, float] = {}
    print(f"{'':12}{'ours':>10}{'pdfplumber':>12}{'ratio':>8}{'same words':>12}   (pages/s on one core, median of {chosen.rounds} rounds)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seed, (kind, make) in enumerate(MAKERS.items()):
            path = folder / f"{kind}.pdf"
            make(path, chosen.pages, seed)
            by_us(path)
            pairs = [(rate(by_us, path), rate(by_pdfplumber, path)) for _ in range(chosen.rounds)]
            ours, theirs = median(p[0] for p in pairs), median(p[1] for p in pairs)
            ratio = median(one / other for one, other in pairs)
            figures |= {f"{kind} pages/s": ours, f"{kind} times pdfplumber": ratio}
            print(f"{kind:12}{ours:>10.0f}{theirs:>12.1f}{ratio:>8.1f}{same_words(path):>12.2%}")
        figures["two workers, times one"] = scaling(folder / "prose.pdf", chosen.rounds)
        for pages in (chosen.long // 10, chosen.long):
            make_prose(folder / "long.pdf", pages, 1)
            figures[f"MB for {pages} pages"] = peak(folder / "long.pdf")
        figures["s to help"] = min(start_of_help() for _ in range(chosen.rounds))
        figures["s to first page"] = min(start_of_review(folder / f"start-{number}") for number in range(chosen.rounds))
    for what, figure in list(figures.items())[2 * len(MAKERS) :]:
        print(f"{what:24}{figure:8.2f}")
    print(f"The machine's load was {os.getloadavg()[2]:.1f} on {os.cpu_count()} cores: the less idle it is, the less these figures say.")
    history.add(figures)
    return 1 if any(figures[f"{kind} times pdfplumber"] < WANTED for kind in MAKERS) else 0


if __name__ == "__main__":
    raise SystemExit(main())
