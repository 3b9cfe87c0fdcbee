"""Packs: what is loaded, what is refused and how the refusal reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from rules.loader import PackError, check_texts, load_pack

STREET = Path(__file__).parent.parent / "packs" / "street-lighting"


@pytest.fixture
def pack_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STREET, tmp_path / "pack"))


def edit(folder: Path, change) -> None:
    file = folder / "pack.yaml"
    content = yaml.safe_load(file.read_text())
    change(content)
    file.write_text(yaml.safe_dump(content))


def test_the_home_office_pack_is_the_handbooks() -> None:
    pack = load_pack()
    assert [a.short for a in pack.areas] == ["SOC", "MC", "CC", "CI", "PO", "RP", "DA", "MP", "CA", "SVO"]
    shape = {c.id: (len(c.required), len(c.depth), c.force_wide_suffices) for c in pack.criteria}
    assert shape == {
        "identified_gaps": (3, 2, False),
        "existing_work": (2, 2, True),
        "collaboration": (2, 3, True),
        "prioritisation": (4, 2, False),
        "resource_allocation": (2, 3, True),
        "governance_compliance": (3, 3, True),
        "measures_of_success": (3, 2, False),
    }
    assert pack.members("vulnerable_people") == ("domestic_abuse", "missing_persons", "child_abuse", "sexual_violent_offenders")
    assert len(pack.members("force_wide")) == 10


def test_every_cue_of_the_home_office_pack_keeps_to_its_twin_texts() -> None:
    assert check_texts() == []


def test_a_cue_that_breaks_its_twin_is_named(pack_folder: Path) -> None:
    edit(pack_folder, lambda c: c["areas"][0].update(cues=["lamplighter*"]))
    wrong = check_texts(str(pack_folder))
    assert any("no cue matches 'The lamps on Mill Road are old.'" in line for line in wrong)
    assert any("'lamplighter*' matches \"A lamplighter's cottage.\"" in line for line in wrong)


REFUSED = [
    (lambda c: c.update(colour="red"), "key colour"),
    (lambda c: c["areas"][0].update(colour="red"), "areas.0.colour"),
    (lambda c: c.pop("criteria"), "key criteria: field required. Add the key."),
    (lambda c: c["areas"].append(dict(c["areas"][0])), "'lamps' is used twice"),
    (lambda c: c["groups"][0].update(areas=["lamps", "drains"]), "unknown area 'drains'. Areas: lamps, cables, controls."),
    (lambda c: c["areas"][0].update(cues=["<speed> lamp"]), "areas.lamps.cues: cue '<speed> lamp' uses the slot <speed>"),
    (lambda c: c["slots"].update(number="("), "slots.number: is not a regular expression"),
    (lambda c: [e.update(required=False) for e in c["criteria"][0]["elements"]], "criteria.renewal: no element is required"),
    (lambda c: c["grades"].pop(), "the scale is [0, 1, 2]"),
]


@pytest.mark.parametrize(("change", "says"), REFUSED)
def test_a_wrong_pack_is_refused_naming_file_key_and_remedy(pack_folder: Path, change, says: str) -> None:
    edit(pack_folder, change)
    with pytest.raises(PackError) as error:
        load_pack(str(pack_folder))
    assert says in str(error.value)
    assert "pack.yaml" in str(error.value)


def test_a_key_written_twice_is_refused(pack_folder: Path) -> None:
    file = pack_folder / "pack.yaml"
    file.write_text(file.read_text() + "\nname: Another name\n")
    with pytest.raises(PackError, match="'name' is written twice"):
        load_pack(str(pack_folder))


def test_a_missing_pack_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(PackError, match="home-office-2008"):
        load_pack("home-office-2088")


def test_the_hash_changes_with_the_packs_content(pack_folder: Path) -> None:
    before = load_pack(str(pack_folder)).sha256
    other = pack_folder.with_name("other")
    shutil.copytree(pack_folder, other)
    edit(other, lambda c: c["areas"][0].update(cues=["lamp"]))
    assert load_pack(str(other)).sha256 != before
