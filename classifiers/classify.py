"""Passages in, readings out: first each document by itself, then the areas of all its passages with the whole submission in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from classifiers import areas
from classifiers.clues import ClueReader, Clues
from classifiers.encoder import Opinion
from classifiers.features import LEARNT, RELATIVE, Layout, Seen, link, masked, relative, see
from classifiers.model import Model, ModelError
from classifiers.names import Company
from classifiers.network import Floats, Network, sigmoid
from classifiers.reading import Bearing, Look, Reading
from classifiers.units import cues_of, units
from extractors.document import Passage
from rules.pack import Pack

LIBRARIES: Final = ("numpy", "onnxruntime")
"""The libraries whose arithmetic the readings come from: another version of them may round otherwise."""

LEAST: Final = 0.05
"""Probability: what is less likely than this is not kept; it could not move a grade and would fill the store."""
SILENCE: Final = -6.0
"""Logit that stands for what the encoder would say of a unit that is not there or was closed without it."""
STRETCH: Final = 500
"""Passages that are judged at a time, so that a long document needs no more memory than a short one."""
OPEN: Final = 0.02
"""Probability of bearing on any criterion from which a passage is not closed by the first classifier but read by the encoder."""


@dataclass(frozen=True)
class Examined:
    """A document's units, each with its passage's index, and its passages' clues."""

    seen: tuple[tuple[int, Seen], ...]
    clues: tuple[Clues, ...]
    company: tuple[Company, ...]


class Second(Protocol):
    """The second classifier: an encoder.Encoder, or what encoders said of the corpus."""

    @property
    def pack(self) -> str: ...
    @property
    def outputs(self) -> Sequence[str]: ...
    def opinions(self, passages: Sequence[Passage], wanted: Sequence[int]) -> dict[int, Opinion]: ...


class Classifier:
    """A pack and its models, ready to read. Raises ModelError when the model counts other features."""

    def __init__(self, pack: Pack, model: Model, second: Second | None = None) -> None:
        if model.relative != RELATIVE:
            raise ModelError("the model was trained for another version of the program. Train it again or reinstall.")
        self.pack = pack
        self.model = model
        self.cues = cues_of(pack)
        self._layout = Layout(pack)
        self.targets = self._layout.targets
        self.names = [f"{c}.{e}" for c, e in self.targets]
        self.abouts = [f"about {a}" for a in areas.abouts(pack)]
        named = {*(a.name for a in pack.areas), *(a.short for a in pack.areas), *(g.name for g in pack.groups)}
        self._rows = {name.casefold() for name in named}
        self._second = second if second is not None and second.pack == pack.id else None
        self._elements = [bool(element) for _, element in self.targets]

    def look(self, passages: Sequence[Passage], title: str) -> Look:
        """One document: body text only, not headings, contents, glossaries or hidden text."""
        reader = ClueReader(self.pack, self.cues, title)
        stretches = [range(len(passages))[first : first + STRETCH] for first in range(0, len(passages), STRETCH)]
        looks = [self.judge(passages, self._examine(passages, some, reader), self._second) for some in stretches]
        return Look(
            tuple(clues for look in looks for clues in look.clues),
            tuple(bearings for look in looks for bearings in look.bearings),
            tuple(reader.company),
        )

    def judge(self, passages: Sequence[Passage], examined: Examined, second: Second | None) -> Look:
        """What the models make of an examined document."""
        seen = [one for _, one in examined.seen]
        if not seen:
            return Look((), (), examined.company)
        texts = [masked(one) for one in seen]
        own = self.model.pack == self.pack.id
        wanted = [*self.names, *self.abouts]
        logits = self.model.words.logits(texts, wanted) if own else np.zeros((len(seen), len(wanted)))
        features = self.features(seen, logits[:, : len(self.names)])
        probabilities = self.probabilities(features, self.model.worded) if own else self._by_cues(features)
        rows: dict[int, list[int]] = {}
        for row, (index, _) in enumerate(examined.seen):
            rows.setdefault(index, []).append(row)
        heard: dict[int, Floats] = {}
        opinions: dict[int, Opinion] = {}
        if second is not None and own:
            opinions = second.opinions(passages, [i for i, members in rows.items() if probabilities[members].max() >= OPEN])
            said = {row: hear(opinion, seen[row], second.outputs, self.names) for index, opinion in opinions.items() for row in rows[index]}
            if said:
                asked = sorted(said)
                self.listen(features, seen, said)
                probabilities[asked] = self.probabilities(features[asked], self.model.encoded)
            heard = {index: overhear(opinion, second.outputs, self.abouts) for index, opinion in opinions.items()}
        words = logits[:, len(self.names) :] if own else None
        clues = [with_logits(one, words, rows[one.passage], heard.get(one.passage)) for one in examined.clues]
        bearings = [
            tuple(
                bearing
                for row in rows[one.passage]
                for bearing in self._bearings(seen[row], probabilities[row], len(rows[one.passage]) > 1, opinions.get(one.passage))
            )
            for one in clues
        ]
        return Look(tuple(clues), tuple(bearings), examined.company)

    def read(self, looks: Sequence[Look]) -> list[list[Reading]]:
        """All documents of one submission: for each, a reading of every passage that bears something on some area."""
        placed = areas.place(self.pack, self.cues, [(look.clues, look.company) for look in looks], self.model.areas)
        result = []
        for look, abouts in zip(looks, placed, strict=True):
            readings = []
            for clues, bearings, about in zip(look.clues, look.bearings, abouts, strict=True):
                if about and bearings:
                    out = areas.excluded(self.pack, clues, about)
                    readings.append(Reading(clues.passage, tuple(sorted(about.items())), out, bearings))
            result.append(readings)
        return result

    def examine(self, passages: Sequence[Passage], title: str) -> Examined:
        """What cues, headings and tables show, before any model."""
        return self._examine(passages, range(len(passages)), ClueReader(self.pack, self.cues, title))

    def _examine(self, passages: Sequence[Passage], some: range, reader: ClueReader) -> Examined:
        seen: list[tuple[int, Seen]] = []
        clues: list[Clues] = []
        for index in some:
            passage = passages[index]
            if passage.role == "body" and passage.kind == "heading":
                reader.heading(passage.text)
            elif passage.role == "body" and not self._unfilled(passage):
                pieces = units(passage)
                looks = [see(unit, passage, self.cues) for unit in pieces]
                clue = reader.read(index, passage, pieces, [one.hits for one in looks])
                for one in looks:
                    one.about = bool(clue.own or clue.maybe or clue.subject or clue.above or clue.title)
                    seen.append((index, one))
                if looks:
                    clues.append(clue)
        link([one for _, one in seen])
        return Examined(tuple(seen), tuple(clues), tuple(reader.company))

    def _unfilled(self, passage: Passage) -> bool:
        """A table row in which nothing stands yet but the name of its area or group."""
        filled = [cell for cell in passage.cells if not self.cues.is_blank(cell)]
        return passage.kind == "table_row" and len(filled) == 1 and filled[0].casefold() in self._rows

    def features(self, seen: Sequence[Seen], words: Floats) -> Floats:
        """[units, targets, RELATIVE] with the word models' logits and without the encoder's."""
        result = np.array([relative(one, self._layout) for one in seen])
        result[:, :, -LEARNT] = words
        return result

    def listen(self, features: Floats, seen: Sequence[Seen], said: Mapping[int, Floats]) -> None:
        """Writes into the features what the encoder said of units, by row: of each, of its neighbours and of its criteria."""
        heard = np.full((len(seen), len(self.targets)), SILENCE)
        row_of = {id(one): row for row, one in enumerate(seen)}
        for row, opinion in said.items():
            heard[row] = opinion[:, 0]
            features[row, :, -5:-3] = opinion
        for row in said:
            for column, neighbour in ((-3, seen[row].before), (-2, seen[row].after)):
                features[row, :, column] = SILENCE if neighbour is None else heard[row_of[id(neighbour)]]
            features[row, :, -1] = heard[row, self._layout.of_criterion]

    def probabilities(self, features: Floats, network: Network) -> Floats:
        """[units, targets] by a network of the model."""
        which = network.inner[len(RELATIVE) :][[self.model.words.targets.index(name) for name in self.names]]
        hidden = np.maximum(features @ network.inner[: len(RELATIVE)] + which + network.inner_bias, 0.0)
        return sigmoid(hidden @ network.outer + network.outer_bias[0])

    def _by_cues(self, features: Floats) -> Floats:
        """[units, targets] for a pack that no word model knows."""
        weights = self.model.cued[[0 if element else 1 for element in self._elements]]
        return sigmoid(np.einsum("utr,tr->ut", features, weights[:, :-1]) + weights[:, -1])

    def _bearings(self, seen: Seen, probabilities: Floats, several: bool, opinion: Opinion | None) -> list[Bearing]:
        """What a unit bears, with the words that bear it: by column, as the encoder marks them, by cue, else all of it."""
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
                elif opinion is not None and (words := opinion.words(self._layout.number[target], start, end)):
                    start, end = words
                elif spans := seen.strong.get(target) or seen.weak.get(target):
                    start, end = offset + min(s for s, _ in spans), offset + max(e for _, e in spans)
            result.append(Bearing(criterion, element, round(float(probability), 4), start, end, own))
        return result


def hear(opinion: Opinion, seen: Seen, outputs: Sequence[str], names: Sequence[str]) -> Floats:
    """The encoder's logits for a unit: [targets, (passage, unit)]; criteria have none of the unit's own."""
    inside = opinion.inside(seen.unit.start, seen.unit.end)
    elements = {name: i for i, name in enumerate(outputs[: len(inside)])}
    whole = {name: i for i, name in enumerate(outputs)}
    return np.array([[opinion.whole[whole[n]], inside[elements[n]] if n in elements else 0.0] for n in names], dtype=np.float64)


def overhear(opinion: Opinion, outputs: Sequence[str], abouts: Sequence[str]) -> Floats:
    """The encoder's logits for each area and group."""
    whole = {name: i for i, name in enumerate(outputs)}
    return np.array([opinion.whole[whole[about]] for about in abouts], dtype=np.float64)


def with_logits(clues: Clues, words: Floats | None, rows: Sequence[int], heard: Floats | None) -> Clues:
    """The clues with what the models say of each area: of the word models the highest that any unit of the passage gives it."""
    if words is None:
        return clues
    said = () if heard is None else tuple(round(float(x), 3) for x in heard)
    return replace(clues, words=tuple(round(float(x), 3) for x in words[rows].max(axis=0)), heard=said)
