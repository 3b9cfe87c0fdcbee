"""Names of forces in running text: aliases, places, names within names, names that a round brings."""

from __future__ import annotations

import pytest

from pipeline.gazetteer import Gazetteer
from rules.loader import load_pack

NAMES = load_pack().force_names


def test_the_43_are_known_each_in_a_region() -> None:
    assert len(NAMES.known) == 43
    assert {f.region for f in NAMES.known} == {r.id for r in NAMES.regions}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("with North Wales Police and South Wales Police", ["North Wales Police", "South Wales Police"]),
        ("South Yorkshire and West Yorkshire Police", ["South Yorkshire Police", "West Yorkshire Police"]),
        ("Thames Valley and the Hampshire Constabulary", ["Thames Valley Police", "Hampshire Constabulary"]),
        ("the Avon & Somerset and Devon and Cornwall forces", ["Avon and Somerset Constabulary", "Devon and Cornwall Constabulary"]),
        ("DYFED-POWYS POLICE; Dyfed Powys", ["Dyfed-Powys Police", "Dyfed-Powys Police"]),
        ("mutual aid from Kent, Essex and the Met", ["Kent Police", "Essex Police", "Metropolitan Police Service"]),
        ("Kent County Council, Essex Fire and Rescue, the Durham University team", []),
        ("the West Midlands Regional Intelligence Unit", ["West Midlands Regional Intelligence Unit"]),
        ("the West Midlands region and WMP", ["West Midlands Police"]),
        ("Kentish Town, Greater Manchesterford", []),
    ],
)  # fmt: skip
def test_names_are_found_as_plans_write_them(text: str, named: list[str]) -> None:
    assert list(Gazetteer(NAMES).find(text)) == named


def test_names_of_the_round_are_learnt_and_the_longest_is_meant() -> None:
    gazetteer = Gazetteer(NAMES, ["Tamar Police", "North Tamar Police", "Tamar Vale Constabulary"])
    text = "with North Tamar, with Tamar Vale and with Tamar; TAMAR VALE CONSTABULARY leads"
    assert list(gazetteer.find(text)) == ["North Tamar Police", "Tamar Vale Constabulary", "Tamar Police", "Tamar Vale Constabulary"]


@pytest.mark.parametrize(
    "text", ["A dog unit shared with Tamar.", "Tamar's officers lead.", "with Isle Vale and us", "TAMAR AND ISLE VALE"]
)
def test_a_force_of_the_round_is_known_by_its_short_form_alone(text: str) -> None:
    found = list(Gazetteer(NAMES, ["Tamar Police", "Isle Vale Police Service"]).find(text))
    assert found and set(found) <= {"Tamar Police", "Isle Vale Police Service"}


@pytest.mark.parametrize(
    "text",
    [
        "flooding on the River Tamar",
        "the Tamar Bridge exercise",
        "crossing the Tamar estuary",
        "the Tamar valley",
        "Tamar prison",
        "the county of Kent",
        "the Kent coast",
        "the University of Durham",
        "Tamarside",
    ],
)
def test_a_river_a_county_or_a_building_is_no_force(text: str) -> None:
    assert list(Gazetteer(NAMES, ["Tamar Police"]).find(text)) == []


def test_a_short_form_that_two_forces_share_names_neither() -> None:
    assert list(Gazetteer(NAMES, ["Tamar Police", "Tamar Constabulary"]).find("with Tamar")) == []


def test_a_known_force_is_called_as_the_round_calls_it() -> None:
    gazetteer = Gazetteer(NAMES, ["Hampshire Police"])
    assert list(gazetteer.find("with Hampshire Constabulary")) == ["Hampshire Police"]
    assert gazetteer.resolve("hampshire & isle of wight constabulary") == "Hampshire Police"
    assert gazetteer.region("Hampshire Police") == gazetteer.region("Kent Police") == "south_east"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("East Midlands Special Operations Unit", "EMSOU"),
        ("Wales Extremism and Counter Terrorism Unit", "WECTU"),
        ("Yorkshire and the Humber Regional Intelligence Unit", "Yorkshire and Humberside Regional Intelligence Unit"),
    ],
)
def test_a_unit_is_one_under_its_name_and_its_initials(one: str, other: str) -> None:
    gazetteer = Gazetteer(NAMES)
    assert list(gazetteer.find(f"{one}; {other}")) == [one, one] and gazetteer.is_unit(one) and gazetteer.region(one)


def test_units_of_two_regions_with_the_same_initials_are_two() -> None:
    units = ["North West Regional Intelligence Unit", "South West Regional Intelligence Unit", "South East Regional Intelligence Unit"]
    assert list(Gazetteer(NAMES).find("; ".join(units))) == units


def test_a_pack_without_a_gazetteer_finds_nothing() -> None:
    assert list(Gazetteer(NAMES.model_copy(update={"known": (), "regions": ()})).find("with Kent Police")) == []
