"""A page that was read by OCR: the reviewer sees the picture of it, with the words marked in it."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from fastapi.testclient import TestClient

from extractors.tesseract import LANGUAGE, TURNS, installed
from pipeline.record.record import Record
from pipeline.record.types import User
from tests.conftest import review_here
from tests.workbench.conftest import INBOX, NOW, SECRET, Workbench
from workbench.app import create_app
from workbench.bench import Bench

pytestmark = pytest.mark.skipif(not {LANGUAGE, TURNS} <= set(installed()), reason="Tesseract is not installed with its English data")


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_a_scanned_page_is_shown_as_its_picture_with_the_words_marked(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READACROSS_RECORD", raising=False)
    plan, folder = pdfium.PdfDocument(INBOX / "Saltmere Police" / "Policing Saltmere 2008-11.pdf"), tmp_path / "in" / "Saltmere Police"
    folder.mkdir(parents=True)
    plan[2].render(scale=150 / 72).to_pil().save(folder / f"scan{suffix}", resolution=150)
    plan.close()
    review_here(tmp_path / "in", tmp_path / "out")
    with Record.open(tmp_path / "out") as record:
        record.save_user(User("rose", role="reviewer", marking="TOP SECRET", secret=SECRET), by="ada", at=NOW)
        bench = Bench(tmp_path / "out", record, ("testserver",))
        app = create_app(bench)
        rose = Workbench(bench, lambda: TestClient(app)).signed_in("rose")
        cells = record.entry(record.latest("Saltmere Police"))["cells"]
        found = ((f"{a}/{c}", cell["evidence"]) for a, row in cells.items() for c, cell in row.items())
        path = next(path for path, evidence in found if evidence and evidence[0]["highlights"])
        page = rose.get(f"/force/saltmere-police/{path}").text
        picture = re.search(r'<image href="([^"]+)" width="([\d.]+)"', page)
        assert picture and rose.get(picture[1]).content.startswith(b"\x89PNG") and float(picture[2]) == pytest.approx(595, abs=2)
        marks = [tuple(map(float, m)) for m in re.findall(r'class="now" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', page)]
        lines = [tuple(map(float, m)) for m in re.findall(r'<text x="([\d.]+)"[^>]*textLength="([\d.]+)"', page)]
        assert marks and lines and any(width < 0.8 * max(w for x, w in lines) for _, width in marks)
