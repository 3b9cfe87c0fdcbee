"""The national picture as a chapter in Word, for editing: what the figures say, the tables, the charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.publish.annex import FORCES, PLANNING, PRACTICE, REGION, UNQUOTED, force_mark, mark_of, table_mark, write_annex
from pipeline.publish.document import Chapter, Content, Link, breadth
from pipeline.publish.drawing import Drawing
from pipeline.publish.picture import LOWEST, Picture
from pipeline.publish.sentences import (
    STATUS,
    STATUS_WORDS,
    about,
    alerted,
    headline_sentences,
    listed,
    one_sided,
    proportion,
    standing_sentence,
    together,
    uncompared,
    visit_sentences,
)
from pipeline.publish.tables import Figure, Headline, Table
from pipeline.store import write_whole
from pipeline.words import count_words

MOST_LINKS: Final = 60
"""Links of the table in the chapter; the annex holds all."""


def write_chapter(picture: Picture, drawn: Mapping[str, Drawing], path: Path) -> None:
    """Writes the chapter whole. `drawn` holds the charts by id."""
    chapter = Chapter("National picture", STATUS[picture.basis], picture.marking)
    _opening(chapter, picture)
    _tables(chapter, picture, drawn)
    _against(chapter, picture, drawn)
    if picture.collaboration.links:
        _together(chapter, picture, drawn)
    if picture.planning:
        _planning(chapter, picture)
    if picture.practice.quotes:
        _practice(chapter, picture)
    if len(picture.ladder.rounds) > 1:
        _ladder(chapter, picture)
    chapter.heading("Force by force")
    for name, chart in drawn.items():
        if name.startswith("chart-7"):
            chapter.picture(chart)
    write_annex(chapter, picture)
    write_whole(path, chapter.content())


def _opening(chapter: Chapter, picture: Picture) -> None:
    strict = " The roll-up is strict: an area or criterion has the grade of its lowest cell." if picture.rule == LOWEST else ""
    chapter.say(
        f"{STATUS[picture.basis]}. {STATUS_WORDS[picture.basis]}{strict} They judge plans and planning, not performance.",
        style="Intense Quote",
    )
    chapter.say(picture.unmarked or picture.withheld)
    chapter.points([f"{what}: {value}" for what, value in picture.source])
    chapter.heading("Headlines")
    chapter.points([_leading(h, sentence) for h, sentence in zip(picture.headlines, headline_sentences(picture), strict=True)])
    found = [*picture.governance, *picture.orientation, *picture.following]
    if found:
        rows = [
            (h.words, *(_to(h.figure, value, mark_of(h.id)) for value in (h.figure.count, h.figure.percent)), h.figure.out_of)
            for h in found
        ]
        title = "Governance, orientation, need against provision: forces with each finding"
        chapter.table(title, ("Finding", "Forces", "%", "Of"), rows, (10, 2, 2, 2))
    chapter.heading("Validation visits", 2)
    visited = [
        (Link(picture.names[v.force], force_mark(v.force)), sentence.removeprefix(picture.names[v.force]))
        for v, sentence in zip(picture.visits, visit_sentences(picture), strict=True)
    ]
    chapter.points(visited or ["No force is a candidate for a validation visit."])
    problems = [*picture.left_out, *picture.problems]
    if problems:
        chapter.heading("Problems with this round", 2)
        chapter.points(problems)
    chapter.heading("How to read the tables", 2)
    shorts = "; ".join(f"{a.short}: {a.name}" for a in picture.pack.areas if a.short != a.name)
    chapter.say(
        f"Per cents are whole numbers, rounded half up. Inadequate means grade 0 or 1, compliant grade 2 or 3. {shorts}. "
        "A number in blue leads to the annex, which lists the forces and cells behind it. A number in black has none."
    )


def _tables(chapter: Chapter, picture: Picture, drawn: Mapping[str, Drawing]) -> None:
    headings = {"1": "Threat and need, as forces assess them", "3": "Plans by area", "4": "Plans by criterion"}
    for table in picture.tables[:5]:
        if table.number in headings:
            chapter.heading(headings[table.number])
        chapter.heading(table.title, 2)
        chapter.say(about(table), keep=table.known)
        if table.known:
            chapter.picture(drawn[f"chart-{table.number}"])
            _table(chapter, picture, table)


def _table(chapter: Chapter, picture: Picture, table: Table) -> None:
    shorts = {a.id: a.short for a in picture.pack.areas} | {c.id: c.short for c in picture.pack.criteria}
    what = {"1": "Level", "2": "Level", "5": "Criterion", "6": "Index"}.get(table.number, "Grade")
    columns = [what, *(shorts[c] for c in table.columns)]
    widths = [3.2 if table.columns[0] in picture.areas else 2.1, *map(breadth, columns[1:])]
    counted = table.number == "5"
    unit = {"5": "number of forces", "6": "index"}.get(table.number, "% of forces")
    if counted:
        columns, widths = [*columns, "All cells", "%", "Forces with one or more"], [*widths, 1.2, 0.9, 1.7]
    elif table.totals:
        columns, widths = [*columns, "All"], [*widths, 1.0]
    rows = [_row(table, r, counted) for r in range(len(table.rows))]
    states = set(table.basis)
    if len(states) > 1:
        rows.append(["Grades are", *(STATUS[b].lower() for b in table.basis), *([""] * (len(columns) - 1 - len(table.basis)))])
    said = f"; {STATUS[table.basis[0]].lower()}" if len(states) == 1 else ""
    chapter.table(f"Table {table.number}. {table.title} ({unit}{said})", columns, rows, widths, table_mark(table.number))


def _row(table: Table, r: int, counted: bool) -> list[Any]:
    """A row's name and numbers, each leading to what is behind it."""
    figures, whole = table.figures[r], mark_of(table.number, r)
    row = [table.row_names[r], *(_to(f, f.count if counted else f.percent, f"{whole}_{c}") for c, f in enumerate(figures))]
    if table.totals:
        total, led = table.totals[r], whole if any(f.behind for f in figures) else ""
        row += [Link(value, led) for value in ((total.count, total.percent) if counted else (total.percent,))]
    return [*row, *(_to(f, f.count, f"{whole}_{FORCES}") for f in table.forces[r : r + 1])]


def _to(figure: Figure, value: int | str | None, mark: str) -> Link:
    """The value of a figure, leading to what is behind it if anything is."""
    return Link(value, mark if figure.behind else "")


def _leading(headline: Headline, sentence: str) -> Sequence[Content]:
    """Its sentence, which begins with the number."""
    number, _, rest = sentence.partition(" ")
    return _to(headline.figure, number, mark_of(headline.id)), f" {rest}"


def _against(chapter: Chapter, picture: Picture, drawn: Mapping[str, Drawing]) -> None:
    chapter.heading("Need against provision")
    need, threat = (Link(count_words(h.figure.count, "force"), mark_of(h.id) if h.figure.behind else "") for h in picture.following)
    after = f" of {len(picture.needs)}, and threat in ", threat, f".{uncompared(picture)} {proportion(picture)}"
    chapter.say("Provision follows need in ", need, *after, keep=True)
    if "chart-6" in drawn:
        chapter.picture(drawn["chart-6"])
    _table(chapter, picture, picture.tables[5])
    names, areas = {f.number: Link(f.name, force_mark(f.number)) for f in picture.forces}, picture.areas
    rows = [(names[n.force], alert.text) for n in picture.needs for alert in n.alerts]
    chapter.heading("Alerts", 2)
    chapter.say(alerted(picture), keep=bool(rows))
    if rows:
        chapter.table("Alerts: high need with inadequate plans, high threat with none", ("Force", "Alert"), rows, (4, 12))
    if any(n.starved for n in picture.needs):
        chapter.heading("Resources where need is low", 2)
        astray = [
            (names[n.force], listed(areas[a] for a in n.resourced), listed(areas[a] for a in n.starved)) for n in picture.needs if n.starved
        ]
        columns = ("Force", "Resourced at low or no need", "Not resourced at high need")
        chapter.table("Resources to the standard at low need, and not at high need", columns, astray, (4, 7, 6))
    chapter.heading("Rank agreement", 2)
    cut = picture.pack.national.follows_from
    chapter.say(
        f"Provision is said to follow where Kendall's tau-b, over the areas of a force, is {cut} or more; 1 is the same order, 0 none.",
        keep=True,
    )
    ranks = [
        (
            names[n.force],
            *(_tau(x.tau, n.force) for x in (n.need, n.threat)),
            n.need.why or listed(areas[b.area] for b in n.need.breaks if b.thin),
        )
        for n in picture.needs
    ]
    chapter.table(
        "Rank agreement of provision with need and threat",
        ("Force", "Need", "Threat", "Plans too thin for their need"),
        ranks,
        (4, 1.5, 1.5, 9),
    )


def _together(chapter: Chapter, picture: Picture, drawn: Mapping[str, Drawing]) -> None:
    found, areas = picture.collaboration, picture.areas
    chapter.heading("Collaboration read-across")
    chapter.say(together(picture), keep=True)
    chapter.picture(drawn["chart-8"])
    chapter.picture(drawn["chart-9"])
    chapter.heading("Forces that many rely on", 2)
    chapter.points([f"{name} is named by {count_words(len(by), 'force')}: {listed(by)}." for name, by in found.relied_on] or ["None."])
    chapter.say(standing_sentence(picture))
    regions = [
        (
            r.name,
            listed(r.forces),
            Link(len(r.pairs), mark_of(REGION, k) if r.pairs else ""),
            listed(areas[a] for a in r.gaps) if r.id and len(r.forces) > 1 else "–",
        )
        for k, r in enumerate(found.regions)
    ]
    heads = ("Region", "Forces in this round", "Pairs linked", "Areas without an arrangement in the region")
    chapter.table("Arrangements within each region", heads, regions, (3, 6, 1.6, 6), table_mark(REGION))
    lone = found.one_sided()
    chapter.heading("Named on one side only", 2)
    chapter.say(one_sided(picture))
    if lone:
        shown = sorted(lone, key=lambda x: not x.agreed)[:MOST_LINKS]
        rest = f", {len(shown)} of {len(lone)}; the annex names all" if len(shown) < len(lone) else ""
        rows = [(x.source, x.target, areas[x.area], "Yes" if x.agreed else "Not quoted") for x in shown]
        chapter.table(f"Links named on one side only{rest}", ("Force", "Names", "For", "Formal agreement"), rows, (4, 4, 5, 2.4))


def _planning(chapter: Chapter, picture: Picture) -> None:
    chapter.heading("Planning model")
    chapter.say("The elements of all criteria seen as stages of planning: how many of those looked for were found, in per cent.", keep=True)
    shorts = [a.short for a in picture.pack.areas]
    rows = [
        (v.stage.name, *(Link(f.percent, mark_of(PLANNING, k, c)) for c, f in enumerate((*v.by_area.values(), v.national))))
        for k, v in enumerate(picture.planning)
    ]
    title, widths = "Elements found by stage and area (%)", (2.4, *([1.0] * len(shorts)), 1.0)
    chapter.table(title, ("Stage", *shorts, "All"), rows, widths, table_mark(PLANNING))
    each = [
        [Link(value, force_mark(f.number)) for value in (f.name, *(v.by_force[f.number].percent for v in picture.planning))]
        for f in picture.forces
    ]
    heads = ("Force", *(v.stage.name for v in picture.planning))
    chapter.table("Elements found by stage and force (%)", heads, each, (4, *([2.0] * len(picture.planning))))


def _practice(chapter: Chapter, picture: Picture) -> None:
    """One quote for each area and criterion: the first in the round's order that is settled, else the first."""
    found = picture.practice
    chapter.heading("Notable practice")
    chapter.say(
        "Cells with the highest grade: ",
        _to(found.cells, found.cells.count, mark_of(PRACTICE)),
        f" of {found.cells.out_of}. One quote is given for each area and criterion, from documents with an open marking only; the workbook "
        f"holds {count_words(len(found.quotes), 'quote')}. Not quoted, because only other documents show them: ",
        _to(found.unquoted, count_words(found.unquoted.count, "cell"), mark_of(UNQUOTED)),
        ".",
    )
    for area, name in picture.areas.items():
        own = sorted((q for q in found.quotes if q.area == area), key=lambda q: not q.settled)
        if own:
            chapter.heading(name, 2)
        for criterion, short in picture.criteria.items():
            if quote := next((q for q in own if q.criterion == criterion), None):
                chapter.heading(short, 3)
                chapter.say(f"“{quote.quote}”", style="Quote")
                chapter.say(f"{picture.names[quote.force]}, {quote.file}, {quote.place}. Shows: {listed(quote.elements)}.")


def _ladder(chapter: Chapter, picture: Picture) -> None:
    ladder, short = picture.ladder, {(c.id, e.id): e.short for c in picture.pack.criteria for e in c.elements}
    chapter.heading("Support ladder")
    chapter.say(f"Areas below standard in this round and in the one before. Rounds: {listed(ladder.rounds)}.")
    if not ladder.rungs:
        chapter.say("No force stays below standard in an area.")
    for rung in ladder.rungs:
        chapter.heading(f"{picture.names[rung.force]}: {count_words(rung.rounds, 'round')} below standard", 2)
        if rung.risen:
            chapter.say(f"Has since reached the standard in {listed(picture.areas[a] for a in rung.risen)}.")
        rows = [
            (
                picture.areas[s.area],
                " → ".join("–" if g is None else str(g) for g in s.grades),
                listed(short[m] for m in s.missing),
                "\n".join(f"{t.round}: “{t.words}” ({t.source})" for t in s.tried) or "Nothing is shown",
            )
            for s in rung.areas
        ]
        chapter.table("Areas that stay below standard", ("Area", "Grades", "Missing then and now", "What was tried"), rows, (3, 1.6, 4, 8))


def _tau(tau: float | None, force: int) -> Content:
    """The agreement, leading to the levels and grades of the force that it is worked out from."""
    return "–" if tau is None else Link(f"{tau:.2f}".replace("-", "−"), force_mark(force))
