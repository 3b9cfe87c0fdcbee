"""The second classifier: a small pretrained sentence encoder, fine-tuned on the corpus, run by onnxruntime on 8-bit weights.

It reads a passage with its heading path, its column headers and what stands before it, and gives logits for the passage (elements,
criteria, areas) and for each token (elements: the words that bear them). It reads only what the first classifier leaves open.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.model import MODELS, ModelError
from classifiers.units import cell_ranges
from classifiers.wordpiece import WordPieces
from extractors import progress
from extractors.document import Passage

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ENCODER: Final = "encoder.onnx"
VOCABULARY: Final = "vocab.txt"
"""Their names in a folder of models."""

CONTEXT_PIECES: Final = 40
BODY_PIECES: Final = 116
CONTEXT_WORDS: Final = 18
"""Words of the lead-in, or else of the passage before, that are read along with a passage."""
BATCH: Final = 16
BEARS: Final = -1.0
"""Logit from which a token is among the words that bear an element: a little below even, so that runs are not torn apart."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A passage as the encoder reads it: context, then body. `pieces` are the body's (start, end) in the passage's text."""

    ids: tuple[int, ...]
    body: int
    """Index of the body's first token."""
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the encoder says of one passage: logits [outputs] and, for each body token, [elements]."""

    whole: Floats
    tokens: Floats
    pieces: tuple[tuple[int, int], ...]

    def inside(self, start: int, end: int) -> Floats:
        """The highest token logits [elements] within `start:end` of the passage's text."""
        wanted = [i for i, (a, b) in enumerate(self.pieces) if a < end and start < b]
        return np.asarray(self.tokens[wanted].max(axis=0) if wanted else self.tokens.min(axis=0, initial=-8.0))

    def words(self, element: int, start: int, end: int) -> tuple[int, int] | None:
        """The run of tokens within `start:end` around the likeliest one that bear an element, as a range of the passage's text."""
        inside = [i for i, (a, b) in enumerate(self.pieces) if start <= a < b <= end]
        if not inside:
            return None
        best = max(inside, key=lambda i: self.tokens[i, element])
        if self.tokens[best, element] < BEARS:
            return None
        first = last = best
        while first - 1 in inside and self.tokens[first - 1, element] >= BEARS:
            first -= 1
        while last + 1 in inside and self.tokens[last + 1, element] >= BEARS:
            last += 1
        return self.pieces[first][0], self.pieces[last][1]


def encode(passage: Passage, before: str, split: WordPieces) -> Encoded:
    """`before` is the text of the passage before in the same section, "" when there is none."""
    context = " > ".join(passage.headings[-2:])
    body, parts = _body(passage)
    if passage.kind != "table_row" and (lead := passage.lead_in or before):
        context += " : " + " ".join(lead.split()[-CONTEXT_WORDS:])
    head = [piece for piece, _, _ in split(context or "-", CONTEXT_PIECES)]
    tail = split(body, BODY_PIECES)
    pieces = tuple(_in_passage(start, end, parts) for _, start, end in tail)
    ids = (split.start, *head, split.separator, *(piece for piece, _, _ in tail), split.separator)
    return Encoded(ids, len(head) + 2, pieces)


_Part = tuple[int, int, int]
"""`start:end` of the body is the passage's text moved by the third."""


def _body(passage: Passage) -> tuple[str, list[_Part]]:
    """What is read of the passage itself: its text; of a row "Column: cell | Column: cell"."""
    if passage.kind != "table_row":
        return passage.text, [(0, len(passage.text), 0)]
    body, parts = "", list[_Part]()
    for index, start, end in cell_ranges(passage):
        column = passage.columns[index] if index < len(passage.columns) else ""
        body += (" | " if body else "") + (f"{column}: " if column else "")
        parts.append((len(body), len(body) + end - start, len(body) - start))
        body += passage.text[start:end]
    return body, parts


def _in_passage(start: int, end: int, parts: Sequence[_Part]) -> tuple[int, int]:
    """A body range in the passage's text; (0, 0) for a column header's words."""
    for first, last, moved in parts:
        if first <= start < last:
            return start - moved, min(end, last) - moved
    return 0, 0


def texts_before(passages: Sequence[Passage]) -> list[str]:
    """For each passage the text of the body passage before it under the same heading, "" for the first."""
    result, before = [], ""
    for passage in passages:
        result.append("" if passage.kind == "heading" else before)
        if passage.kind == "heading":
            before = ""
        elif passage.role == "body":
            before = passage.text
    return result


class Encoder:
    """A loaded encoder, the one that ships or a user's own.

    `outputs` names what `Opinion.whole` holds: "criterion.element", "criterion." and "about X".
    """

    def __init__(self, path: Path) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it keeps events in the home folder and sends them to its makers
        import onnxruntime  # lazy: only reviews with an encoder need it

        remedy = "Reinstall the program, or train one with `python -m classifiers.train_encoder`."
        try:
            content = path.read_bytes()
            self.split = WordPieces(path.with_name(VOCABULARY))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # documents are read side by side by the pool's workers
            options.inter_op_num_threads = 1
            self._session: InferenceSession = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            described: dict[str, Any] = json.loads(self._session.get_modelmeta().custom_metadata_map["readacross"])
            self.elements: tuple[str, ...] = tuple(described["elements"])
            self.outputs: tuple[str, ...] = tuple(described["outputs"])
            self.pack: str = described["pack"]
        except Exception as error:  # onnxruntime raises types of its own
            raise ModelError(f"{path}: is not a usable encoder ({error}). {remedy}") from None

    def opinions(self, passages: Sequence[Passage], wanted: Sequence[int]) -> dict[int, Opinion]:
        """Opinions on the wanted passages of a document, by their index."""
        before = texts_before(passages)
        return dict(zip(wanted, self.read([encode(passages[i], before[i], self.split) for i in wanted]), strict=True))

    def read(self, encoded: Sequence[Encoded]) -> list[Opinion]:
        """An opinion on each passage, in order."""
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].ids))
        opinions: dict[int, Opinion] = {}
        for first in range(0, len(order), BATCH):
            progress.step()
            members = order[first : first + BATCH]
            ids, mask, body = batch([encoded[i] for i in members])
            tokens, whole = self._session.run(None, {"ids": ids, "mask": mask, "body": body})
            for row, i in enumerate(members):
                one = encoded[i]
                opinions[i] = Opinion(whole[row], tokens[row, one.body : one.body + len(one.pieces)], one.pieces)
        return [opinions[i] for i in range(len(encoded))]


def batch(encoded: Sequence[Encoded]) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Token ids, which are tokens, which are the body's: each [passages, longest]."""
    longest = max(len(one.ids) for one in encoded)
    ids = np.zeros((len(encoded), longest), dtype=np.int64)
    mask, body = np.zeros(ids.shape, dtype=np.float32), np.zeros(ids.shape, dtype=np.float32)
    for row, one in enumerate(encoded):
        ids[row, : len(one.ids)] = one.ids
        mask[row, : len(one.ids)] = 1
        body[row, one.body : one.body + len(one.pieces)] = 1
    return ids, mask, body


@cache
def load(folder: Path = MODELS) -> Encoder | None:
    """The encoder in a folder of models, loaded once; None when the folder has none. Raises ModelError."""
    return Encoder(folder / ENCODER) if (folder / ENCODER).exists() else None


@cache
def digest(folder: Path = MODELS) -> str:
    """The SHA-256 of the encoder in a folder of models, "" when it has none."""
    return hashlib.sha256((folder / ENCODER).read_bytes()).hexdigest() if (folder / ENCODER).exists() else ""
