"""What is written is there whole, or what stood in its way is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store import write_whole


def test_a_file_that_cannot_be_written_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(IsADirectoryError) as error:
        write_whole(tmp_path / "page.html", b"x")
    assert error.value.filename == str(tmp_path / "page.html")
    with pytest.raises(IsADirectoryError):
        write_whole(Path(), b"x")
    with pytest.raises(OSError, match="too long") as error:
        write_whole(tmp_path / ("n" * 300), b"x")
    assert error.value.filename == str(tmp_path / ("n" * 300))
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
