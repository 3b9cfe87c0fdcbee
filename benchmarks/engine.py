"""Pages a second on one core: our PDF reader against plain pdfplumber (extract_words + find_tables).

Run as `python -m benchmarks.engine [--rounds 5] [--pages 40]`. It makes its own PDFs, each page different, in a temporary
folder; the pair takes turns in one process, so that noise on the machine meets both.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, Final

import pdfplumber
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, SimpleDocTemplate, Table

from extractors.pdf import read_pdf

WANTED: Final = 8.0
"""The least ratio that each kind of document must reach."""

_WORDS: Final = [
    "assessment",
    "authority",
    "capability",
    "capacity",
    "command",
    "community",
    "control",
    "coordination",
    "crime",
    "delivery",
    "demand",
    "demonstrated",
    "dedicated",
    "difficulty",
    "efficient",
    "emergency",
    "evidence",
    "exercise",
    "families",
    "firearms",
    "force",
    "gaps",
    "governance",
    "homicide",
    "identified",
    "incident",
    "intelligence",
    "investigation",
    "joint",
    "lead",
    "major",
    "management",
    "measures",
    "mutual",
    "aid",
    "neighbouring",
    "officers",
    "operational",
    "order",
    "partners",
    "performance",
    "plan",
    "priority",
    "progress",
    "protection",
    "public",
    "published",
    "quarterly",
    "regional",
    "resilience",
    "resources",
    "response",
    "review",
    "risk",
    "roads",
    "serious",
    "services",
    "specialist",
    "staff",
    "standards",
    "strategic",
    "tactical",
    "threat",
    "timescales",
    "training",
    "vulnerable",
    "witnesses",
    "and",
    "the",
    "of",
    "to",
    "in",
    "with",
    "for",
    "by",
    "across",
    "against",
    "under",
    "during",
    "following",
    "within",
]


def _sentence(rng: random.Random) -> str:
    words = [rng.choice(_WORDS) for _ in range(rng.randint(8, 22))]
    if rng.random() < 0.3:
        words.insert(3, str(rng.randint(2, 2009)))
    return " ".join(words).capitalize() + "."


def _paragraph(rng: random.Random) -> str:
    return " ".join(_sentence(rng) for _ in range(rng.randint(3, 7)))


def _running(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 20, f"RESTRICTED                Page {document.page}")


def _story(rng: random.Random, paragraphs: int) -> list[Any]:
    styles = getSampleStyleSheet()
    story: list[Any] = []
    for number in range(paragraphs):
        if number % 6 == 0:
            heading = f"{number // 6 + 1}. {rng.choice(_WORDS)} {rng.choice(_WORDS)}".capitalize()
            story.append(Paragraph(heading, styles["Heading2"]))
        story.append(Paragraph(_paragraph(rng), styles["BodyText"]))
    return story


def make_prose(path: Path, pages: int, seed: int) -> None:
    """Single-column prose with headings."""
    story = _story(random.Random(seed), pages * 8)
    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=_running, onLaterPages=_running)


def make_columns(path: Path, pages: int, seed: int) -> None:
    """Two-column prose with headings."""
    document = BaseDocTemplate(str(path), pagesize=A4)
    frames = [Frame(50, 50, 240, 740), Frame(305, 50, 240, 740)]
    document.addPageTemplates([PageTemplate(frames=frames, onPage=_running)])
    document.build(_story(random.Random(seed), pages * 8))


def make_tables(path: Path, pages: int, seed: int) -> None:
    """Ruled action plans, landscape."""
    rng = random.Random(seed)
    style = getSampleStyleSheet()["BodyText"]
    head = [Paragraph(f"<b>{name}</b>", style) for name in ("Ref", "Action", "Owner", "By when", "How we will know")]
    story: list[Any] = []
    for page in range(pages):
        rows: list[list[Any]] = [head]
        for row in range(7):
            texts = (
                f"{page}.{row}",
                _sentence(rng) + " " + _sentence(rng),
                rng.choice(_WORDS),
                "March 2009",
                _sentence(rng),
            )
            rows.append([Paragraph(text, style) for text in texts])
        table = Table(rows, colWidths=[40, 270, 110, 80, 200], repeatRows=1)
        table.setStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
        story += [Paragraph(_sentence(rng), style), table]
    SimpleDocTemplate(str(path), pagesize=landscape(A4)).build(story, onFirstPage=_running, onLaterPages=_running)


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


def main() -> int:
    """Prints the rates and their ratios; 1 if a ratio falls short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=40)
    chosen = parser.parse_args()
    short = False
    print(f"{'':12}{'ours':>10}{'pdfplumber':>12}{'ratio':>8}   (pages/s on one core, median of {chosen.rounds} rounds)")
    with tempfile.TemporaryDirectory() as folder:
        for seed, (name, make) in enumerate([("prose", make_prose), ("two-column", make_columns), ("tables", make_tables)]):
            path = Path(folder) / f"{name}.pdf"
            make(path, chosen.pages, seed)
            by_us(path)
            pairs = [(rate(by_us, path), rate(by_pdfplumber, path)) for _ in range(chosen.rounds)]
            ratio = median(ours / theirs for ours, theirs in pairs)
            short = short or ratio < WANTED
            ours, theirs = median(p[0] for p in pairs), median(p[1] for p in pairs)
            print(f"{name:12}{ours:>10.0f}{theirs:>12.1f}{ratio:>8.1f}")
    return 1 if short else 0


if __name__ == "__main__":
    raise SystemExit(main())
