"""The national picture as a chapter in Word, for editing: what the figures say, the tables, the charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.publish.annex import FORCES, force_mark, leading, mark_of, table_mark, write_annex
from pipeline.publish.chapter_sections import write_ladder, write_planning, write_practice, write_together
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
    proportion,
    uncompared,
    visit_sentences,
)
from pipeline.publish.tables import Headline, Table
from pipeline.store import write_whole
from pipeline.words import count_words


def write_chapter(picture: Picture, drawn: Mapping[str, Drawing], path: Path) -> None:
    """Writes the chapter whole. `drawn` holds the charts by id."""
    chapter = Chapter("National picture", STATUS[picture.basis], picture.marking)
    _opening(chapter, picture)
    _tables(chapter, picture, drawn)
    _against(chapter, picture, drawn)
    if picture.collaboration.links:
        write_together(chapter, picture, drawn)
    if picture.planning:
        write_planning(chapter, picture)
    if picture.practice.quotes:
        write_practice(chapter, picture)
    if len(picture.ladder.rounds) > 1:
        write_ladder(chapter, picture)
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
    chapter.points([_headline(h, sentence) for h, sentence in zip(picture.headlines, headline_sentences(picture), strict=True)])
    found = [*picture.governance, *picture.orientation, *picture.following]
    if found:
        rows = [
            (h.words, *(leading(h.figure, value, mark_of(h.id)) for value in (h.figure.count, h.figure.percent)), h.figure.out_of)
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
    row = [table.row_names[r], *(leading(f, f.count if counted else f.percent, f"{whole}_{c}") for c, f in enumerate(figures))]
    if table.totals:
        total, led = table.totals[r], whole if any(f.behind for f in figures) else ""
        row += [Link(value, led) for value in ((total.count, total.percent) if counted else (total.percent,))]
    return [*row, *(leading(f, f.count, f"{whole}_{FORCES}") for f in table.forces[r : r + 1])]


def _headline(headline: Headline, sentence: str) -> Sequence[Content]:
    """Its sentence, which begins with the number."""
    number, _, rest = sentence.partition(" ")
    return leading(headline.figure, number, mark_of(headline.id)), f" {rest}"


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


def _tau(tau: float | None, force: int) -> Content:
    """The agreement, leading to the levels and grades of the force that it is worked out from."""
    return "–" if tau is None else Link(f"{tau:.2f}".replace("-", "−"), force_mark(force))
