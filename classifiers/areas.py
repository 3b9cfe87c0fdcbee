"""Which areas a passage is about: by its own words, else by where it stands (handbook section 2, design "How context carries")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from classifiers.units import Cues, Unit
from extractors.document import Passage
from rules.cues import Hit
from rules.pack import Pack

OWN: Final = 0.95
"""Probability: the passage's own words name the area and its heading says nothing else."""
UNDER_HEADING: Final = 0.9
"""Probability: the nearest heading that names any area names this one."""
BESIDE_HEADING: Final = 0.6
"""Probability: the words name an area, the heading another; one of the two is often a passing mention."""
CARRIED: Final = 0.6
"""Probability: the passage before, in the same section, was about the area, and this one names none."""
MAYBE: Final = 0.55
"""Probability: only a suggestive word speaks for the area."""
TITLE: Final = 0.7
"""Probability: only the document's title names the area."""

Abouts = dict[str, float]


class AreaReader:
    """Reads a document's passages in order; `read` must be called once for each, headings too."""

    def __init__(self, pack: Pack, cues: Cues, title: str) -> None:
        self._pack = pack
        self._cues = cues
        self._title = self._named_in_heading(title)
        if len(self._title) > 3 or any(pack.scope(about) == "force_wide" for about in self._title):
            self._title = {}
        self._section: tuple[str, ...] = ()
        self._last: Abouts = {}

    def read(self, passage: Passage, units: Sequence[Unit], hits: Sequence[Mapping[str, list[Hit]]]) -> Abouts:
        """The areas and groups that a passage is about, with probabilities."""
        section = passage.headings
        if section != self._section:
            self._section, self._last = section, {}
        own = self._own(passage, hits)
        context = self._context(passage)
        result = self._combine(own, context)
        if not result and self._last and passage.kind != "table_row":
            result = {about: min(p, CARRIED) for about, p in self._last.items()}
        elif result and passage.kind != "table_row":
            self._last = result
        if not result:
            result = dict.fromkeys(self._title, TITLE)
        return result

    def unit_areas(self, hits: Mapping[str, list[Hit]]) -> frozenset[str]:
        """The areas or groups that one sentence names itself."""
        return frozenset(self._strong(hits))

    def _own(self, passage: Passage, hits: Sequence[Mapping[str, list[Hit]]]) -> Abouts:
        if passage.kind == "table_row":
            subject = self._subject(passage)
            if subject:
                return dict.fromkeys(subject, OWN)
        named: Abouts = {}
        for found in hits:
            for about in self._strong(found):
                named[about] = OWN
        if not named:
            for found in hits:
                for key in found:
                    if key.startswith("maybe "):
                        named[key[6:]] = MAYBE
        return named

    def _subject(self, passage: Passage) -> set[str]:
        """The areas of a row's subject: the first cell that names any, when it is short enough to be a name."""
        for cell in passage.cells[:3]:
            if cell and len(cell.split()) <= 10:
                named = self._named_in_heading(cell)
                if named:
                    return set(named)
        return set()

    def _strong(self, found: Mapping[str, list[Hit]]) -> Iterable[str]:
        return [key[5:] for key in found if key.startswith("area ")]

    def _context(self, passage: Passage) -> Abouts:
        for text in (*reversed(passage.headings), passage.lead_in):
            named = self._named_in_heading(text) if text else {}
            if named:
                return dict.fromkeys(named, UNDER_HEADING)
        return {}

    def _named_in_heading(self, text: str) -> Abouts:
        found = self._cues.heading(text)
        named = [key[5:] for key in found if key.startswith("area ")]
        return dict.fromkeys(self._narrowest(named), UNDER_HEADING)

    def _narrowest(self, named: Sequence[str]) -> list[str]:
        """Areas before groups, groups before the whole force: "Public protection: missing persons" is missing persons."""
        for scope in ("specific", "umbrella", "force_wide"):
            if some := [about for about in named if self._pack.scope(about) == scope]:
                return some
        return []

    def _combine(self, own: Abouts, context: Abouts) -> Abouts:
        if not own:
            return dict(context)
        if not context:
            narrow = set(self._narrowest(list(own)))
            wide = {a: min(p, BESIDE_HEADING) for a, p in own.items() if a not in narrow and self._pack.scope(a) != "specific"}
            return {a: p for a, p in own.items() if a in narrow} | wide
        covered = {area for about in context for area in self._pack.members(about)}
        inside = {a: OWN for a, p in own.items() if p >= OWN and set(self._pack.members(a)) <= covered}
        if any(self._pack.scope(about) != "specific" for about in context):
            specific = {a: p for a, p in inside.items() if self._pack.scope(a) == "specific"}
            if specific:
                return specific
            outside = {a: p for a, p in own.items() if p >= OWN and a not in inside}
            return outside | ({about: min(p, BESIDE_HEADING) for about, p in context.items()} if outside else context)
        beside = {a: BESIDE_HEADING for a, p in own.items() if p >= OWN and a not in inside and a not in context}
        return context | beside
