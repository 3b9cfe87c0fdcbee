"""`readacross national`: the picture of a round, drawn up and written out."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pipeline.publish.chapter import write_chapter
from pipeline.publish.charts import charts
from pipeline.publish.collaboration import as_graph
from pipeline.publish.drawing import Drawing, draw
from pipeline.publish.grades_csv import read_tables
from pipeline.publish.listing import listings
from pipeline.publish.national_csv import write_csv
from pipeline.publish.national_json import write_json
from pipeline.publish.national_workbook import write_national_workbook
from pipeline.publish.network import network_charts
from pipeline.publish.page import write_page
from pipeline.publish.picture import Picture, draw_up
from pipeline.publish.sentences import STATUS
from pipeline.publish.source import of_review, of_tables
from pipeline.review import PublishError
from pipeline.round import load_round
from pipeline.store import write_whole, written_together
from pipeline.telling import Progress
from rules.loader import load_pack

FOLDER = "national"
"""The folder beside the page for CSV files, drawings and the graph."""
LINKS = "links.graphml"
OUTPUTS = ("national.json", "national.xlsx", "national.docx", "national.html", FOLDER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the round is (a review's folder, else tables of grades and levels), what is asked of it, and where the picture goes."""

    out: Path
    review: Path | None = None
    grades: Path | None = None
    levels: Path | None = None
    before: tuple[Path, ...] = ()
    strict: bool = False
    public: bool = False
    pack: str | None = None
    """The framework pack; by default the round's own."""


def publish_national(wanted: Wanted, progress: Progress, note: Callable[[], None] = lambda: None) -> Picture:
    """Draws the picture and, once `note` has been called, writes every output of it, or none.

    Raises RoundError, RecordError, PackError or PublishError.
    """
    if wanted.review:
        whole = load_round(wanted.review)
        pack = load_pack(wanted.pack or whole["pack"]["id"])
        source = of_review(pack, wanted.review, whole)
    else:
        pack = load_pack(wanted.pack or load_pack().id)
        whole = read_tables(pack, wanted.grades or Path(), wanted.levels)
        source = of_tables(pack, [file for file in (wanted.grades, wanted.levels) if file])
    earlier = [(folder.name, load_round(folder)) for folder in wanted.before]
    picture = draw_up(pack, whole, wanted.strict, earlier, wanted.public, source)
    note()
    _write(picture, wanted, progress)
    return picture


def _write(picture: Picture, wanted: Wanted, progress: Progress) -> None:
    drawn = _drawn(picture, progress)
    report = wanted.review / "report.html" if wanted.review and not wanted.public else None
    link = Path(os.path.relpath(report, wanted.out)).as_posix() if report and report.is_file() else ""
    writers: Sequence[tuple[str, Callable[[Path], None]]] = (
        ("national.json", lambda path: write_json(picture, path)),
        ("national.xlsx", lambda path: write_national_workbook(picture, path)),
        ("national.docx", lambda path: write_chapter(picture, drawn, path)),
        ("national.html", lambda path: write_page(picture, drawn, path, link)),
        (FOLDER, lambda path: _folder(picture, drawn, path)),
    )
    progress("Writing", 0, len(writers))
    try:
        with written_together(wanted.out) as unfinished:
            for done, (name, write) in enumerate(writers, 1):
                write(unfinished / name)
                progress("Writing", done, len(writers))
            written = {path.name for path in (unfinished / FOLDER).iterdir()}
        _clear(picture, wanted.out / FOLDER, written)
    except OSError as error:
        remedy = "Free the disk, or choose another place with --out, and run the same command again."
        raise PublishError(f"{error.filename}: cannot be written ({error.strerror or error}). {remedy}") from None


def _drawn(picture: Picture, progress: Progress) -> dict[str, Drawing]:
    wanted = [*charts(picture), *network_charts(picture)]
    drawn = {}
    for done, chart in enumerate(wanted):
        progress("Drawing charts", done, len(wanted))
        drawn[chart.id] = draw(chart, " – ".join(filter(None, (_status(picture, chart.id), picture.marking))))
    progress("Drawing charts", len(wanted), len(wanted))
    return drawn


def _status(picture: Picture, chart: str) -> str:
    """What a chart's figures rest on: those of its table, else of the whole picture."""
    bases = next((set(t.basis) for t in picture.tables if chart == f"chart-{t.number}"), {picture.basis})
    return STATUS[bases.pop() if len(bases) == 1 else "mixed"]


def _folder(picture: Picture, drawn: Mapping[str, Drawing], folder: Path) -> None:
    """The tables as CSV, the drawings as SVG and PNG, the graph as GraphML."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(picture, folder)
    for name, drawing in drawn.items():
        write_whole(folder / f"{name}.svg", drawing.svg_file)
        write_whole(folder / f"{name}.png", drawing.png)
    if picture.collaboration.links:
        graph = as_graph(picture.pack, picture.collaboration)
        graph.graph["marking"] = picture.marking
        write_whole(folder / LINKS, _graphml(graph))


def _clear(picture: Picture, folder: Path, written: Collection[str]) -> None:
    """Takes away what an earlier picture left there and this one lacks: it would pass for this one's, in a public folder too."""
    ours = {f"{listing.id}.csv" for listing in listings(picture)} | {LINKS, *(path.name for path in folder.glob("chart-*"))}
    for name in ours.difference(written):
        (folder / name).unlink(missing_ok=True)


def _graphml(graph: Any) -> bytes:
    from networkx import write_graphml_xml

    write_graphml_xml(graph, out := BytesIO())
    return out.getvalue()
