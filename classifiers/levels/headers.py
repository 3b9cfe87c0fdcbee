"""What the columns of a table are of, by their headers, by the key to their marks, or as bands of the column before."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from classifiers.levels.nouns import Nouns
from classifiers.levels.scales import Scale, bare
from classifiers.units import Cues
from extractors.document import Passage
from rules.cues import CueMatcher, CueTable
from rules.pack import Levels, Pack

KINDS: Final = ("need", "threat")
LEAST_LEVELS: Final = 0.5
"""Share of a column's filled cells that must state a level; and of the rows that bear on a kind, where no name tells the column."""
LONGEST_LEVEL: Final = 2
"""Words of a cell under a header of levels that says no more than a level."""

Scales = Mapping[str, Scale]
"""The scale of each kind in one document."""


class Headers:
    """The pack's rules on headers over levels, compiled once for a run."""

    def __init__(self, pack: Pack, rules: Levels, cues: Cues) -> None:
        self._cues = cues
        self._kinds = CueTable([(kind, cue) for kind in KINDS for cue in getattr(rules, kind).columns], pack.slots)
        self._bands = CueMatcher(rules.bands, pack.slots)
        self._amounts = CueMatcher(rules.counts, pack.slots)

    def kinds(self, header: str) -> tuple[str, ...]:
        """The kinds that a header names."""
        found = self._kinds.find(header) if header else {}
        return tuple(kind for kind in KINDS if kind in found)

    def counts(self, header: str) -> bool:
        """Whether a header stands over amounts or ranks, whose numbers are no scores."""
        return bool(self._amounts.find(header))

    def names(self, headers: Sequence[str], rows: Sequence[Passage], scales: Scales, nouns: Nouns) -> list[Collection[str]]:
        """The kinds that each column is of by its header, by the key to its marks, or by a column of levels that it bands."""
        columns = [self.filled(rows, column) for column in range(len(headers))]
        names: list[Collection[str]] = [self.kinds(header) for header in headers]
        known = {kind for named in names for kind in named}
        for column, (header, cells) in enumerate(zip(headers, columns, strict=True)):
            keyed = [kind for kind in _keyed(cells, scales) if kind not in known]
            names[column] = names[column] or keyed or nouns.signs.get(header.strip(" .:"), ())
            if column and not names[column] and self._bands.find(header):
                left = scales[KINDS[0]].of_column(columns[column - 1], "", False)
                names[column] = names[column - 1] if share_of(left, columns[column - 1]) >= LEAST_LEVELS else ()
        return names

    def filled(self, passages: Sequence[Passage], column: int) -> list[str]:
        """What stands in a column."""
        return [cell for passage in passages if not self._cues.is_blank(cell := cell_of(passage.cells, column))]

    def is_no_more(self, cell: str, header: Sequence[str]) -> bool:
        """Whether a cell in a level's row is empty, or what a header of need, of threat or of bands calls for."""
        named = any(self.kinds(name) or self._bands.find(name) for name in header)
        return self._cues.is_blank(cell) or not re.search(r"\w", cell) or (named and len(cell.split()) <= LONGEST_LEVEL)


def cell_of(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def share_of(scale: Scale, cells: Sequence[str]) -> float:
    """The share of a column's filled cells that state a level."""
    return sum(scale.read(cell)[0] > 0 for cell in cells) / max(1, len(cells))


def _keyed(cells: Sequence[str], scales: Scales) -> tuple[str, ...]:
    """The kind that the paper's key gives most of a column's marks, where it gives them only one."""
    given = [{kind for kind in KINDS if kind in scales[kind].kinds.get(bare(cell).lower(), ())} for cell in cells]
    return tuple(kind for kind in KINDS if sum(kinds == {kind} for kinds in given) > LEAST_LEVELS * len(cells))
