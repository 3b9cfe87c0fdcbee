"""The picture as plain tables, each with a heading for every column: what the workbook's sheets and the CSV files hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.publish.behind import ORIENTATION, findings
from pipeline.publish.need import Agreement, Proportion
from pipeline.publish.picture import Picture
from pipeline.publish.tables import LEVELS, Table
from pipeline.round import is_settled
from pipeline.words import count_words, listed, place_of

Rows = list[tuple[Any, ...]]
PLANNING, PLANNING_CELLS, PROPORTIONS = "planning-model", "planning-cells", "proportions"
FINDINGS, FORCE_FINDINGS, NEEDS, AREAS, CELLS = "findings", "force-findings", "need-against-provision", "areas", "cells"


@dataclass(frozen=True, slots=True)
class Listing:
    """A table: the name of its file and sheet, its title, its headings with a width in characters, its rows."""

    id: str
    sheet: str
    title: str
    columns: tuple[tuple[str, int], ...]
    rows: Rows


def listings(picture: Picture) -> Iterator[Listing]:
    """Every table of the picture, in the chapter's order, those too that have no row."""
    yield from (
        *(_numbered(table) for table in picture.tables),
        _findings(picture),
        _force_findings(picture),
        _visits(picture),
        _needs(picture),
        _alerts(picture),
        _proportions(picture),
        *_together(picture),
        _planning(picture),
        _planning_cells(picture),
        _practice(picture),
        _ladder(picture),
        _levels(picture),
        _cells(picture),
    )


def _numbered(table: Table) -> Listing:
    counted, index = table.number == "5", table.number == "6"
    first = "Index of 100" if index else "Forces" if counted else "% of forces"
    second = "Sum of grades" if index else "% of forces" if counted else "Forces"
    heads = [("Row", 24), ("Unit", 14), *((name, 13) for name in table.column_names)]
    if table.totals:
        heads += [("All cells" if counted else "All", 10)]
    if table.forces:
        heads += [("Forces with one or more", 13)]
    rows: Rows = []
    for unit, percent in ((first, not counted), (second, counted)):
        for n, name in enumerate(table.row_names):
            figures = (*table.figures[n], *table.totals[n : n + 1], *table.forces[n : n + 1])
            rows.append((name, unit, *(f.percent if percent else f.known_count for f in figures)))
    rows.append(
        (
            "Out of",
            "Sum of grades" if index else "Forces",
            *(f.out_of for f in (*table.figures[-1], *table.totals[-1:], *table.forces[-1:])),
        )
    )
    rows.append(("Grades are", "", *table.basis))
    return Listing(f"table-{table.number}", f"Table {table.number}", f"Table {table.number}. {table.title}", tuple(heads), rows)


def _findings(picture: Picture) -> Listing:
    names = picture.names
    rows: Rows = []
    for kind, found in findings(picture):
        for h in found:
            rows.append((kind, h.words, h.figure.count, h.figure.out_of, h.figure.percent, _list(names[n] for n in h.figure.forces)))
    columns = (("Kind", 20), ("Finding", 50), ("Forces", 9), ("Of", 7), ("%", 7), ("Which", 90))
    return Listing(FINDINGS, "Findings", "Headlines and findings", columns, rows)


def _force_findings(picture: Picture) -> Listing:
    rows: Rows = []
    for force in picture.forces:
        found, shown = force.entry.get("governance") or {}, force.entry.get("governance_evidence") or {}
        for one in (h for h in picture.governance if h.id in found):
            quote = shown.get(one.id)
            rows.append((force.name, one.words, _yes(found[one.id]), *((quote["quote"], quote["file"], place_of(quote)) if quote else ())))
        if picture.orientation and (answer := force.entry.get("orientation")):
            mix = force.entry.get("orientation_mix") or {}
            rows.append((force.name, ORIENTATION, answer.capitalize(), _list(f"{picture.criteria[c]} {x:.0%}" for c, x in mix.items())))
    columns = (("Force", 30), ("Finding", 50), ("Answer", 12), ("Shown by", 80), ("File", 26), ("Place", 12))
    return Listing(FORCE_FINDINGS, "Force findings", "Governance and orientation of each force, with what shows them", columns, rows)


def _visits(picture: Picture) -> Listing:
    rows: Rows = [(picture.names[v.force], picture.areas[area], why) for v in picture.visits for area, why in v.reasons]
    columns = (("Force", 30), ("Area", 42), ("Why", 70))
    return Listing("visits", "Visits", "Candidates for a validation visit, with the areas that ask for it", columns, rows)


def _needs(picture: Picture) -> Listing:
    names, areas = picture.names, picture.areas

    def broken(found: Agreement, thin: bool) -> str:
        return _list(f"{areas[b.area]} ({b.richer if thin else b.poorer})" for b in found.breaks if b.thin == thin)

    rows: Rows = [
        (
            names[n.force],
            *(x for found in (n.need, n.threat) for x in (_rounded(found.tau), _yes(found.follows))),
            broken(n.need, True),
            broken(n.need, False),
            n.need.why,
            _list(areas[a] for a in n.resourced),
            _list(areas[a] for a in n.starved),
        )
        for n in picture.needs
    ]
    columns = (
        ("Force", 28), ("Need, tau-b", 9), ("Follows need", 9), ("Threat, tau-b", 9), ("Follows threat", 9),
        ("Plans too thin for their need", 40), ("Plans strong for their need", 40), ("Why not compared", 30),
        ("Resourced at low or no need", 34), ("Not resourced at high need", 34),
    )  # fmt: skip
    return Listing(NEEDS, "Need v provision", "Need against provision, force by force", columns, rows)


def _alerts(picture: Picture) -> Listing:
    names = picture.names
    rows: Rows = [(names[n.force], alert.text) for n in picture.needs for alert in n.alerts]
    return Listing("alerts", "Alerts", "Alerts", (("Force", 30), ("Alert", 90)), rows)


def _proportions(picture: Picture) -> Listing:
    areas = picture.areas
    words = {"over": "More than its part of need", "under": "Less than its part of need"}

    def found(p: Proportion) -> str:
        return words.get(p.finding, "In proportion" if p.ratio else "Nothing to compare with")

    rows: Rows = [(areas[p.area], p.need, p.provision, _rounded(p.ratio), found(p)) for p in picture.proportions]
    columns = (("Area", 42), ("Need, index", 10), ("Provision, index", 10), ("Part of provision over part of need", 16), ("Provision", 30))
    return Listing(PROPORTIONS, "Proportions", "Areas planned for out of proportion, nationally", columns, rows)


def _together(picture: Picture) -> Iterator[Listing]:
    found, areas = picture.collaboration, picture.areas
    links: Rows = [(x.source, x.target, areas[x.area], x.state, "Yes" if x.agreed else "Not quoted") for x in found.links]
    columns = (("Force", 30), ("Names", 34), ("For", 42), ("Said by", 30), ("Formal agreement", 16))
    yield Listing("links", "Links", "Collaboration: who names whom for which area", columns, links)
    naming = dict(found.relied_on)
    standing: Rows = [(name, "Many rely on it", count_words(len(by), "force"), _list(by)) for name, by in naming.items()]
    standing += [(name, "Nobody names it", "", "") for name in found.unnamed] + [(name, "Names nobody", "", "") for name in found.silent]
    standing += [(name, "Name one another", "", _list(x for x in group if x != name)) for group in found.clusters for name in group]
    yield Listing("standing", "Standing", "Forces that many rely on, that nobody names, that name nobody, that name one another",
                  (("Force", 34), ("Finding", 18), ("Named by", 12), ("Which", 90)), standing if links else [])  # fmt: skip
    regions: Rows = [
        (
            r.name,
            _list(r.forces),
            len(r.pairs),
            "; ".join(map(listed, r.pairs)),
            _list(areas[a] for a in r.gaps),
            _list(areas[a] for a in r.outside),
        )
        for r in found.regions
    ]
    heads = (
        ("Region", 26), ("Forces in this round", 60), ("Pairs linked", 9), ("Which pairs", 60), ("Areas without an arrangement", 50),
        ("Of these, partners outside only", 40),
    )  # fmt: skip
    yield Listing("regions", "Regions", "Collaboration within each region", heads, regions if links else [])


def _planning(picture: Picture) -> Listing:
    areas = [a.id for a in picture.pack.areas]
    rows: Rows = [("All forces", v.stage.name, *(v.by_area[a].percent for a in areas), v.national.percent) for v in picture.planning]
    rows += [
        (f.name, v.stage.name, *(v.each[f.number, a].percent for a in areas), v.by_force[f.number].percent)
        for f in picture.forces
        for v in picture.planning
    ]
    columns = (("Force", 28), ("Stage", 14), *((a.name, 13) for a in picture.pack.areas), ("All", 8))
    return Listing(PLANNING, "Planning model", "Planning model: elements found of those looked for (%)", columns, rows)


def _planning_cells(picture: Picture) -> Listing:
    names, areas, criteria = picture.names, picture.areas, picture.criteria
    rows: Rows = [
        (names[force], view.stage.name, areas[c.area], criteria[c.criterion], len(c.found), c.looked_for, _list(c.found), _list(c.missing))
        for force in names
        for view in picture.planning
        for area in areas
        for c in view.cells[force, area]
    ]
    columns = (
        ("Force", 28), ("Stage", 14), ("Area", 38), ("Criterion", 24), ("Found", 8), ("Looked for", 8), ("Which", 50), ("Not found", 50),
    )  # fmt: skip
    return Listing(PLANNING_CELLS, "Planning cells", "Planning model: the cells behind it", columns, rows)


def _practice(picture: Picture) -> Listing:
    names, areas = picture.names, picture.areas
    criteria = picture.criteria
    rows: Rows = [
        (
            areas[q.area],
            criteria[q.criterion],
            names[q.force],
            q.quote,
            q.file,
            q.place,
            _list(q.elements),
            _yes(q.settled),
        )
        for q in picture.practice.quotes
    ]
    columns = (
        ("Area", 24),
        ("Criterion", 20),
        ("Force", 24),
        ("Quote", 70),
        ("File", 26),
        ("Place", 12),
        ("Shows", 24),
        ("Settled by a reviewer", 12),
    )
    return Listing("notable-practice", "Notable practice", "Notable practice, from documents with an open marking", columns, rows)


def _ladder(picture: Picture) -> Listing:
    names, areas = picture.names, picture.areas
    short = {(c.id, e.id): e.short for c in picture.pack.criteria for e in c.elements}
    rows: Rows = [
        (
            names[r.force], areas[s.area], s.rounds, *s.grades, _list(short[m] for m in s.missing),
            "\n".join(f"{t.round}: “{t.words}” ({t.source})" for t in s.tried),
        )
        for r in picture.ladder.rungs
        for s in r.areas
    ]  # fmt: skip
    rounds = tuple((name, 10) for name in picture.ladder.rounds)
    columns = (("Force", 28), ("Area", 30), ("Rounds below standard", 10), *rounds, ("Missing then and now", 40), ("What was tried", 80))
    return Listing("support-ladder", "Support ladder", "Support ladder: areas that stay below standard", columns, rows)


def _levels(picture: Picture) -> Listing:
    def word(level: int | None) -> str:
        return "" if level is None else LEVELS[level]

    rows: Rows = [
        (f.name, a.name, word(f.threat.get(a.id)), word(f.need.get(a.id)), f.area_grade(picture.pack, a.id, picture.rule))
        for f in picture.forces
        for a in picture.pack.areas
    ]
    return Listing(AREAS, "Areas", "Threat, need and area grade of each force",
                   (("Force", 30), ("Area", 42), ("Threat", 10), ("Need", 10), ("Area grade", 10)), rows)  # fmt: skip


def _cells(picture: Picture) -> Listing:
    areas, criteria = picture.areas, picture.criteria
    rows: Rows = [
        (f.name, areas[a], criteria[c], grade, f.cell(a, c).get("status", "provisional"), _yes(is_settled(f.cell(a, c))))
        for f in picture.forces
        for a, c, grade in f.cells()
    ]
    columns = (("Force", 30), ("Area", 42), ("Criterion", 28), ("Grade", 8), ("Status", 18), ("Settled by a reviewer", 14))
    return Listing(CELLS, "Cells", "Every cell behind the figures", columns, rows)


def _list(items: Any) -> str:
    return ", ".join(map(str, items))


def _yes(true: bool) -> str:
    return "Yes" if true else "No"


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
