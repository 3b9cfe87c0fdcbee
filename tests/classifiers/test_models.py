"""Models: damaged or foreign ones are refused in plain words, odd texts get a sound answer, other packs are served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifiers import encoder
from classifiers.classify import Classifier
from classifiers.encoder import Encoder, encode
from classifiers.model import DEFAULT, MODELS, ModelError, load, save
from classifiers.wordpiece import WordPieces
from extractors.document import Block
from extractors.sections import passages
from rules.loader import load_pack
from tests.conftest import ROOT

PACK = load_pack()
SPLIT = WordPieces(MODELS / encoder.VOCABULARY)


def test_the_model_that_ships_can_be_saved_again_without_a_change(tmp_path: Path) -> None:
    save(load(), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == DEFAULT.read_bytes()


@pytest.mark.parametrize("damage", ["cut short", "text", "missing"])
def test_a_damaged_model_is_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "model.npz"
    if damage == "cut short":
        path.write_bytes(DEFAULT.read_bytes()[:50_000])
    elif damage == "text":
        path.write_text("not a model")
    with pytest.raises(ModelError, match="Reinstall the program"):
        load(path)


def test_a_foreign_array_file_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "foreign.npz", header=np.frombuffer(b'{"format": "somebody-else/9"}', dtype=np.uint8))
    with pytest.raises(ModelError, match="somebody-else/9"):
        load(tmp_path / "foreign.npz")


@pytest.mark.parametrize("damage", ["cut short", "text", "missing"])
def test_a_damaged_encoder_is_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "encoder.onnx"
    if damage == "cut short":
        path.write_bytes((MODELS / encoder.ENCODER).read_bytes()[:100_000])
    elif damage == "text":
        path.write_text("not an encoder")
    with pytest.raises(ModelError, match="is not a usable encoder"):
        Encoder(path)


def test_the_encoder_that_ships_is_small_enough() -> None:
    assert (MODELS / encoder.ENCODER).stat().st_size <= 30_000_000


@pytest.mark.parametrize(
    "text",
    [
        "Bydd yr heddlu yn gweithio gyda Heddlu Dyfed-Powys ar droseddau trefniadol difrifol erbyn Mawrth 2009.",
        "WE HAVE SIX DETECTIVES ON CHILD ABUSE AND NEED NINE; THREE MORE WILL BE POSTED BY MARCH 2009.",
        "Resources",
        "\U0001f6a8\u200b\ufeff",
        "a" * 20_000,
        "word " * 20_000,
    ],
    ids=["Welsh", "capitals", "one word", "signs", "one endless word", "endless text"],
)
def test_odd_texts_get_a_sound_answer(text: str) -> None:
    classifier = Classifier(PACK, load(), encoder.load())
    found = passages([Block("paragraph", text)])
    for reading in classifier.read([classifier.look(found, "")])[0]:
        assert all(0 <= b.probability <= 1 and 0 <= b.start <= b.end <= len(found[0].text) for b in reading.bearings)


def test_capitals_are_read_like_small_letters() -> None:
    classifier = Classifier(PACK, load(), encoder.load())

    def borne(text: str) -> set[str]:
        readings = classifier.read([classifier.look(passages([Block("paragraph", text)]), "")])[0]
        return {f"{b.criterion}.{b.element}" for r in readings for b in r.bearings if b.probability >= 0.5}

    text = "We have six detectives on child abuse and need nine; three more will be posted by March 2009."
    assert borne(text) & borne(text.upper())


def test_a_pack_that_no_model_was_trained_for_is_read_by_its_cues() -> None:
    pack = load_pack(str(ROOT / "tests" / "packs" / "street-lighting"))
    classifier = Classifier(pack, load(), encoder.load())
    text = " ".join(cue for area in pack.areas for cue in area.cues[:1]) + " will be repaired by March 2009."
    assert classifier.look(passages([Block("paragraph", text)]), "").clues


def test_the_encoder_reads_headings_and_columns_along_with_the_words() -> None:
    row = Block("table_row", "Fit six cars | Supt Roads", cells=("Fit six cars", "Supt Roads"), columns=("Action", "Owner"), table=1)
    found = passages([Block("heading", "Roads policing", level=1), row])[-1]
    encoded = encode(found, "", SPLIT)
    words = {v: k for k, v in SPLIT._ids.items()}
    text = " ".join(words[i] for i in encoded.ids)
    assert text.startswith("[CLS] roads policing [SEP] action : fit six cars | owner : su")
    assert found.text[encoded.pieces[-1][0] : encoded.pieces[-1][1]] == "Roads"


def test_word_pieces_keep_their_place_in_the_text() -> None:
    text = "Caf\u00e9 £84,000 for ANPR-equipped cars"
    for _, start, end in SPLIT(text, 100):
        assert 0 <= start < end <= len(text)
    assert "".join(text[a:b] for _, a, b in SPLIT(text, 100)) == text.replace(" ", "")
