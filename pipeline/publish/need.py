"""Need against provision (handbook section 6, the third test): are plans most sufficient where need is highest?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from pipeline.findings import alerts
from pipeline.publish.forces import Force
from pipeline.publish.tables import LEVELS, Figure, Headline, Table
from rules.pack import Pack

LOW: Final = LEVELS.index("low")
UNRANKED_LEVELS: Final = "Every area is at the same level, so there is no order that provision could follow."
UNRANKED_PLANS: Final = "Provision is the same in every area, so it follows no order."
UNRANKED_FEW: Final = "Fewer than two areas have both a level and a grade in every cell, so there is no order to compare."


@dataclass(frozen=True, slots=True)
class Break:
    """An area that stands more often against the order of need (or threat) than with it."""

    area: str
    level: int
    provision: int
    """Sum of the area's cell grades."""
    richer: int
    """Areas of lower level whose plans are graded higher."""
    poorer: int
    """Areas of higher level whose plans are graded lower."""

    @property
    def thin(self) -> bool:
        """Whether the plans are rather too thin for the level than too strong."""
        return self.richer >= self.poorer


@dataclass(frozen=True, slots=True)
class Agreement:
    """Kendall's tau-b of levels and provision over the areas, -1 to 1; None where `why` says that no order can be compared."""

    tau: float | None
    follows: bool
    breaks: tuple[Break, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A shortfall where it matters most: the area and the sentence."""

    area: str
    text: str


@dataclass(frozen=True, slots=True)
class ForceNeed:
    """The third test for one force. `resourced` are areas of low or no need whose resources meet the standard while `starved` ones, of
    high need, do not; both are empty unless there are such on both sides."""

    force: int
    need: Agreement
    threat: Agreement
    alerts: tuple[Alert, ...]
    resourced: tuple[str, ...]
    starved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proportion:
    """An area's part of all provision over its part of all need, nationally: 1 is in proportion."""

    area: str
    need: int | None
    provision: int | None
    """Indices out of 100, as in Table 6; None where they are not known."""
    ratio: float | None
    """None where there is no need, or none that is known."""
    finding: str
    """`over`, `under` or "" (in proportion)."""


def force_need(pack: Pack, force: Force, rule: str) -> ForceNeed:
    """Alerts, rank agreement and misplaced resources of one force."""
    grades = {a.id: g for a in pack.areas if (g := force.area_grade(pack, a.id, rule)) is not None}
    provision = {a: sum(force.grades[a].values()) for a in grades}
    areas, scale = {a.id: a.name for a in pack.areas}, {g.grade: g.name for g in pack.grades}
    told = [Alert(a, text) for a, g in grades.items() for text in alerts(pack.roll_up, areas, scale, {a: g}, force.need, force.threat)]
    criterion = pack.national.resources.split(".")[0]
    resources = {a: row[criterion] for a, row in force.grades.items() if criterion in row and a in force.need}
    standard = pack.roll_up.compliant_from
    resourced = tuple(a for a, g in resources.items() if force.need[a] <= LOW and g >= standard)
    starved = tuple(a for a, g in resources.items() if force.need[a] >= pack.roll_up.alert_need and g < standard)
    both = bool(resourced and starved)
    return ForceNeed(
        force.number,
        agreement(force.need, provision, pack.national.follows_from),
        agreement(force.threat, provision, pack.national.follows_from),
        tuple(told),
        resourced if both else (),
        starved if both else (),
    )


def following(needs: Sequence[ForceNeed]) -> tuple[Headline, ...]:
    """In how many forces provision follows need, and threat."""
    found = {"need": [n.force for n in needs if n.need.follows], "threat": [n.force for n in needs if n.threat.follows]}
    return tuple(
        Headline(f"follows_{kind}", f"Provision follows {kind}", Figure(len(who), len(needs), tuple((n, "", "") for n in who)))
        for kind, who in found.items()
    )


def agreement(levels: Mapping[str, int], provision: Mapping[str, int], follows_from: float) -> Agreement:
    """How far provision is ordered as the levels are, over the areas that have both; ties are counted as tau-b does."""
    from scipy.stats import kendalltau

    areas = [a for a in provision if a in levels]
    if len(areas) < 2:
        return Agreement(None, False, (), UNRANKED_FEW)
    x, y = [levels[a] for a in areas], [provision[a] for a in areas]
    if len(set(x)) == 1 or len(set(y)) == 1:
        return Agreement(None, False, (), UNRANKED_LEVELS if len(set(x)) == 1 else UNRANKED_PLANS)
    tau = float(kendalltau(x, y).statistic)
    return Agreement(tau, tau >= follows_from - 1e-9, _breaks(areas, levels, provision))


def proportions(pack: Pack, indices: Table) -> tuple[Proportion, ...]:
    """Table 6 read the other way: which areas have more or less of all provision than their part of all need.

    Areas of which no need is known are compared with nothing.
    """
    need, provision = (indices.figures[indices.rows.index(row)] for row in ("need", "provision"))
    both = [(n, p) for n, p in zip(need, provision, strict=True) if n.out_of and p.out_of]
    all_need, all_provision = (sum(f.count / f.out_of for f in figures) for figures in zip(*both, strict=True)) if both else (0.0, 0.0)
    result = []
    for area, n, p in zip(indices.columns, need, provision, strict=True):
        known = bool(n.out_of and p.out_of and all_need and all_provision)
        ratio = (p.count / p.out_of / all_provision) / (n.count / n.out_of / all_need) if known and n.count else None
        finding = _finding(ratio, p.count, pack.national.out_of_proportion) if known else ""
        result.append(Proportion(area, n.percent, p.percent, ratio, finding))
    return tuple(result)


def _finding(ratio: float | None, provision: int, cut: float) -> str:
    if ratio is None or ratio >= 1 + cut:
        return "over" if provision else ""
    return "under" if ratio <= 1 - cut else ""


def _breaks(areas: Sequence[str], levels: Mapping[str, int], provision: Mapping[str, int]) -> tuple[Break, ...]:
    richer, poorer, agree = (dict.fromkeys(areas, 0) for _ in range(3))
    for a, b in combinations(areas, 2):
        sign = (levels[a] - levels[b]) * (provision[a] - provision[b])
        if sign > 0:
            agree[a] += 1
            agree[b] += 1
        elif sign < 0:
            high, low = (a, b) if levels[a] > levels[b] else (b, a)
            richer[high] += 1
            poorer[low] += 1
    broken = [Break(a, levels[a], provision[a], richer[a], poorer[a]) for a in areas if richer[a] + poorer[a] > agree[a]]
    return tuple(sorted(broken, key=lambda one: -math.fsum((one.richer, one.poorer))))
