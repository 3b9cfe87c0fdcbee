"""Pictures of judgement: is a confidence of 0.7 right seven times in ten, and which grades are taken for which?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.scores import GRADES, Judged, reliability

INK: Final = "#1f3f5b"
PALE: Final = "#b9c7d4"
STYLE: Final[dict[str, Any]] = {
    "svg.hashsalt": "readacross",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


Curve = Sequence[tuple[int, float, float]]
"""(voices learnt from, exact, quadratic-weighted kappa)."""


def draw(cells: Sequence[Judged], curve: Curve, folder: Path) -> list[Path]:
    """Writes the pictures as SVG and returns their paths; the same figures give the same bytes. No curve, no picture of it."""
    import matplotlib

    matplotlib.use("svg")
    for name, value in STYLE.items():
        matplotlib.rcParams[name] = value  # type: ignore[index]  # typed as a set of literals
    from matplotlib import pyplot

    made = []
    pictures: dict[str, Callable[[Any], None]] = {
        "reliability": lambda a: _reliability(a, cells),
        "confusion": lambda a: _confusion(a, cells),
    }
    if curve:
        pictures["learning-curve"] = lambda axes: _curve(axes, curve)
    for name, paint in pictures.items():
        figure, axes = pyplot.subplots(figsize=(4.6, 3.6), layout="constrained")
        paint(axes)
        target = folder / f"{name}.svg"
        figure.savefig(target, metadata={"Date": None})
        pyplot.close(figure)
        made.append(target)
    return made


def _reliability(axes: Any, cells: Sequence[Judged]) -> None:
    points = reliability(cells)
    most = max(n for _, _, n in points)
    axes.plot([0, 1], [0, 1], color=PALE, linewidth=1)
    axes.scatter([said for said, _, _ in points], [true for _, true, _ in points], s=[12 + 140 * n / most for _, _, n in points], color=INK)
    for said, true, n in points:
        above = 4 if true < 0.1 else -9
        axes.annotate(str(n), (said, true), textcoords="offset points", xytext=(8, above), color=INK, fontsize=7)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence given to the grade", ylabel="share of grades that are right")
    axes.set_title("How far a confidence can be trusted (cells beside each point)", fontsize=9, loc="left")


def _confusion(axes: Any, cells: Sequence[Judged]) -> None:
    counts = Counter((c.gold, c.grade) for c in cells)
    rows = [[counts[gold, got] for got in range(GRADES)] for gold in range(GRADES)]
    shares = [[n / max(1, sum(row)) for n in row] for row in rows]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for gold, row in enumerate(rows):
        for got, n in enumerate(row):
            axes.text(got, gold, str(n), ha="center", va="center", color="white" if shares[gold][got] > 0.5 else INK)
    axes.set(xticks=range(GRADES), yticks=range(GRADES), xlabel="grade given", ylabel="gold grade")
    axes.set_title("Which grades are taken for which", fontsize=9, loc="left")


def _curve(axes: Any, curve: Curve) -> None:
    counts = [count for count, _, _ in curve]
    for column, name, colour, aside in ((1, "exact agreement", INK, 9), (2, "quadratic-weighted kappa", "#5f7f9b", -15)):
        values = [point[column] for point in curve]
        axes.plot(counts, values, marker="o", color=colour)
        axes.annotate(name, (counts[0], values[0]), textcoords="offset points", xytext=(-3, aside), color=colour, fontsize=8)
    axes.set(xlabel="voices learnt from", ylim=(0, 1), xticks=counts)
    axes.set_title("More voices, better judgement (first classifier alone)", fontsize=9, loc="left")
