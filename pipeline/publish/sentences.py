"""What the national figures say, in sentences that each rest on figures named in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pipeline import words
from pipeline.publish.picture import Picture
from pipeline.publish.tables import COMPLIANT, LEVELS, Figure, Table

STATUS: Final = {"provisional": "Provisional", "validated": "Validated", "mixed": "Mixed", "given": "As given"}
STATUS_WORDS: Final = {
    "provisional": "These figures rest on grades that software proposed. No reviewer has yet accepted or replaced them.",
    "validated": "These figures rest on grades that reviewers have accepted or replaced.",
    "mixed": "These figures rest partly on grades that reviewers have settled, and partly on grades that software proposed.",
    "given": "These figures are counted from a table of grades. Who settled the grades is not said there.",
}


def headline_sentences(picture: Picture) -> list[str]:
    """One sentence for each headline count."""
    result = []
    for h in picture.headlines:
        says = h.words if h.figure.count != 1 else h.words.replace("have ", "has ", 1)
        result.append(f"{words.count_words(h.figure.count, 'force')} of {h.figure.out_of} ({_per_cent(h.figure)}) {says}.")
    return result


def together(picture: Picture) -> str:
    """What the read-across rests on, and what a public one cannot say."""
    found = picture.collaboration
    read = (
        "Who names whom as a partner, read from each force's own plans. "
        "A link is reciprocated when the partner's plans name the force too for that area."
    )
    if not found.withheld:
        return read
    return (
        f"{read} Only open documents count here; {words.count_words(found.withheld, 'naming')} of a partner for an area "
        f"{'was' if found.withheld == 1 else 'were'} withheld. So an area without an arrangement may have one, and it is not said "
        "which forces name nobody or are named by nobody."
    )


def standing_sentence(picture: Picture) -> str:
    """Which forces nobody names, and which name nobody; empty where that is not known."""
    found = picture.collaboration
    return "" if found.withheld else f"Nobody names: {listed(found.unnamed)}. Name nobody: {listed(found.silent)}."


def one_sided(picture: Picture) -> str:
    """How many links the partner's own plans do not bear out, and how many of these are agreed."""
    lone = picture.collaboration.one_sided()
    if not lone and picture.collaboration.withheld:
        return "The open documents show no such link."
    if not lone:
        return "Wherever both forces' plans are in this round, both name each other."
    agreed, many = sum(link.agreed for link in lone), len(lone) > 1
    if agreed == len(lone):
        rest = f"{'All are' if many else 'It is'} said to rest on a formal agreement."
    elif agreed:
        rest = f"Of these, {agreed:,} {'are' if agreed > 1 else 'is'} said to rest on a formal agreement."
    else:
        rest = f"{'None is' if many else 'It is not'} said to rest on a formal agreement."
    told = f"{words.count_words(len(lone), 'link')} {'are' if many else 'is'} named on one side only"
    return f"{told}: the partner's own plans do not name the force for that area. {rest} Help that only one side plans for may not come."


def visit_sentences(picture: Picture) -> list[str]:
    """One sentence for each candidate for a validation visit: the areas that ask for it, by what asks."""
    result = []
    for visit in picture.visits:
        by_reason: dict[str, list[str]] = {}
        for area, why in visit.reasons:
            by_reason.setdefault(why, []).append(words.uncapital(picture.areas[area]))
        result.append(f"{picture.names[visit.force]}: {'; '.join(f'{why} in {listed(names)}' for why, names in by_reason.items())}.")
    return result


def about(table: Table) -> str:
    """What a table says at its ends, where most and fewest forces stand, and which of its columns have no figures."""
    if not table.known:
        return "There are no figures."
    columns = zip(table.column_names, zip(*table.figures, strict=True), strict=True)
    gone = [words.uncapital(name) for name, figures in columns if not any(f.out_of for f in figures)]
    return " ".join(filter(None, (_ends(table), f"There are no figures for {listed(gone)}." if gone else "")))


def _ends(table: Table) -> str:
    number = table.number
    if number == "5":
        return _extremes(table.row_names, table.totals, "Plans fall short most often in", "least often in", "of cells")
    if number == "6":
        return ""
    row = table.rows.index(LEVELS[-1] if LEVELS[-1] in table.rows else COMPLIANT)
    most = "Plans meet the standard in most forces for" if COMPLIANT in table.rows else f"Most forces are at the level {LEVELS[-1]} for"
    return _extremes(table.column_names, table.figures[row], most, "in fewest for", "of forces")


def uncompared(picture: Picture) -> str:
    """Of how many forces it cannot be said whether provision follows need; empty where it can be said of all."""
    unknown = sum(n.need.tau is None for n in picture.needs)
    return f" For {words.count_words(unknown, 'force')} no order can be compared." if unknown else ""


def limits(picture: Picture) -> str:
    """Which levels are not known; empty where all that the round has are."""
    if not any(f.need or f.threat for f in picture.forces):
        return "No levels of need and threat are known here."
    withheld = any((f.entry.get("withheld") or {}).get("levels") for f in picture.forces)
    return "Only levels that open documents state count here." if withheld else ""


def alerted(picture: Picture) -> str:
    """What alerts rest on where that is not every level, and that there are none; empty where they speak for themselves."""
    if any(n.alerts for n in picture.needs):
        return limits(picture)
    none = "No area of high need has inadequate plans, and none of high threat is without one."
    return f"{known} So no alert can be ruled out." if (known := limits(picture)) else none


def proportion(picture: Picture) -> str:
    """Which areas are planned for out of proportion to their need, nationally; that nothing can be said where no need is known."""
    if not any(p.ratio for p in picture.proportions):
        return "No national figures on need are given, so none can be set beside provision."
    over, under = ([picture.areas[p.area] for p in picture.proportions if p.finding == finding] for finding in ("over", "under"))
    return f"Planned for beyond their part of need: {listed(over)}. Planned for less than their part of need: {listed(under)}."


def listed(names: Iterable[str]) -> str:
    """Names in a row, "none" when there is none."""
    return words.listed(names) or "none"


def _extremes(names: Sequence[str], figures: Sequence[Figure], most: str, fewest: str, of: str) -> str:
    known = [(f.percent, name) for f, name in zip(figures, names, strict=True) if f.percent is not None]
    if not known:
        return ""
    high, low = max(p for p, _ in known), min(p for p, _ in known)
    tops, bottoms = ([words.uncapital(n) for p, n in known if p == end] for end in (high, low))
    if high == low:
        return f"The share is the same throughout: {high}% {of}."
    return f"{most} {listed(tops)} ({high}% {of}), {fewest} {listed(bottoms)} ({low}%)."


def _per_cent(figure: Figure) -> str:
    return "–" if figure.percent is None else f"{figure.percent}%"
