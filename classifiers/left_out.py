"""What encoders of the other voices said of each voice of the corpus: written by the encoder's training, read by the rest of it.

Kept in one small file because making it takes the better part of an hour. Logits are by passage and by unit, as 16-bit floats.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.encoder import Opinion
from classifiers.model import MODELS, ModelError, save_arrays
from classifiers.units import units
from extractors.document import Passage

LEFT_OUT: Final = "encoder_left_out.npz"
"""Its name in a folder of models."""


def save_left_out(path: Path, outputs: Sequence[str], said: Mapping[str, tuple[Passage, Opinion]]) -> None:
    """`said` by passage id."""
    owner, ranges, logits = [], [], []
    for index, (passage, opinion) in enumerate(said.values()):
        for unit in units(passage):
            owner.append(index)
            ranges.append((unit.start, unit.end))
            logits.append(opinion.inside(unit.start, unit.end))
    arrays: dict[str, NDArray[Any]] = {
        "outputs": np.frombuffer("\n".join(outputs).encode(), dtype=np.uint8),
        "ids": np.frombuffer("\n".join(said).encode(), dtype=np.uint8),
        "texts": np.array([_mark(passage) for passage, _ in said.values()], dtype=np.uint32),
        "whole": np.array([opinion.whole for _, opinion in said.values()], dtype=np.float16),
        "owner": np.array(owner, dtype=np.int32),
        "ranges": np.array(ranges, dtype=np.int32),
        "logits": np.array(logits, dtype=np.float16),
    }
    save_arrays(path, arrays)


class LeftOut:
    """The file, read. Raises ModelError when it is missing or not for this corpus."""

    def __init__(self, folder: Path = MODELS) -> None:
        path = folder / LEFT_OUT
        try:
            with np.load(path, allow_pickle=False) as arrays:
                self.outputs = bytes(arrays["outputs"]).decode().split("\n")
                ids = bytes(arrays["ids"]).decode().split("\n")
                texts, whole, owner = arrays["texts"], arrays["whole"].astype(np.float32), arrays["owner"]
                ranges, logits = arrays["ranges"], arrays["logits"].astype(np.float32)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path}: cannot be used ({error}). Make it with `python -m classifiers.train_encoder BASE`.") from None
        first = np.searchsorted(owner, np.arange(len(ids) + 1))
        self._said = {
            name: (
                int(texts[i]),
                Opinion(whole[i], logits[a:b], tuple((int(s), int(e)) for s, e in ranges[a:b])),
            )
            for i, (name, a, b) in enumerate(zip(ids, first[:-1], first[1:], strict=True))
        }

    def opinion(self, name: str, passage: Passage) -> Opinion:
        """What was said of the passage with this id. Raises ModelError when the corpus has changed since."""
        mark, opinion = self._said.get(name, (None, None))
        if opinion is None or mark != _mark(passage):
            raise ModelError(
                f"{name}: the corpus has changed since the encoder was trained. Run `python -m classifiers.train_encoder BASE`."
            )
        return opinion


@dataclass(frozen=True)
class SaidOf:
    """Stands for the encoder while one document of the corpus is read: what encoders that never saw its voice said of it."""

    left_out: LeftOut
    pack: str
    ids: Sequence[str]
    """The document's passages' ids, in order."""

    @property
    def outputs(self) -> Sequence[str]:
        return self.left_out.outputs

    def opinions(self, passages: Sequence[Passage], wanted: Sequence[int]) -> dict[int, Opinion]:
        return {i: self.left_out.opinion(self.ids[i], passages[i]) for i in wanted}


def _mark(passage: Passage) -> int:
    return zlib.crc32(passage.text.encode())
