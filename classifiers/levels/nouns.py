"""What a sentence's levels are said of: the pack's nouns for need and threat, and the submission's own names for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from classifiers.levels.scales import Found, apart
from extractors.document import CELL_BREAK, Passage
from rules.cues import CueTable

FAR: Final = 8
"""Words between a level and the noun that it is said of, at most; the end of a clause counts for so many:"""
CLAUSE: Final = 4

_WORD: Final = re.compile(r"[\w'’/+-]+|[;.:(),]")
_AND: Final = re.compile(r"[\s,\"'”’“‘]*(?:and|or|&|/)[\s\"'“‘]*(?:(?:for|of|in|our|the) )*")
_SIGN: Final = re.compile(
    r"(?<![\w'’])([A-Z][\w'’]*(?: \w+){0,2}?)[\"'”’.]*\s*(?:[=:]|\b(?:is|are|means?|stands for|as|for)\b)(?: [^\s;:.]+){0,12}\W*$"
)


@dataclass(frozen=True)
class Nouns:
    """Finds what levels may be of: the pack's nouns, and the submission's own names for them ("T is threat")."""

    table: CueTable[frozenset[str]]
    """Their cues under the kinds that they are of."""
    signs: Mapping[str, frozenset[str]]

    def find(self, text: str) -> list[Found]:
        """In order; the longer name where two overlap, one noun for two that are joined ("threat and need")."""
        found = [Found(h.start, h.end, kinds) for kinds, hits in self.table.find(text).items() for h in hits]
        for sign, kinds in ((s, k) for s, k in self.signs.items() if len(s) == 1):  # a longer name is told only over a column
            found += [Found(m.start(), m.end(), kinds) for m in re.finditer(rf"(?<![\w'’]){sign}(?=\s*(?:[=:\d]|is|was|at|of))", text)]
        joined: list[Found] = []
        for noun in apart(sorted(found, key=lambda n: n.start - n.end)):
            if joined and joined[-1].kinds and noun.kinds and _AND.fullmatch(text[joined[-1].end : noun.start]):
                noun = Found(joined[-1].start, noun.end, joined.pop().kinds | noun.kinds)
            joined.append(noun)
        return joined

    def signed(self, passages: Sequence[Passage]) -> Nouns:
        """With the names that these passages explain."""
        signs: dict[str, frozenset[str]] = {}
        for passage in (p for p in passages if p.kind not in ("heading", "table_row")):
            nouns = self.find(passage.text)
            for before, noun in zip([0, *(n.end for n in nouns)], nouns, strict=False):
                if noun.kinds and (match := _SIGN.search(passage.text, before, noun.start)):
                    signs.setdefault(match[1], noun.kinds)
        return replace(self, signs=signs)


def nearest(text: str, hits: Sequence[Found], nouns: Sequence[Found]) -> list[Found | None]:
    """For each level in a sentence the noun that it is said of: the nearest that no nearer level has taken; None where none is near."""
    pairs: list[tuple[int, bool, int, int]] = []
    for (h, hit), (n, noun) in product(enumerate(hits), enumerate(nouns)):
        after = noun.start >= hit.end
        between = text[hit.end : noun.start] if after else text[noun.end : hit.start]
        if after and CELL_BREAK in between:
            continue  # what stands in a row's next cell begins something else
        pairs.append((sum(CLAUSE if word in ".;" else 1 for word in _WORD.findall(between)), after, h, n))
    taken: dict[int, int] = {}
    for far, _, h, n in sorted(pairs):
        if far <= FAR and h not in taken and n not in taken.values():
            taken[h] = n
    return [nouns[taken[h]] if h in taken else None for h in range(len(hits))]
