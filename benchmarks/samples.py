"""PDFs for the benchmarks, made anew from a seed: prose, two columns, ruled tables; every page is different."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Final

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, SimpleDocTemplate, Table

_WORDS: Final = """
assessment authority capability capacity command community control coordination crime delivery demand demonstrated dedicated
difficulty efficient emergency evidence exercise families firearms force gaps governance homicide identified incident
intelligence investigation joint lead major management measures mutual aid neighbouring officers operational order partners
performance plan priority progress protection public published quarterly regional resilience resources response review risk
roads serious services specialist staff standards strategic tactical threat timescales training vulnerable witnesses and the of
to in with for by across against under during following within
""".split()  # noqa: SIM905


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


MAKERS: Final = {"prose": make_prose, "two-column": make_columns, "tables": make_tables}
