"""The first classifier's numbers: linear word models, and what is learnt of how clues of every kind stand to an element or area.

A model is one .npz file of plain arrays (no pickle). It names the pack it was trained for; for any other pack its word models
are silent and the rest, which knows no element or area by name, serves alone.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.network import Floats, Network

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

FORMAT: Final = "readacross-model/4"
MODELS: Final = Path(__file__).parent / "models"
FIRST: Final = "seed.npz"
"""Its name in a folder of models."""
DEFAULT: Final = MODELS / FIRST
NETWORKS: Final = ("encoded", "worded", "area_first", "area_second")


class ModelError(ValueError):
    """A model that cannot be used; the message names the file and the remedy."""


@dataclass(frozen=True)
class Words:
    """Linear word models: `vocabulary` [v], `idf` [v], `weights` [t, v], `bias` [t] for t targets.

    Targets are named "criterion.element", "criterion." and "about AREA".
    """

    targets: tuple[str, ...]
    vocabulary: tuple[str, ...]
    idf: Floats
    weights: Floats
    bias: Floats

    @cached_property
    def _vectoriser(self) -> TfidfVectorizer:
        vectoriser = new_vectoriser(vocabulary={w: i for i, w in enumerate(self.vocabulary)})
        vectoriser.idf_ = self.idf
        return vectoriser

    @cached_property
    def _by_word(self) -> Floats:
        """[v, t], in the order in which a product runs through it: turning it anew costs more than the product."""
        return np.ascontiguousarray(self.weights.T)

    def logits(self, texts: list[str], wanted: list[str]) -> Floats:
        """[texts, wanted]; 0 for a target that the models do not know."""
        result = np.zeros((len(texts), len(wanted)))
        known = [(column, self.targets.index(name)) for column, name in enumerate(wanted) if name in self.targets]
        if known and texts:
            rows = [row for _, row in known]
            logits = self.matrix(texts) @ self._by_word + self.bias
            result[:, [column for column, _ in known]] = logits[:, rows]
        return result

    def matrix(self, texts: list[str]) -> Any:
        """Texts as word features: a sparse matrix [texts, v]."""
        return self._vectoriser.transform(texts)


@dataclass(frozen=True)
class CellWeights:
    """How cells.find weighs, for elements from anywhere, from passages about the area alone, and from anything narrower than the force.

    `first` [3, f + 1]: weights of cells.FEATURES and an intercept; `habits` [3, t]: what is added to them for each of the t targets
    of the pack; `context` [3, t, g + 1]: for each target the weights of cells.context_features and an intercept.
    """

    first: Floats
    habits: Floats
    context: Floats


@dataclass(frozen=True)
class Model:
    """All that was learnt from the corpus but the encoder.

    `encoded` and `worded` weigh features.RELATIVE and which target is asked about (their inner rows go on with one for each of the
    words' targets that is no area), with the encoder's opinion and without. `cued` [2, r + 1]: weights of RELATIVE and an
    intercept, for elements and criteria of packs that have no word models. `areas`: the two networks of areas.py.
    """

    pack: str
    relative: tuple[str, ...]
    words: Words
    encoded: Network
    worded: Network
    cued: Floats
    areas: tuple[Network, Network]
    cells: CellWeights
    sha256: str = ""

    @property
    def id(self) -> str:
        return f"seed-{self.sha256[:12]}"


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
    header = {"format": FORMAT, "pack": model.pack, "targets": model.words.targets, "relative": model.relative}
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8),
        "vocabulary": np.frombuffer("\n".join(model.words.vocabulary).encode(), dtype=np.uint8),
        "idf": model.words.idf.astype(np.float32),
        "words": model.words.weights.astype(np.float16),
        "bias": model.words.bias.astype(np.float32),
        "cued": model.cued,
        "cells_first": model.cells.first,
        "cells_habits": model.cells.habits,
        "cells_context": model.cells.context.astype(np.float32),
    }
    for name, network in zip(NETWORKS, (model.encoded, model.worded, *model.areas), strict=True):
        arrays |= {f"{name}_{part}": array.astype(np.float32) for part, array in enumerate(network.arrays())}
    save_arrays(path, arrays)


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes plain arrays as .npz; equal arrays give equal bytes."""
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
            words = Words(
                tuple(header["targets"]),
                tuple(bytes(arrays["vocabulary"]).decode().split("\n")),
                *(arrays[name].astype(np.float64) for name in ("idf", "words", "bias")),
            )
            networks = [Network(*(arrays[f"{name}_{part}"].astype(np.float64) for part in range(4))) for name in NETWORKS]
            model = Model(
                pack=header["pack"],
                relative=tuple(header["relative"]),
                words=words,
                encoded=networks[0],
                worded=networks[1],
                cued=arrays["cued"],
                areas=(networks[2], networks[3]),
                cells=CellWeights(*(arrays[f"cells_{part}"].astype(np.float64) for part in ("first", "habits", "context"))),
                sha256=hashlib.sha256(content).hexdigest(),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, ModelError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ModelError(f"{path}: is not a usable model ({reason}). {remedy}") from None
    fits = (len(words.targets), len(words.vocabulary)) == words.weights.shape and words.idf.shape == (len(words.vocabulary),)
    fits &= model.cued.shape == (2, len(model.relative) + 1)
    fits &= (model.cells.habits.shape, len(model.cells.first)) == (model.cells.context.shape[:2], 3)
    if not fits:
        raise ModelError(f"{path}: is damaged (its arrays do not fit together). {remedy}")
    return model
