"""The drawn picture of the collaboration read-across: forces on a circle by region, all areas together and each area by itself."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.publish.charts import ACROSS, BLUE, BROAD, INK, LEAST, SOFT, Chart
from pipeline.publish.collaboration import ONE_SIDED, RECIPROCATED, UNIT, Collaboration, Link
from pipeline.publish.picture import Picture
from pipeline.words import count_words

ORANGE: Final = "#b1560f"
LINES: Final = {  # state -> (colour, dashes, name in the key); by far the surest first
    RECIPROCATED: (BLUE, "solid", "each names the other"),
    ONE_SIDED: (ORANGE, (0, (4, 2)), "one side only, towards the one that is named"),
    "": (SOFT, (0, (1, 1.5)), "a unit, or a force not read here"),
}
SLACK: Final = 0.5
"""How far a line keeps from the circle's middle: 0 through it, 1 straight."""
ABOVE: Final = 2.75
"""Height of a small circle with its title, in radii."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Circle:
    """Where each name stands, in radians; `gaps` are the places of the regions' names, each in a free place before its members."""

    angles: Mapping[str, float]
    gaps: Mapping[str, float]


def network_charts(picture: Picture) -> Iterator[Chart]:
    """The picture of all areas together, and one small circle for each area; none where nobody names anyone."""
    found = picture.collaboration
    if not found.links:
        return
    circle = _circle(found)
    states = Counter(link.state for link in found.links)
    said = ", ".join(f"{n} {state}" for state, n in states.items())
    yield Chart(
        "chart-8",
        "Chart 8. Who names whom, all areas together",
        f"Forces on a circle by region, {count_words(len(found.links), 'link')} between them: {said}. The table below says the same.",
        (BROAD, 6.4),
        _whole(found, circle, picture.pack.force_names.suffixes),
    )
    rows = -(-len(picture.pack.areas) // ACROSS)
    names = {a.id: a.name for a in picture.pack.areas}
    counts = Counter(link.area for link in found.links)
    yield Chart(
        "chart-9",
        "Chart 9. Who names whom, area by area",
        "The same circle for each area. Links: " + "; ".join(f"{name} {counts[area]}" for area, name in names.items()) + ".",
        (BROAD, 0.1 + 1.8 * rows),
        _small(found, circle, names),
    )


def _circle(found: Collaboration) -> _Circle:
    """Regions one after the other, in the pack's order; names that no force of the round bears come last."""
    groups = {region.name: list(region.forces) for region in found.regions}
    placed = {name for names in groups.values() for name in names}
    others = sorted({link.target for link in found.links} - placed)
    if others:
        groups["Named only"] = others
    slots: list[tuple[str, bool]] = []
    for region, names in groups.items():
        slots += [(region, True), *((name, False) for name in names)]
    turn = [(name, is_gap, math.pi / 2 - 2 * math.pi * n / len(slots)) for n, (name, is_gap) in enumerate(slots)]
    return _Circle({n: a for n, gap, a in turn if not gap}, {n: a for n, gap, a in turn if gap})


def _whole(found: Collaboration, circle: _Circle, suffixes: Sequence[str]) -> Callable[[Any], None]:
    size = max(2.5, min(7.5, 420 / (len(circle.angles) + len(circle.gaps))))

    def paint(axes: Any) -> None:
        _links(axes, found.links, circle, (0, 0), 1.0, bold=1.0)
        _nodes(axes, found, circle, (0, 0), 22)
        for name, angle in circle.angles.items():
            _label(axes, _short(name, suffixes), angle, size, "normal")
        for region, angle in circle.gaps.items():
            _label(axes, region, angle, size, "bold")
        for colour, dashes, name in LINES.values():
            axes.plot([], [], color=colour, linestyle=dashes, label=name)
        axes.figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=7.5, columnspacing=1.2)
        axes.set(xlim=(-1.6, 1.6), ylim=(-1.42, 1.42), aspect="equal")
        axes.axis("off")

    return paint


def _small(found: Collaboration, circle: _Circle, names: Mapping[str, str]) -> Callable[[Any], None]:
    def paint(axes: Any) -> None:
        for slot, (area, title) in enumerate(names.items()):
            centre = (slot % ACROSS * 2.4, -(slot // ACROSS) * ABOVE)
            own = [link for link in found.links if link.area == area]
            axes.add_patch(_ring(centre))
            _links(axes, own, circle, centre, 1.0, bold=0.6)
            _nodes(axes, found, circle, centre, 3)
            axes.text(centre[0], centre[1] + 1.14, f"{_folded(title)} ({len(own)})", ha="center", va="bottom", fontsize=LEAST)
        rows = -(-len(names) // ACROSS)
        axes.set(xlim=(-1.1, (ACROSS - 1) * 2.4 + 1.1), ylim=(-(rows - 1) * ABOVE - 1.1, 1.72), aspect="equal")
        axes.axis("off")

    return paint


def _links(axes: Any, links: Sequence[Link], circle: _Circle, centre: Point, radius: float, bold: float) -> None:
    """One line for each pair and kind of link, thicker for more areas."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    pairs: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for link in links:
        ends = (link.source, link.target)
        pairs[link.state if link.state in LINES else ""][(min(ends), max(ends)) if link.state == RECIPROCATED else ends] += 1
    for state, (colour, dashes, _) in reversed(LINES.items()):
        for (source, target), areas in sorted(pairs[state].items()):
            start, end = (_point(circle.angles[name], centre, 0.97 * radius) for name in (source, target))
            middle = tuple(c + SLACK * ((a + b) / 2 - c) for a, b, c in zip(start, end, centre, strict=True))
            path = Path([start, middle, end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
            width = bold * (0.5 + 0.3 * min(areas / (2 if state == RECIPROCATED else 1), 5))
            arrow = "-|>,head_length=3,head_width=1.4" if state == ONE_SIDED else "-"
            line: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": width, "alpha": 0.8, "joinstyle": "miter"}
            axes.add_patch(FancyArrowPatch(path=path, arrowstyle=arrow, mutation_scale=1.4 * bold, **line))


def _nodes(axes: Any, found: Collaboration, circle: _Circle, centre: Point, size: float) -> None:
    units = {link.target for link in found.links if link.state == UNIT}
    here = set(found.forces)
    for mark, chosen, filled in (
        ("o", [n for n in circle.angles if n in here], True),
        ("s", [n for n in circle.angles if n in units], False),
        ("o", [n for n in circle.angles if n not in here and n not in units], False),
    ):
        if chosen:
            xs, ys = zip(*(_point(circle.angles[n], centre, 1.0) for n in chosen), strict=True)
            axes.scatter(xs, ys, marker=mark, s=size, color=INK if filled else "#ffffff", edgecolors=INK, linewidths=0.6, zorder=4)


def _label(axes: Any, text: str, angle: float, size: float, weight: str) -> None:
    degrees = math.degrees(angle) % 360
    turned = 90 < degrees < 270
    x, y = _point(angle, (0, 0), 1.05)
    turn = {"rotation": degrees - 180 if turned else degrees, "rotation_mode": "anchor", "ha": "right" if turned else "left"}
    axes.text(x, y, text, va="center", fontsize=size, fontweight=weight, **turn)


def _ring(centre: Point) -> Any:
    from matplotlib.patches import Circle

    return Circle(centre, 1.0, facecolor="none", edgecolor="#b1b4b6", linewidth=0.5)


def _point(angle: float, centre: Point, radius: float) -> Point:
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def _short(name: str, suffixes: Sequence[str]) -> str:
    """A force without the word that says it is one: "Kent" for Kent Police."""
    ends = sorted((s for s in suffixes if name.endswith(" " + s)), key=len)
    return name.removesuffix(" " + ends[-1]) if ends else name


def _folded(title: str) -> str:
    """A title on two lines, as even as can be, where it is long."""
    words = title.split()
    ways = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return title if len(title) <= 22 or not ways else "\n".join(min(ways, key=lambda lines: max(map(len, lines))))
