"""The national tables and headline counts (handbook sections 5, 6 and 8): pure arithmetic, every figure with what lies behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.publish.forces import Force, basis
from rules.pack import Pack

LEVELS: Final = ("none", "low", "medium", "high")
"""Need and threat from 0 to 3, as national.json names them (formats.md)."""
COMPLIANT: Final = "compliant"
TOP: Final = 3

Place = tuple[int, str, str]
"""(force's number, area or "", criterion or ""): a cell, an area grade or a criterion grade that is counted in a figure."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as published: `count` of `out_of`, and the places counted. An index has the sum of its grades for `count`."""

    count: int
    out_of: int
    behind: tuple[Place, ...] = ()

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded half up; None of nothing."""
        return (200 * self.count + self.out_of) // (2 * self.out_of) if self.out_of else None

    @property
    def known_count(self) -> int | None:
        """The count; None of nothing."""
        return self.count if self.out_of else None

    @property
    def forces(self) -> tuple[int, ...]:
        """The numbers of the forces behind it, in the round's order."""
        return tuple(self.places)

    @property
    def places(self) -> dict[int, list[tuple[str, str]]]:
        """By force's number: the areas and criteria of its places, none where the force as a whole is counted."""
        found: dict[int, list[tuple[str, str]]] = {force: [] for force, _, _ in self.behind}
        for force, area, criterion in self.behind:
            if area or criterion:
                found[force].append((area, criterion))
        return found


@dataclass(frozen=True, slots=True)
class Table:
    """One of the numbered tables: `figures[row][column]`, and what each column's figures rest on (`forces.basis`)."""

    number: str
    title: str
    rows: tuple[str, ...]
    row_names: tuple[str, ...]
    columns: tuple[str, ...]
    column_names: tuple[str, ...]
    figures: tuple[tuple[Figure, ...], ...]
    basis: tuple[str, ...]
    totals: tuple[Figure, ...] = ()
    forces: tuple[Figure, ...] = ()
    """Forces with at least one inadequate cell of the row, in the table that counts them."""

    @property
    def known(self) -> bool:
        """Whether it holds any figure."""
        return any(f.out_of for row in self.figures for f in row)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline count of forces: its name in national.json, its words, the figure."""

    id: str
    words: str
    figure: Figure


Rows = Sequence[tuple[str, str, Callable[[int], bool]]]
"""(id, name, which values the row counts)."""
Valued = Iterable[tuple[Place, int | None]]


def tables(pack: Pack, forces: Sequence[Force], rule: str) -> tuple[Table, ...]:
    """The six tables. `rule` is a roll-up of the pack's (handbook section 5)."""
    areas, criteria = [a.id for a in pack.areas], [c.id for c in pack.criteria]
    area_names, criterion_names = tuple(a.name for a in pack.areas), tuple(c.short for c in pack.criteria)
    level_rows = [(name, name.capitalize(), _equal(n)) for n, name in enumerate(LEVELS)]
    grade_rows = [(g.id, g.name, _equal(g.grade)) for g in pack.grades]
    grade_rows.append((COMPLIANT, "Compliant", lambda grade: grade >= pack.roll_up.compliant_from))

    def level_table(number: str, title: str, levels: Callable[[Force], Mapping[str, int]]) -> Table:
        columns = {a: [((f.number, a, ""), levels(f).get(a)) for f in forces] for a in areas}
        given = basis(x for f in forces for row in f.entry["cells"].values() for x in row.values())
        rests = "given" if given == "given" else "provisional"
        return _shares(number, title, level_rows, columns, area_names, [rests] * len(areas))

    by_area = {a: [((f.number, a, ""), f.area_grade(pack, a, rule)) for f in forces] for a in areas}
    by_criterion = {c: [((f.number, "", c), f.criterion_grade(pack, c, rule)) for f in forces] for c in criteria}
    area_basis = [basis(x for f in forces for x in f.entry["cells"].get(a, {}).values()) for a in areas]
    criterion_basis = [basis(row[c] for f in forces for row in f.entry["cells"].values() if c in row) for c in criteria]
    return (
        level_table("1", "Threat as forces assess it, forces at each level", lambda f: f.threat),
        level_table("2", "Need as forces assess it, forces at each level", lambda f: f.need),
        _shares("3", "Grade of each area, forces at each grade", grade_rows, by_area, area_names, area_basis),
        _shares("4", "Grade of each criterion, forces at each grade", grade_rows, by_criterion, criterion_names, criterion_basis),
        _inadequate(pack, forces, area_basis),
        _indices(pack, forces, area_basis),
    )


def headlines(pack: Pack, forces: Sequence[Force], rule: str) -> tuple[Headline, ...]:
    """The headline counts of forces (handbook section 8), out of the forces of which each can be said."""
    many, standard = pack.national.many, pack.roll_up.compliant_from
    grades = {f.number: {a.id: f.area_grade(pack, a.id, rule) for a in pack.areas} for f in forces}
    lowest, below = pack.grades[0], pack.grades[1]

    def count(chosen: Callable[[Sequence[int]], bool], telling: Callable[[int], bool]) -> Figure:
        """The forces whose area grades are chosen, out of those for which no grade that is missing could change the answer; behind it the
        areas whose grade tells."""
        known = {n: {a: g for a, g in row.items() if g is not None} for n, row in grades.items()}
        answers = {n: {chosen([*row.values(), *[g.grade] * (len(pack.areas) - len(row))]) for g in pack.grades} for n, row in known.items()}
        sure = {n: answer.pop() for n, answer in answers.items() if len(answer) == 1}
        which = [n for n, answer in sure.items() if answer]
        return Figure(len(which), len(sure), tuple((n, a, "") for n in which for a, g in known[n].items() if telling(g)))

    return (
        Headline(
            "credible",
            "have credible plans in every area",
            count(lambda row: min(row) >= standard, lambda grade: grade >= standard),
        ),
        Headline(
            "no_evidence_somewhere",
            f"have an area graded {lowest.name.lower()}",
            count(lambda row: lowest.grade in row, _equal(lowest.grade)),
        ),
        Headline(
            "insufficient_somewhere",
            f"have an area graded {below.name.lower()}",
            count(lambda row: below.grade in row, _equal(below.grade)),
        ),
        Headline(
            "insufficient_in_five_or_more",
            f"have {many} or more areas graded {below.name.lower()}",
            count(lambda row: row.count(below.grade) >= many, _equal(below.grade)),
        ),
    )


def _equal(value: int) -> Callable[[int], bool]:
    return lambda other: other == value


def _shares(number: str, title: str, rows: Rows, columns: Mapping[str, Valued], names: tuple[str, ...], rests: Sequence[str]) -> Table:
    known = {column: [(place, value) for place, value in valued if value is not None] for column, valued in columns.items()}
    everything = [pair for pairs in known.values() for pair in pairs]

    def figure(pairs: Sequence[tuple[Place, int]], counts: Callable[[int], bool]) -> Figure:
        behind = tuple(place for place, value in pairs if counts(value))
        return Figure(len(behind), len(pairs), behind)

    return Table(
        number,
        title,
        tuple(row for row, _, _ in rows),
        tuple(name for _, name, _ in rows),
        tuple(known),
        names,
        tuple(tuple(figure(pairs, counts) for pairs in known.values()) for _, _, counts in rows),
        tuple(rests),
        tuple(figure(everything, counts) for _, _, counts in rows),
    )


def _inadequate(pack: Pack, forces: Sequence[Force], rests: Sequence[str]) -> Table:
    def figure(area: str, criterion: str) -> Figure:
        graded = [(f.number, f.grades[area][criterion]) for f in forces if criterion in f.grades.get(area, {})]
        behind = tuple((n, area, criterion) for n, grade in graded if grade < pack.roll_up.compliant_from)
        return Figure(len(behind), len(graded), behind)

    figures = tuple(tuple(figure(a.id, c.id) for a in pack.areas) for c in pack.criteria)
    totals = tuple(Figure(sum(x.count for x in row), sum(x.out_of for x in row), _behind(row)) for row in figures)
    return Table(
        "5",
        "Inadequate cells, forces whose plans fall short",
        tuple(c.id for c in pack.criteria),
        tuple(c.short for c in pack.criteria),
        tuple(a.id for a in pack.areas),
        tuple(a.name for a in pack.areas),
        figures,
        tuple(rests),
        totals,
        tuple(
            Figure(len(x.forces), len(forces), tuple((n, "", c.id) for n in x.forces)) for x, c in zip(totals, pack.criteria, strict=True)
        ),
    )


def _indices(pack: Pack, forces: Sequence[Force], rests: Sequence[str]) -> Table:
    def index(pairs: Sequence[tuple[Place, int]]) -> Figure:
        return Figure(sum(value for _, value in pairs), TOP * len(pairs), tuple(place for place, _ in pairs))

    areas = [a.id for a in pack.areas]
    rows = (
        tuple(index([((f.number, a, ""), f.threat[a]) for f in forces if a in f.threat]) for a in areas),
        tuple(index([((f.number, a, ""), f.need[a]) for f in forces if a in f.need]) for a in areas),
        tuple(index([((f.number, a, c), g) for f in forces for c, g in f.grades.get(a, {}).items()]) for a in areas),
    )
    names = ("threat", "need", "provision")
    title = "Threat, need and provision, index out of 100"
    return Table("6", title, names, tuple(map(str.capitalize, names)), tuple(areas), tuple(a.name for a in pack.areas), rows, tuple(rests))


def _behind(figures: Iterable[Figure]) -> tuple[Place, ...]:
    return tuple(place for figure in figures for place in figure.behind)
