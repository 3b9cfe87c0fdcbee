"""What `readacross doctor` tells of a machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from classifiers.model import MODELS
from pipeline.doctor import Check, examine
from rules.loader import DEFAULT


def checks(out: Path, models: Path | None = MODELS, start: Callable[[Path], None] = lambda home: None) -> dict[str, Check]:
    return {check.name: check for check in examine(out, DEFAULT, models, start)}


def test_a_sound_machine_has_no_remedy_among_what_is_needed_and_is_left_as_it_was(tmp_path: Path) -> None:
    made = checks(tmp_path / "not" / "yet")
    assert not [check for check in made.values() if check.needed and check.remedy]
    assert {"Python", "Libraries", "Prefect", "Tesseract (OCR)", "LibreOffice", "Results folder"} <= set(made)
    assert not list(tmp_path.iterdir())


def test_what_is_missing_is_told_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(home: Path) -> None:
        raise RuntimeError("no server")

    monkeypatch.setattr("pytesseract.pytesseract.tesseract_cmd", "no-such-program")
    monkeypatch.setattr("pipeline.doctor.find_office", lambda: None)
    (tmp_path / "file").write_text("")
    made = checks(tmp_path / "file", tmp_path, refuse)
    assert "apt install tesseract-ocr" in made["Tesseract (OCR)"].remedy and not made["Tesseract (OCR)"].needed
    assert made["LibreOffice"].remedy and not made["LibreOffice"].needed
    assert "no server" in made["Prefect"].state and "--direct" in made["Prefect"].remedy
    assert made["Results folder"].remedy and made["Results folder"].needed
    assert made["First classifier"].remedy and made["First classifier"].needed


def test_an_adopted_model_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "adopted").write_text("seed-123456789abc")
    made = checks(tmp_path, None)
    assert "names 'seed-123456789abc', which is not there" in made["First classifier"].state and made["First classifier"].needed
    (tmp_path / "models" / "adopted").unlink()
    assert not checks(tmp_path, None)["First classifier"].remedy
