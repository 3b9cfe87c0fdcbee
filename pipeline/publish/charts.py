"""The chapter's charts: bars of the tables, the heat map, need against provision, and one small chart for each force.

Each is drawn once, for page (SVG) and chapter (PNG) alike, carries its own text alternative, and tells nothing by colour alone: bars
are hatched and numbered, cells are numbered, marks differ in shape. Forces stand in the round's order: no chart is a league table.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.publish.need import Proportion
from pipeline.publish.picture import Picture
from pipeline.publish.tables import COMPLIANT, TOP, Table
from pipeline.sheets import COLOURS
from pipeline.words import count_words

INK: Final = "#0b0c0c"
SOFT: Final = "#505a5f"
BLUE: Final = "#1d70b8"
PALE: Final = "#dfe3e6"
HATCHES: Final = ("xxx", "\\\\\\", "", "///")
LEVEL_HATCHES: Final = ("", "---", "", "///")
"""For the four steps of a scale, so that it reads in grey and to the colour-blind."""
FILLS: Final = tuple((f"#{fill}", f"#{ink}") for fill, ink in COLOURS)
LEVEL_FILLS: Final = (("#ffffff", INK), ("#d4e3f0", INK), ("#7fb0d8", INK), ("#124a7a", "#ffffff"))
FORCES_A_CHART: Final = 44
KEY: Final = "Bar: provision;\nmark: need; dashed:\nthe standard"
BROAD: Final = 6.85
"""Inches: the text of a chapter's page, so that letters are printed in the size that they are drawn in."""
LEAST: Final = 7
"""Points: the smallest letters."""
ACROSS: Final = 5
"""Small charts side by side."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: what it is called, what it says to someone who cannot see it, its size in inches, and how it is painted on axes."""

    id: str
    title: str
    description: str
    size: tuple[float, float]
    paint: Callable[[Any], None]


def charts(picture: Picture) -> Iterator[Chart]:
    """All charts of the tables, in the chapter's order."""
    for table in picture.tables[:4]:
        if table.known:
            yield _bars(table)
    yield _heat(picture, picture.tables[4])
    if points := [p for p in picture.proportions if p.need is not None and p.provision is not None]:
        yield _scatter(picture, points)
    yield from _forces(picture)


def _bars(table: Table) -> Chart:
    shown = [n for n, row in enumerate(table.rows) if row != COMPLIANT]
    fills, hatches = (LEVEL_FILLS, LEVEL_HATCHES) if table.number in ("1", "2") else (FILLS, HATCHES)

    def paint(axes: Any) -> None:
        from matplotlib.patches import Patch

        key = []
        for place, n in enumerate(shown):
            fill, ink = fills[place]
            shares = [_share(f.count, f.out_of) for f in table.figures[n]]
            starts = [sum(_share(table.figures[m][c].count, table.figures[m][c].out_of) for m in shown[:place]) for c in range(len(shares))]
            look: dict[str, Any] = {"facecolor": fill, "edgecolor": ink, "hatch": hatches[place]}
            axes.barh(range(len(shares)), shares, left=starts, height=0.8, linewidth=0, **look)
            key.append(Patch(label=table.row_names[n], linewidth=0.6, **look))
            axes.barh(range(len(shares)), shares, left=starts, height=0.8, facecolor="none", edgecolor=INK, linewidth=0.6)
            for column, share in enumerate(shares):
                if share >= 0.035:
                    box = {"facecolor": fill, "edgecolor": "none", "boxstyle": "square,pad=0.02"}
                    text = str(table.figures[n][column].percent)
                    axes.text(starts[column] + share / 2, column, text, ha="center", va="center", color=ink, fontsize=8, bbox=box)
        axes.set(yticks=range(len(table.columns)), yticklabels=table.column_names, xlim=(0, 1), ylim=(len(table.columns) - 0.5, -0.5))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], labels=["0%", "25%", "50%", "75%", "100%"])
        axes.tick_params(left=False)
        axes.figure.legend(handles=key, loc="outside upper right", ncols=4, frameon=False, handlelength=1.6, columnspacing=1.4)

    parts = [
        f"{name}: " + ", ".join(f"{table.row_names[n].lower()} {_percent(table.figures[n][c].percent)}" for n in shown)
        for c, name in enumerate(table.column_names)
    ]
    size = (BROAD, 0.65 + 0.17 * len(table.columns))
    return Chart(f"chart-{table.number}", f"Chart {table.number}. {table.title}", "; ".join(parts) + ".", size, paint)


def _heat(picture: Picture, table: Table) -> Chart:
    counts = [[f.count for f in row] for row in table.figures]
    most = max(1, *(n for row in counts for n in row))
    scale = 1.15 * max(most, 4)
    shorts = [a.short for a in picture.pack.areas]

    def paint(axes: Any) -> None:
        axes.pcolormesh(counts, cmap="Oranges", vmin=0, vmax=scale, edgecolors="#ffffff", linewidth=1.5)
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                dark = count > 0.7 * scale
                weight = "bold" if count > 0.5 * most else "normal"
                axes.text(x + 0.5, y + 0.5, str(count), ha="center", va="center", color="#ffffff" if dark else INK, fontweight=weight)
        axes.set(ylim=(len(counts), 0), xticks=[n + 0.5 for n in range(len(shorts))], yticks=[n + 0.5 for n in range(len(counts))])
        axes.set_xticklabels(shorts)
        axes.set_yticklabels(table.row_names)
        axes.xaxis.tick_top()
        axes.tick_params(top=False, left=False)
        axes.spines[:].set_visible(False)

    top = sorted(((f.count, r, c) for r, row in enumerate(table.figures) for c, f in enumerate(row)), reverse=True)[:3]
    said = "; ".join(f"{table.row_names[r]} in {table.column_names[c].lower()} {n}" for n, r, c in top)
    description = f"Forces with an inadequate cell, by criterion and area, darker where more; the numbers of Table 5. Most: {said}."
    return Chart("chart-5", f"Chart 5. {table.title}", description, (BROAD, 0.45 + 0.28 * len(counts)), paint)


def _scatter(picture: Picture, points: Sequence[Proportion]) -> Chart:
    marks = {"over": ("^", "more than its part of need"), "under": ("v", "less than its part of need"), "": ("o", "in proportion")}
    shorts = {a.id: a.short for a in picture.pack.areas}
    at = {p.area: (p.need or 0, p.provision or 0) for p in points}  # both are known of these

    def paint(axes: Any) -> None:
        for finding, (mark, name) in marks.items():
            chosen = [p for p in points if p.finding == finding]
            colour = SOFT if not finding else BLUE if finding == "under" else "#b1560f"
            if chosen:
                axes.scatter(
                    [p.need for p in chosen], [p.provision for p in chosen], marker=mark, s=46, color=colour, label=f"Provision: {name}"
                )
        together: dict[tuple[int, int], list[str]] = {}
        for p in points:
            together.setdefault(at[p.area], []).append(shorts[p.area])
        for (place, names), (aside, align) in zip(together.items(), _asides(list(together)), strict=True):
            axes.annotate(", ".join(names), place, (aside, 0), textcoords="offset points", ha=align, va="center", fontsize=8)
        means = [sum(values) / len(values) for values in zip(*at.values(), strict=True)]
        axes.axvline(means[0], color=SOFT, linewidth=0.8, linestyle=":")
        axes.axhline(means[1], color=SOFT, linewidth=0.8, linestyle=":")
        axes.set(xlabel="need, index (dotted: mean of the areas)", ylabel="provision, index")
        axes.margins(0.12)
        axes.locator_params(integer=True)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, handletextpad=0.2, columnspacing=1.2, fontsize=8)

    names = {a.id: a.name for a in picture.pack.areas}
    description = "; ".join(f"{names[p.area]}: need {p.need}, provision {p.provision}" for p in points) + "."
    return Chart("chart-6", "Chart 6. Need against provision, nationally", description, (BROAD, 3.3), paint)


def _asides(points: Sequence[tuple[int, int]]) -> list[tuple[int, str]]:
    """How far beside its point each label stands, and its alignment: left of it where it would run into a close neighbour."""
    right = [any(0 < u - x <= 7 and abs(v - y) <= 1 for u, v in points) for x, y in points]
    return [(-7, "right") if close else (7, "left") for close in right]


def _forces(picture: Picture) -> Iterator[Chart]:
    total = len(picture.forces)
    pages = range(0, total, FORCES_A_CHART)
    for page, start in enumerate(pages, 1):
        part = f", part {page} of {len(pages)}" if len(pages) > 1 else ""
        shown = picture.forces[start : start + FORCES_A_CHART]
        rows = -(-(len(shown) + 1) // ACROSS)
        description = (
            f"A small bar chart for each of {count_words(len(shown), 'force')}, in the round's order: a bar for each area, as high as "
            "the mean of its cell grades from 0 to 3, a line at the standard, a mark at the force's own need."
        )
        title = f"Chart 7. Provision and need, force by force{part}"
        yield Chart(f"chart-7-{page}", title, description, (BROAD, 0.96 * rows), _small_bars(picture, start, start + FORCES_A_CHART))


def _small_bars(picture: Picture, start: int, end: int) -> Callable[[Any], None]:
    areas, standard = picture.pack.areas, picture.pack.roll_up.compliant_from
    wide, high = len(areas) + 3.0, TOP + 2.6

    def corner(slot: int) -> tuple[float, float]:
        return (slot % ACROSS) * wide, -(slot // ACROSS) * high

    def paint(axes: Any) -> None:
        bars: list[tuple[float, float, float]] = []
        needs: list[tuple[float, float]] = []
        for slot, force in enumerate(picture.forces[start:end], 1):
            left, foot = corner(slot)
            for n, area in enumerate(areas):
                grades = list(force.grades.get(area.id, {}).values())
                if grades:
                    bars.append((left + n, foot, sum(grades) / len(grades)))
                if area.id in force.need:
                    needs.append((left + n, foot + force.need[area.id]))
            name = "\n".join(textwrap.wrap(force.name, 20, max_lines=2, placeholder="…"))
            axes.text(left - 0.5, foot + TOP + 0.25, name, fontsize=7.5, va="bottom", url=f"#force-{force.number}", linespacing=0.95)
        left, foot = corner(0)
        for n, area in enumerate(areas):
            bars.append((left + n, foot, standard))
            axes.text(left + n, foot + 0.12, area.short, fontsize=LEAST, rotation=90, ha="center", va="bottom", color=INK)
        needs.append((left + len(areas) - 1, foot + TOP))
        axes.text(
            left - 0.5,
            foot + TOP + 0.25,
            KEY,
            fontsize=LEAST,
            va="bottom",
            linespacing=0.95,
        )
        xs, feet, heights = zip(*bars, strict=True)
        axes.bar(xs, heights, bottom=feet, width=0.82, color="#93bbdd", linewidth=0)
        axes.scatter(*zip(*needs, strict=True), marker="_", s=22, linewidths=1.8, color=INK, zorder=3)
        for slot in range(min(end, len(picture.forces)) - start + 1):
            left, foot = corner(slot)
            axes.plot([left - 0.6, left + len(areas) - 0.4], [foot, foot], color=INK, linewidth=0.6)
            axes.plot([left - 0.6, left + len(areas) - 0.4], [foot + standard] * 2, color=INK, linewidth=0.6, linestyle=(0, (2, 1.5)))
        rows = -(-(min(end, len(picture.forces)) - start + 1) // ACROSS)
        axes.set(xlim=(-1, ACROSS * wide - 1.5), ylim=(-(rows - 1) * high - 0.4, TOP + 2.1))
        axes.axis("off")

    return paint


def _share(count: int, out_of: int) -> float:
    return count / out_of if out_of else 0.0


def _percent(number: int | None) -> str:
    return "not known" if number is None else f"{number}%"
