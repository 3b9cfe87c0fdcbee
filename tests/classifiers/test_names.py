"""A submission's own names for the areas are learnt from the company they keep, and carried into its other papers."""

from __future__ import annotations

from classifiers.classify import Classifier
from classifiers.encoder import load as load_encoder
from classifiers.model import load
from classifiers.names import DEFINED, MET, names_in, phrase, shares
from extractors.document import Block, Passage
from extractors.sections import passages
from rules.loader import load_pack

PACK = load_pack()
CLASSIFIER = Classifier(PACK, load(), load_encoder())


def paper(*texts: str) -> tuple[Passage, ...]:
    """A small paper: lines that begin with # are headings, those with bars rows."""
    blocks = []
    for text in texts:
        if text.startswith("# "):
            blocks.append(Block("heading", text[2:], level=1))
        elif " | " in text:
            cells = tuple(text.split(" | "))
            blocks.append(Block("table_row", text, cells=cells, columns=("Code", "Service", "Lead")[: len(cells)], table=1))
        else:
            blocks.append(Block("paragraph", text))
    return passages(blocks)


def areas_of(*papers: tuple[Passage, ...]) -> list[dict[int, dict[str, float]]]:
    looks = [CLASSIFIER.look(one, "A paper") for one in papers]
    return [{reading.passage: dict(reading.areas) for reading in document} for document in CLASSIFIER.read(looks)]


def test_names_are_codes_abbreviations_and_capitalised_words() -> None:
    assert {"PS07", "Lantern", "GB/08/03"} <= names_in("Project Lantern (PS07) was bid for as GB/08/03.")
    assert phrase("3. Who's looking for Gran?") == "who's looking for gran"
    assert phrase("A heading that goes on for far too long to be a name") == ""


def test_a_name_belongs_to_the_area_it_is_introduced_with() -> None:
    learnt = shares([("Lantern", "roads_policing", DEFINED), ("Lantern", "roads_policing", MET)], {"Lantern": 5})
    assert max(learnt["Lantern"], key=lambda a: learnt["Lantern"][a]) == "roads_policing"


def test_a_name_that_keeps_everybody_s_company_belongs_to_nobody() -> None:
    company = [("Ferry", area, MET) for area in ("roads_policing", "major_crime", "public_order", "child_abuse", "domestic_abuse")]
    assert shares(company, {"Ferry": 5}) == {}


def test_a_code_explained_in_one_paper_gives_the_area_in_another() -> None:
    key = paper(
        "# Key to the codes", "LN4 | Missing persons | Supt Hart", "KV2 | Roads policing | Insp Dell", "QX9 | Public order | CI Marsh"
    )
    plan = paper(
        "# Actions",
        "Two officers will be posted to LN4 by March 2009, at a cost of £64,000 from the growth budget.",
        "A third car will be fitted for KV2 by June 2009.",
    )
    with_key, alone = list(areas_of(key, plan)[1].values()), list(areas_of(plan)[0].values())
    for area, told, untold in zip(("missing_persons", "roads_policing"), with_key, alone, strict=True):
        assert max(told, key=lambda a: told[a]) == area
        assert told[area] > untold.get(area, 0)


def test_the_area_stands_in_the_heading_above() -> None:
    plan = paper(
        "# Domestic abuse", "We need four more specialist officers and will appoint them by April 2009; the Superintendent is to see to it."
    )
    assert any(about.get("domestic_abuse", 0) >= 0.5 for about in areas_of(plan)[0].values())
