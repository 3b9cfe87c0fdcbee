"""`readacross classify`: passages from anywhere, labelled one by one."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from cli import app


def classify(tmp_path: Path, *lines: str) -> tuple[int, list[dict[str, object]], str]:
    path = tmp_path / "passages.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(app, ["classify", str(path)])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def line(text: str, **more: object) -> str:
    return json.dumps({"id": "p1", "text": text, **more})


def test_a_passage_is_labelled_with_areas_scope_and_elements(tmp_path: Path) -> None:
    text = "The public order unit will train two more PSUs by March 2009; the Chief Superintendent (Operations) is accountable."
    code, answers, _ = classify(tmp_path, line(text))
    assert code == 0
    assert answers[0]["id"] == "p1"
    assert answers[0]["areas"] == ["public_order"]
    assert answers[0]["scope"] == "areas"
    assert {"action", "timescale", "owner"} <= set(answers[0]["criteria"]["prioritisation"])  # type: ignore[index]


def test_what_bears_on_nothing_is_said_to_bear_on_nothing(tmp_path: Path) -> None:
    code, answers, _ = classify(tmp_path, line("The new canteen at headquarters opened in May and has been warmly received by staff."))
    assert code == 0
    assert (answers[0]["areas"], answers[0]["scope"], answers[0]["criteria"]) == ([], "none", {})


def test_headings_and_columns_are_read_with_the_words(tmp_path: Path) -> None:
    row = line("Fit six more cars | Supt Roads | Sept 2008", headings=["Roads policing"], columns=["Action", "Owner", "By when"])
    _, answers, _ = classify(tmp_path, row)
    assert answers[0]["areas"] == ["roads_policing"]
    assert {"action", "owner", "timescale"} <= set(answers[0]["criteria"]["prioritisation"])  # type: ignore[index]


def test_a_bad_line_is_named_and_the_others_are_labelled(tmp_path: Path) -> None:
    code, answers, said = classify(tmp_path, line("We have six detectives."), "not json", '{"id": "x"}', line("Second."))
    assert code == 3
    assert len(answers) == 2
    assert "line 2: is not JSON" in said
    assert "line 3: has no text" in said


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["classify", str(tmp_path / "none.jsonl")])
    assert result.exit_code == 4
    assert "none.jsonl" in result.output
