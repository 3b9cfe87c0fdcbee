"""Charts as files: SVG to stand inside a page, PNG for a document. Equal charts give equal bytes."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any, Final

from markupsafe import Markup, escape

from pipeline.publish.charts import LEAST, Chart

STYLE: Final[dict[str, Any]] = {
    "svg.hashsalt": "readacross",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "hatch.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
}
DOTS: Final = 220
"""Dots an inch, so that print is crisp."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as drawn."""

    chart: Chart
    svg: Markup
    """To stand inside a page beside others: named and described, its text real text, its ids its own."""
    png: bytes

    @property
    def svg_file(self) -> bytes:
        """An SVG file of its own; links within the page are of no use there and are left out."""
        return re.sub(r"</?a\b[^>]*>", "", self.svg).encode()


def draw(chart: Chart, note: str = "") -> Drawing:
    """Draws a chart for pages and for documents; `note`, its status and marking, stands below it wherever it goes."""
    body, picture = _drawn(chart, note)
    width, height = (round(72 * inches) for inches in chart.size)
    role = "group" if "<a " in body else "img"  # what stands inside an image is hidden from a screen reader, links too
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="{role}" aria-labelledby="{chart.id}-t {chart.id}-d" '
        f'viewBox="0 0 {width} {height}"><title id="{chart.id}-t">{escape(chart.title)}</title>'
        f'<desc id="{chart.id}-d">{escape(chart.description)}</desc>'
    )
    return Drawing(chart, Markup(head + body), picture)  # noqa: S704  (title and description are escaped, the rest was drawn here)


def _drawn(chart: Chart, note: str) -> tuple[str, bytes]:
    """What matplotlib draws: SVG without its own head, its ids made the chart's own, and PNG."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picture, drawing = BytesIO(), StringIO()
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():  # type: ignore[arg-type]  # its names are typed as literals
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")  # a sign in a force's name; a box stands for it
        figure = Figure(figsize=chart.size, layout="constrained")
        FigureCanvasAgg(figure)
        chart.paint(figure.add_subplot())
        if note:
            figure.supxlabel(note, x=0.995, ha="right", fontsize=LEAST)
        figure.savefig(picture, format="png", dpi=DOTS, metadata={"Software": None})
        figure.set_layout_engine("none")  # the layout stands; to work it out again takes as long as the drawing
        figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = drawing.getvalue()
    body = re.sub(r"<metadata>.*?</metadata>", "", drawn[drawn.index(">", drawn.index("<svg")) + 1 :], flags=re.DOTALL)
    body = re.sub(r'(id="|url\(#|<use xlink:href="#)', rf"\1{chart.id}-", body)
    return body.replace("'DejaVu Sans'", "Arial, 'DejaVu Sans', sans-serif").replace("xlink:href", "href"), picture.getvalue()
