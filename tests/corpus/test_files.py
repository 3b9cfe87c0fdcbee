"""Twelve forces exist as real files too: what the extractors read from them is what the writers wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus.notation import FORCES, read_force
from extractors.read import read_document, sha256_of

FILES = FORCES.parent / "files"
FOLDERS = sorted(p for p in FILES.iterdir() if p.is_dir())


NUMBER = re.compile(r"^\W*(?:\d+(?:\.\d+)*|[a-z]{1,3}|[ivx]+)[.)]?\s+", re.IGNORECASE)
"""A paragraph's number is its list marker, not its text."""


def bare(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def test_twelve_forces_in_four_formats() -> None:
    assert len(FOLDERS) == 12
    assert {p.suffix for p in FILES.rglob("*.*")} == {".pdf", ".docx", ".xlsx", ".txt"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_every_passage_is_read_from_the_real_file(folder: Path) -> None:
    for plan in read_force(FORCES / folder.name).plans:
        path = folder / plan.options["file"]
        document = read_document(path, path.name, sha256_of(path))
        assert [problem for problem in document.problems if problem.outcome != "flagged"] == []
        read = bare(" ".join(passage.text for passage in document.passages))
        cells = [cell for p in plan.passages if p.kind == "table_row" for cell in p.cells if cell]
        texts = [p.text for p in plan.passages if p.kind not in ("table_row", "heading")] + cells
        lost = [text for text in texts if bare(text)[:60] not in read and bare(NUMBER.sub("", text))[:60] not in read]
        assert len(lost) <= 0.02 * len(texts), f"{path.name}: {lost[:3]}"
