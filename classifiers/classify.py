"""Passages in, readings out: the areas a passage is about, and the elements that its words bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from classifiers.areas import AreaReader
from classifiers.features import RELATIVE, Seen, link, masked, relative, see, targets
from classifiers.model import Model, ModelError, sigmoid
from classifiers.reading import Bearing, Reading
from classifiers.units import Cues, units
from extractors.document import Passage
from rules.pack import Pack

VERSION: Final = "1"
"""Counts up whenever the same passages may get other readings."""

LEAST: Final = 0.05
"""Probability: what is less likely than this is not kept; it could not move a grade and would fill the store."""


class Classifier:
    """A pack and a model, ready to read documents. Raises ModelError when the model counts other features."""

    def __init__(self, pack: Pack, model: Model) -> None:
        if model.relative != RELATIVE:
            raise ModelError("the model was trained for another version of the program. Train it again or reinstall.")
        self.pack = pack
        self.model = model
        self.cues = Cues(pack)
        self.targets = targets(pack)
        self._names = [f"{c}.{e}" for c, e in self.targets]
        weights = model.pooled[0 if model.pack == pack.id else 1]
        self._pooled = np.array([weights[0 if element else 1] for _, element in self.targets])

    def read(self, passages: Sequence[Passage], title: str) -> list[Reading]:
        """A reading for each passage that is evidence at all: body text, not headings, contents, glossaries or hidden text."""
        seen, areas = self.look(passages, title)
        if not seen:
            return []
        probabilities = self._probabilities(seen)
        rows: dict[int, list[int]] = {}
        for row, (index, _) in enumerate(seen):
            rows.setdefault(index, []).append(row)
        result = []
        for index, members in rows.items():
            about, excluded = areas[index]
            bearings = [b for row in members for b in self._bearings(seen[row][1], probabilities[row], len(members) > 1)]
            if about and bearings:
                result.append(Reading(index, tuple(sorted(about.items())), excluded, tuple(bearings)))
        return result

    def look(
        self, passages: Sequence[Passage], title: str
    ) -> tuple[list[tuple[int, Seen]], dict[int, tuple[dict[str, float], tuple[str, ...]]]]:
        """Every unit with its passage's index, and each passage's areas and exclusions."""
        reader = AreaReader(self.pack, self.cues, title)
        seen: list[tuple[int, Seen]] = []
        areas: dict[int, tuple[dict[str, float], tuple[str, ...]]] = {}
        for index, passage in enumerate(passages):
            if passage.kind == "heading" or passage.role != "body":
                continue
            pieces = units(passage)
            looks = [see(unit, passage, self.cues) for unit in pieces]
            about = reader.read(passage, pieces, [s.hits for s in looks])
            excluded = self._excluded(looks, about)
            areas[index] = ({a: p for a, p in about.items() if a not in excluded}, excluded)
            for one in looks:
                one.about = bool(areas[index][0])
                seen.append((index, one))
        link([s for _, s in seen])
        return seen, areas

    def _excluded(self, looks: Sequence[Seen], about: dict[str, float]) -> tuple[str, ...]:
        """Areas that a wide statement takes out by name ("all of the services other than roads")."""
        if not any(self.pack.scope(a) != "specific" for a in about):
            return ()
        named = {
            key[5:]
            for one in looks
            if "exclusion" in one.hits
            for key in one.hits
            if key.startswith("area ") and self.pack.scope(key[5:]) == "specific"
        }
        return tuple(sorted(named))

    def features(self, seen: Sequence[Seen], words: np.ndarray) -> np.ndarray:
        """[units, targets, relative features]."""
        return np.array(
            [[relative(one, target, words[row, column]) for column, target in enumerate(self.targets)] for row, one in enumerate(seen)]
        )

    def _probabilities(self, seen: Sequence[tuple[int, Seen]]) -> np.ndarray:
        looks = [one for _, one in seen]
        words = np.zeros((len(looks), len(self.targets)))
        if self.model.pack == self.pack.id:
            words = self.model.word_logits([masked(one) for one in looks], self._names)
        logits = np.einsum("utr,tr->ut", self.features(looks, words), self._pooled[:, :-1]) + self._pooled[:, -1]
        return sigmoid(logits)

    def _bearings(self, seen: Seen, probabilities: np.ndarray, several: bool) -> list[Bearing]:
        offset = seen.unit.start
        own = ""
        if several:
            named = [key[5:] for key in seen.hits if key.startswith("area ") and self.pack.scope(key[5:]) == "specific"]
            own = named[0] if len(named) == 1 else ""
        result = []
        for (criterion, element), probability in zip(self.targets, probabilities, strict=True):
            if probability < LEAST:
                continue
            start, end = seen.unit.start, seen.unit.end
            if element:
                target = (criterion, element)
                if target in seen.column:
                    start, end = (offset + x for x in seen.column[target])
                elif spans := seen.strong.get(target) or seen.weak.get(target):
                    start, end = offset + min(s for s, _ in spans), offset + max(e for _, e in spans)
            result.append(Bearing(criterion, element, round(float(probability), 4), start, end, own))
        return result
