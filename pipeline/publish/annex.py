"""The chapter's annex: behind every number the forces that it counts, behind every force its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pipeline.publish.behind import HEADLINE, brought, findings
from pipeline.publish.collaboration import Link as Naming
from pipeline.publish.document import Chapter, Content, Link
from pipeline.publish.forces import Force
from pipeline.publish.picture import Picture
from pipeline.publish.tables import LEVELS, Figure, Table
from pipeline.words import listed, place_of, uncapital

PLANNING: Final = "planning"
FORCES: Final = "forces"
REGION: Final = "region"
PRACTICE: Final = "practice"
UNQUOTED: Final = "unquoted"


def mark_of(what: str, row: int | str = "", column: int | str = "") -> str:
    """The bookmark of what is behind a headline, behind a row of a table, or behind one figure of it."""
    return "_".join(["behind", what, *(str(part) for part in (row, column) if part != "")])


def table_mark(number: str) -> str:
    """The bookmark of a table in the chapter."""
    return f"table_{number}"


def force_mark(force: int, area: int | str = "") -> str:
    """The bookmark of a force, or of an area's row among its cells."""
    return f"force_{force}" if area == "" else f"force_{force}_{area}"


def leading(figure: Figure, value: int | str | None, mark: str) -> Link:
    """The value of a figure, leading to what is behind it if anything is."""
    return Link(value, mark if figure.behind else "")


def write_annex(chapter: Chapter, picture: Picture) -> None:
    """Everything that the chapter's links lead to, on pages across."""
    chapter.turn()
    chapter.heading("Annex: behind the numbers")
    chapter.say(
        "For each number of the chapter the forces that it counts. A force leads to its cells, at the end of this annex. "
        "Behind a number in black stands no force, or what stands behind it is withheld."
    )
    _headlines(chapter, picture)
    for table in picture.tables:
        if any(f.behind for row in table.figures for f in row):
            _table(chapter, picture, table)
    if any(r.pairs for r in picture.collaboration.regions):
        _pairs(chapter, picture)
    if picture.planning:
        _planning(chapter, picture)
    if picture.practice.quotes:
        _practice(chapter, picture)
    _cells(chapter, picture)


def _headlines(chapter: Chapter, picture: Picture) -> None:
    shorts = {a.id: a.short for a in picture.pack.areas}
    chapter.heading("Headlines and findings", 2)
    for kind, one in ((kind, one) for kind, found in findings(picture) for one in found):
        areas = {n: [shorts[a] for a, _ in places] for n, places in one.figure.places.items()}
        told = {n: f" ({', '.join(found)})" if 0 < len(found) < len(shorts) else "" for n, found in areas.items()}
        if told:
            chapter.entry(
                mark_of(one.id),
                _named(f"Forces that {one.words}" if kind == HEADLINE else one.words, one.figure),
                force_links(picture, told),
            )


def _table(chapter: Chapter, picture: Picture, table: Table) -> None:
    number, areas = table.number, list(picture.areas)
    chapter.heading(f"Table {number}. {table.title}", 2)
    chapter.say(Link(f"Back to Table {number}", table_mark(number)), keep=True)
    for r, (row, name, figures) in enumerate(zip(table.rows, table.row_names, table.figures, strict=True)):
        if not any(f.behind for f in figures):
            continue
        chapter.heading(f"Table {number}: {uncapital(name)}", 3, mark_of(number, r))
        for c, (column, figure) in enumerate(zip(table.column_names, figures, strict=True)):
            if figure.behind:
                told = {n: f" {brought(picture, row, n, places)}" if number == "6" else "" for n, places in figure.places.items()}
                area = areas.index(table.columns[c]) if table.columns[c] in areas else ""
                chapter.entry(mark_of(number, r, c), _named(column, figure), force_links(picture, told, area))
        if table.forces and table.forces[r].behind:
            several = table.forces[r]
            told = dict.fromkeys(several.forces, "")
            chapter.entry(mark_of(number, r, FORCES), _named("Forces with one or more", several), force_links(picture, told))


def _pairs(chapter: Chapter, picture: Picture) -> None:
    numbers = {f.name: f.number for f in picture.forces}
    chapter.heading("Pairs linked within each region", 2)
    chapter.say(Link("Back to the regions", table_mark(REGION)), keep=True)
    for k, region in enumerate(picture.collaboration.regions):
        told: list[Content] = []
        for one, other in region.pairs:
            told += ["; "] * bool(told)
            told += [Link(one, force_mark(numbers[one])), " and ", Link(other, force_mark(numbers[other]))]
        if told:
            chapter.entry(mark_of(REGION, k), f"{region.name}, {len(region.pairs)}: ", told)


def _practice(chapter: Chapter, picture: Picture) -> None:
    """For each force how many of its cells; which they are, its own table shows."""
    chapter.heading("Notable practice", 2)
    found = picture.practice
    for mark, name, figure in ((PRACTICE, "Cells with the highest grade", found.cells), (UNQUOTED, "Cells not quoted", found.unquoted)):
        if figure.behind:
            told = {n: f" {len(places)}" for n, places in figure.places.items()}
            chapter.entry(mark_of(mark), _named(name, figure), force_links(picture, told))


def _planning(chapter: Chapter, picture: Picture) -> None:
    chapter.heading("Planning model", 2)
    chapter.say(Link("Back to the planning model", table_mark(PLANNING)), keep=True)
    for k, view in enumerate(picture.planning):
        chapter.heading(f"Planning model: {uncapital(view.stage.name)}", 3, mark_of(PLANNING, k))
        for c, (area, name) in enumerate(picture.areas.items()):
            told = {n: f" {_of(view.each[n, area])}" for n in picture.names}
            chapter.entry(mark_of(PLANNING, k, c), _named(name, view.by_area[area]), force_links(picture, told, c))
        told = {n: f" {_of(figure)}" for n, figure in view.by_force.items()}
        chapter.entry(mark_of(PLANNING, k, len(picture.areas)), _named("All areas", view.national), force_links(picture, told))


def _cells(chapter: Chapter, picture: Picture) -> None:
    pack = picture.pack
    chapter.heading("Force by force: the cells", 2)
    stages = " For each stage of the planning model: elements found, of those looked for." if picture.planning else ""
    chapter.say(f"Grades: {'; '.join(f'{g.grade} {uncapital(g.name)}' for g in pack.grades)}.{stages}")
    widths = (3.4, *([2.0] * (len(pack.areas) + 1)))
    for force in picture.forces:
        chapter.heading(force.name, 3, force_mark(force.number))
        heads = ["Criterion", *(a.short for a in pack.areas), "All areas"]
        marks = ["", *(force_mark(force.number, n) for n in range(len(pack.areas))), ""]
        chapter.table(f"The cells of {force.name}", heads, list(_rows(picture, force)), widths, marks=marks)
        for sentence in _findings(picture, force):
            chapter.say(sentence)


def _rows(picture: Picture, force: Force) -> Iterator[tuple[Any, ...]]:
    """Grades by criterion and area, then what the areas and the planning model have of each: areas stand across, as in the tables."""
    pack = picture.pack
    for criterion in pack.criteria:
        grades = (force.grades.get(a.id, {}).get(criterion.id) for a in pack.areas)
        yield criterion.short, *grades, force.criterion_grade(pack, criterion.id, picture.rule)
    yield "Area grade", *(force.area_grade(pack, a.id, picture.rule) for a in pack.areas), ""
    for name, levels in (("Need", force.need), ("Threat", force.threat)):
        yield name, *(LEVELS[levels[a.id]].capitalize() if a.id in levels else None for a in pack.areas), ""
    for view in picture.planning:
        yield view.stage.name, *(_of(view.each[force.number, a.id]) for a in pack.areas), _of(view.by_force[force.number])


def _findings(picture: Picture, force: Force) -> Iterator[str]:
    """What a force's findings rest on: governance with the places that show it, the mix of its orientation, whom it names."""
    found, shown = force.entry.get("governance") or {}, force.entry.get("governance_evidence") or {}
    words = {h.id: uncapital(h.words) for h in picture.governance}
    where = {f: f" ({shown[f]['file']}, {place_of(shown[f])})" if f in shown else "" for f in words}
    if words:
        yes, no = (listed(words[f] + where[f] for f in words if found.get(f) is answer) for answer in (True, False))
        yield f"Governance, found: {yes or 'none'}. Not found: {no or 'none'}."
    mix = {picture.criteria[c]: share for c, share in (force.entry.get("orientation_mix") or {}).items() if share}
    if mix:
        shares = listed(f"{name} {share:.0%}" for name, share in mix.items())
        yield f"Orientation: {force.entry['orientation']}, from the mix {shares}."
    if links := [x for x in picture.collaboration.links if x.source == force.name]:
        yield f"Names as partners: {'; '.join(_partners(picture, links))}."


def _partners(picture: Picture, links: list[Naming]) -> Iterator[str]:
    shorts = {a.id: a.short for a in picture.pack.areas}
    for target in dict.fromkeys(x.target for x in links):
        states: dict[str, list[str]] = {}
        for x in links:
            if x.target == target:
                states.setdefault(x.state + (", formal agreement" if x.agreed else ""), []).append(shorts[x.area])
        yield f"{target} ({'; '.join(', '.join(areas) + ': ' + state for state, areas in states.items())})"


def _named(name: str, figure: Figure) -> str:
    return f"{name}, {_of(figure)}: "


def _of(figure: Figure) -> str:
    return f"{figure.count} of {figure.out_of}"


def force_links(picture: Picture, told: Mapping[int, str], area: int | str = "") -> list[Content]:
    """Each force with what is told of it, leading to its cells, or to the row of an area."""
    texts: list[Any] = [", "] * (2 * len(told) - 1)
    texts[::2] = [Link(f"{picture.names[n]}{more}", force_mark(n, area)) for n, more in told.items()]
    return texts
