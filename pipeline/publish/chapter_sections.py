"""The chapter's sections on what the figures do not count: who works with whom, the planning model, notable practice, the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.publish.annex import PLANNING, PRACTICE, REGION, UNQUOTED, force_links, force_mark, leading, mark_of, table_mark
from pipeline.publish.document import Chapter, Link
from pipeline.publish.drawing import Drawing
from pipeline.publish.picture import Picture
from pipeline.publish.sentences import listed, one_sided, standing_sentence, together
from pipeline.words import count_words

MOST_LINKS: Final = 60
"""Links of the table in the chapter; the annex holds all."""


def write_together(chapter: Chapter, picture: Picture, drawn: Mapping[str, Drawing]) -> None:
    found, areas = picture.collaboration, picture.areas
    chapter.heading("Collaboration read-across")
    chapter.say(together(picture), keep=True)
    chapter.picture(drawn["chart-8"])
    chapter.picture(drawn["chart-9"])
    chapter.heading("Forces that many rely on", 2)
    numbers = {f.name: f.number for f in picture.forces}
    relied = [
        [f"{name} is named by {count_words(len(by), 'force')}: ", *force_links(picture, {numbers[n]: "" for n in by}), "."]
        for name, by in found.relied_on
    ]
    chapter.points(relied or ["None."])
    chapter.say(standing_sentence(picture))
    if found.clusters:
        chapter.say("Forces that name one another more than others:")
        chapter.points([f"{listed(group)}." for group in found.clusters])
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


def write_planning(chapter: Chapter, picture: Picture) -> None:
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


def write_practice(chapter: Chapter, picture: Picture) -> None:
    """One quote for each area and criterion: the first in the round's order that is settled, else the first."""
    found = picture.practice
    chapter.heading("Notable practice")
    chapter.say(
        "Cells with the highest grade: ",
        leading(found.cells, found.cells.count, mark_of(PRACTICE)),
        f" of {found.cells.out_of}. One quote is given for each area and criterion, from documents with an open marking only; the workbook "
        f"holds {count_words(len(found.quotes), 'quote')}. Not quoted, because only other documents show them: ",
        leading(found.unquoted, count_words(found.unquoted.count, "cell"), mark_of(UNQUOTED)),
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


def write_ladder(chapter: Chapter, picture: Picture) -> None:
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
