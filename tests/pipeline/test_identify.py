"""Whose plan it is, as small papers say it: in capitals, in passing, by their folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.read import read_document, sha256_of
from pipeline.identify import force_name
from rules.loader import load_pack

NAMES = load_pack().force_names


def named(folder: Path, text: str) -> str:
    path = folder / "plan.txt"
    path.write_text(text, encoding="utf-8")
    return force_name(folder.name, [read_document(path, path.name, sha256_of(path))], NAMES)


@pytest.mark.parametrize(
    ("title", "force"),
    [
        ("WESTHAVEN CONSTABULARY", "Westhaven Constabulary"),
        ("THE AVON AND MERE POLICE SERVICE", "Avon and Mere Police Service"),
        ("DYFFRYN-TAWEL POLICE LOCAL POLICING PLAN 2008", "Dyffryn-Tawel Police"),
        ("Westhaven Constabulary Local Policing Plan", "Westhaven Constabulary"),
    ],
)
def test_the_title_names_the_force_in_capitals_too(tmp_path: Path, title: str, force: str) -> None:
    text = f"{title}\n\nHOW WE POLICE\n\nMutual aid for public order is arranged with Marlshire Police.\n"
    assert named(tmp_path, text) == force


@pytest.mark.parametrize("heading", ["HOW WE POLICE", "WORKING WITH POLICE", "WESTHAVEN POLICE AUTHORITY", "ARMED POLICE"])
def test_capitals_alone_make_no_force(tmp_path: Path, heading: str) -> None:
    assert named(tmp_path, f"{heading}\n\nWe work with Marlshire Police.\n") == "Marlshire Police"


def test_a_folder_called_like_a_force_goes_before_a_partner_named_in_passing(tmp_path: Path) -> None:
    opening = "".join(f"Aim {number}: to keep the county safe, as we have done for years.\n\n" for number in range(8))
    text = f"{opening}Mutual aid is arranged with Marlshire Police.\n"
    (tmp_path / "Westhaven Constabulary").mkdir()
    (tmp_path / "wave-2").mkdir()
    assert named(tmp_path / "Westhaven Constabulary", text) == "Westhaven Constabulary"
    assert named(tmp_path / "wave-2", text) == "Marlshire Police"
