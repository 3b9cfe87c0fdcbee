"""The collaboration read-across (handbook section 7): who names whom for which area, and whether the partner says so too."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.gazetteer import Gazetteer
from pipeline.publish.forces import Force
from pipeline.round import partners_of
from rules.pack import Pack

if TYPE_CHECKING:
    from networkx import MultiDiGraph

RECIPROCATED = "reciprocated"
ONE_SIDED = "one side only"
UNCHECKED = "partner's plans not in this round"
UNIT = "regional unit"
UNSAID = "partner's open documents do not say"
"""In a public picture: what the partner's other documents say was kept back."""


@dataclass(frozen=True, slots=True)
class Link:
    """`source` names `target` for `area`. `agreed` says that the words around the name bear a formal agreement."""

    source: str
    target: str
    area: str
    state: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Region:
    """Forces that plan together: a region of the pack's, else a group whose members name one another. `gaps` are the areas for which no
    member names another member or a unit of the region; `outside` those among them for which some member looks beyond it."""

    id: str
    name: str
    forces: tuple[str, ...]
    gaps: tuple[str, ...]
    outside: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    """Pairs of members of which one names the other."""


@dataclass(frozen=True, slots=True)
class Collaboration:
    """The directed graph as links, and what it shows. Force names are those of the round, else full names of the gazetteer."""

    forces: tuple[str, ...]
    links: tuple[Link, ...]
    regions: tuple[Region, ...]
    clusters: tuple[tuple[str, ...], ...]
    """Forces that name one another more than they name others (greedy modularity), of two and more."""
    relied_on: tuple[tuple[str, tuple[str, ...]], ...]
    """(force or unit, the forces that name it), most relied on first."""
    unnamed: tuple[str, ...]
    """Forces of the round that nobody names."""
    silent: tuple[str, ...]
    """Forces of the round that name nobody. Neither is known where partners were withheld."""
    withheld: int
    """Named partners that a public picture keeps back."""

    def one_sided(self) -> tuple[Link, ...]:
        """Links that the partner's own plans, in this round, do not bear out."""
        return tuple(link for link in self.links if link.state == ONE_SIDED)


def collaboration(pack: Pack, forces: Sequence[Force]) -> Collaboration:
    """Reads the graph off the forces' `partners`, and units and agreements off the quotes of the cells about working together."""
    names = [f.name for f in forces]
    gazetteer = _gazetteer(pack, forces)
    links = _links(pack, forces, gazetteer)
    inward: dict[str, set[str]] = defaultdict(set)
    for link in links:
        inward[link.target].add(link.source)
    least = max(2, math.ceil(pack.national.relied_on * (len(names) - 1)))
    relied = [(name, tuple(sorted(by))) for name, by in inward.items() if len(by) >= least]
    clusters = _clusters(names, links)
    withheld = sum((f.entry.get("withheld") or {}).get("partners", 0) for f in forces)
    return Collaboration(
        tuple(names),
        links,
        _regions(pack, names, links, gazetteer, clusters),
        clusters,
        tuple(sorted(relied, key=lambda item: (-len(item[1]), item[0]))),
        () if withheld else tuple(n for n in names if n not in inward),
        () if withheld else tuple(n for n in names if all(link.source != n for link in links)),
        withheld,
    )


def _gazetteer(pack: Pack, forces: Sequence[Force]) -> Gazetteer:
    """The pack's names, the round's, and full ones that any force gives of a partner: another may call it by the short one."""
    names = [f.name for f in forces]
    known = Gazetteer(pack.force_names, names)
    partners = {p for f in forces for named in partners_of(f.entry).values() for p in named}
    return Gazetteer(
        pack.force_names, [*names, *sorted(p for p in partners if p.endswith(pack.force_names.suffixes) and known.resolve(p) == p)]
    )


def as_graph(pack: Pack, found: Collaboration) -> MultiDiGraph[str]:
    """The links as a directed graph for other programs: one edge for each area, names and states as attributes."""
    from networkx import MultiDiGraph

    graph: MultiDiGraph[str] = MultiDiGraph(name="Collaboration read-across")
    area_names = {a.id: a.name for a in pack.areas}
    region_of = {force: region.name for region in found.regions for force in region.forces}
    group_of = {force: number for number, group in enumerate(found.clusters, 1) for force in group}
    units = {link.target for link in found.links if link.state == UNIT}
    for name in sorted({*found.forces, *(end for link in found.links for end in (link.source, link.target))}):
        kind = "force" if name in found.forces else "unit" if name in units else "force without plans in this round"
        graph.add_node(name, label=name, kind=kind, region=region_of.get(name, ""), group=group_of.get(name, 0))
    for number, link in enumerate(found.links, 1):  # the number becomes the edge's id: Gephi leaves out edges that share one
        graph.add_edge(link.source, link.target, number, area=link.area, label=area_names[link.area], state=link.state, agreed=link.agreed)
    return graph


def _links(pack: Pack, forces: Sequence[Force], gazetteer: Gazetteer) -> tuple[Link, ...]:
    criterion, _, element = pack.national.agreement.partition(".")
    named: dict[tuple[str, str, str], bool] = {}
    for force in forces:
        partners = partners_of(force.entry)
        for area in pack.areas:
            quotes = list(_quotes(force.cell(area.id, criterion), gazetteer))
            agreed = {name for names, elements in quotes if element in elements for name in names}
            units = {name for names, _ in quotes for name in names if gazetteer.is_unit(name)}
            for partner in {gazetteer.resolve(p) for p in partners.get(area.id, ())} | units:
                if partner != force.name:
                    named[force.name, partner, area.id] = partner in agreed
    here = {f.name for f in forces}
    silenced = {f.name for f in forces if (f.entry.get("withheld") or {}).get("partners")}

    def state(source: str, target: str, area: str) -> str:
        if gazetteer.is_unit(target):
            return UNIT
        if target not in here:
            return UNCHECKED
        if (target, source, area) in named:
            return RECIPROCATED
        return UNSAID if target in silenced else ONE_SIDED

    return tuple(Link(*key, state(*key), agreed) for key, agreed in sorted(named.items()))


def _quotes(cell: Mapping[str, Any], gazetteer: Gazetteer) -> Iterator[tuple[set[str], Sequence[str]]]:
    for quote in cell.get("evidence") or ():
        yield set(gazetteer.find(str(quote.get("quote") or ""))), quote.get("elements") or ()


def _clusters(names: Sequence[str], links: Sequence[Link]) -> tuple[tuple[str, ...], ...]:
    from networkx import Graph
    from networkx.algorithms.community import greedy_modularity_communities

    graph: Graph[str] = Graph()
    graph.add_nodes_from(sorted(names))
    for link in links:
        if link.source in graph and link.target in graph:
            weight = graph.get_edge_data(link.source, link.target, {"weight": 0})["weight"]
            graph.add_edge(link.source, link.target, weight=weight + 1)
    if not graph.number_of_edges():
        return ()
    found = (tuple(sorted(group)) for group in greedy_modularity_communities(graph, weight="weight"))
    return tuple(sorted((group for group in found if len(group) > 1), key=lambda group: (-len(group), group)))


def _regions(
    pack: Pack, names: Sequence[str], links: Sequence[Link], gazetteer: Gazetteer, clusters: Sequence[Sequence[str]]
) -> tuple[Region, ...]:
    members = {r.id: [n for n in names if gazetteer.region(n) == r.id] for r in pack.force_names.regions}
    titles = {r.id: r.name for r in pack.force_names.regions}
    stray = {n for n in names if not gazetteer.region(n)}
    for number, cluster in enumerate(([n for n in group if n in stray] for group in clusters), 1):
        if len(cluster) > 1:
            members[f"group_{number}"], titles[f"group_{number}"] = cluster, f"Region not known, group {number}"
            stray -= set(cluster)
    if stray:
        members[""], titles[""] = sorted(stray), "Region not known"
    return tuple(_region(pack, key, titles[key], forces, links, gazetteer) for key, forces in members.items() if forces)


def _region(pack: Pack, key: str, title: str, forces: Sequence[str], links: Sequence[Link], gazetteer: Gazetteer) -> Region:
    own = [link for link in links if link.source in forces]
    inside = [link for link in own if link.target in forces or (link.state == UNIT and gazetteer.region(link.target) == key)]
    served, looked = {link.area for link in inside}, {link.area for link in own}
    gaps = tuple(a.id for a in pack.areas if a.id not in served) if key and len(forces) > 1 else ()
    pairs = {(min(ends), max(ends)) for link in inside if link.state != UNIT for ends in [(link.source, link.target)]}
    return Region(key, title, tuple(forces), gaps, tuple(a for a in gaps if a in looked), tuple(sorted(pairs)))
