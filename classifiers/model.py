"""The first classifier: linear word models for each element, weighed together with the pack's cues by one pooled linear model.

A model is one .npz file of plain arrays (no pickle). It names the pack it was trained for; for any other pack the pooled part
serves alone.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

FORMAT: Final = "readacross-model/1"
MODELS: Final = Path(__file__).parent / "models"
DEFAULT: Final = MODELS / "seed.npz"

Floats = NDArray[np.float64]


class ModelError(ValueError):
    """A model that cannot be used; the message names the file and the remedy."""


@dataclass(frozen=True)
class Model:
    """The arrays: `vocabulary` [v], `idf` [v], `words` [t, v], `bias` [t], `pooled` [2, 2, r + 1].

    t targets are named "criterion.element", r are the features of features.RELATIVE. `pooled` holds weights with word logits,
    then by cues alone; in each for elements, then for criteria; the last of a row is the intercept.
    """

    pack: str
    targets: tuple[str, ...]
    relative: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: Floats
    words: Floats
    bias: Floats
    pooled: Floats
    sha256: str = ""

    @property
    def id(self) -> str:
        return f"seed-{self.sha256[:12]}"

    def vectoriser(self) -> TfidfVectorizer:
        """A TF-IDF vectoriser with this model's vocabulary."""
        vectoriser = new_vectoriser(vocabulary={w: i for i, w in enumerate(self.vocabulary)})
        vectoriser.idf_ = self.idf
        return vectoriser

    def word_logits(self, texts: list[str], wanted: list[str]) -> Floats:
        """The word models' logits, [texts, wanted]; 0 for a target that the model does not know."""
        result = np.zeros((len(texts), len(wanted)))
        known = [(column, self.targets.index(key)) for column, key in enumerate(wanted) if key in self.targets]
        if known and texts:
            rows = [row for _, row in known]
            matrix = self.vectoriser().transform(texts)
            result[:, [column for column, _ in known]] = matrix @ self.words[rows].T + self.bias[rows]
        return result


def new_vectoriser(vocabulary: dict[str, int] | None = None, min_df: int = 1) -> TfidfVectorizer:
    """The one way in which text becomes word features."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # lazy: over a second to import

    return TfidfVectorizer(
        vocabulary=vocabulary,
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=min_df,
        token_pattern=r"(?u)\b\w[\w']*\b",  # noqa: S106  (not a secret)
        lowercase=False,
    )


def save(model: Model, path: Path) -> None:
    """Writes a model; equal models give equal bytes."""
    header = {"format": FORMAT, "pack": model.pack, "targets": model.targets, "relative": model.relative}
    arrays: dict[str, Any] = {
        "header": np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8),
        "vocabulary": np.frombuffer("\n".join(model.vocabulary).encode(), dtype=np.uint8),
        "idf": model.idf.astype(np.float32),
        "words": model.words.astype(np.float32),
        "bias": model.bias.astype(np.float32),
        "pooled": model.pooled.astype(np.float64),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(2008, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


@cache
def load(path: Path = DEFAULT) -> Model:
    """Reads a model. Raises ModelError when it is missing, damaged or of another program."""
    remedy = "Reinstall the program, or train one with `python -m classifiers.train`."
    try:
        content = path.read_bytes()
        with np.load(path, allow_pickle=False) as arrays:
            header = json.loads(bytes(arrays["header"]))
            if header.get("format") != FORMAT:
                raise ModelError(f"{path}: is of format {header.get('format')!r}, not {FORMAT!r}. {remedy}")
            model = Model(
                pack=header["pack"],
                targets=tuple(header["targets"]),
                relative=tuple(header["relative"]),
                vocabulary=tuple(bytes(arrays["vocabulary"]).decode().split("\n")),
                idf=arrays["idf"].astype(np.float64),
                words=arrays["words"].astype(np.float64),
                bias=arrays["bias"].astype(np.float64),
                pooled=arrays["pooled"],
                sha256=hashlib.sha256(content).hexdigest(),
            )
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{path}: is not a usable model ({error}). {remedy}") from None
    fits = (len(model.targets), len(model.vocabulary)) == model.words.shape and len(model.idf) == len(model.vocabulary)
    if not fits or model.pooled.shape != (2, 2, len(model.relative) + 1):
        raise ModelError(f"{path}: is damaged (its arrays do not fit together). {remedy}")
    return model


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -40, 40))))
