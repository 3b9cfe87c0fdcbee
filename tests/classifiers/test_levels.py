"""Need and threat levels as submissions state them: what a reviewer would read off the page, and nothing that is not on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from classifiers.levels.reader import LevelReader
from classifiers.levels.scales import shape
from classifiers.reading import Bearing, Read, Reading
from classifiers.units import Cues
from extractors.document import CELL_BREAK, Block, Document
from extractors.sections import passages
from rules.loader import load_pack

GANGS, MURDER, HOME = "serious_organised_crime", "major_crime", "domestic_abuse"
HIGH_TO_LOW = {GANGS: 3, MURDER: 2, HOME: 1}
ELEMENTS = {"n": ("gap", "graded_need"), "t": ("threat",), "": ()}

PLACES = ((8, 9), (9, 10), (7, 8))
"""Where the second cell of rows about gangs, murder and home stands."""

Said = tuple[str, str, str]
"""Area, what the sentence bears ("n" need, "t" threat, both or nothing) and its words."""


@pytest.fixture(scope="module")
def reader() -> LevelReader:
    pack = load_pack()
    return LevelReader(pack, Cues(pack))


def said(*sentences: Said | str, file: str = "plan.pdf") -> Read:
    """A document of paragraphs; a plain string is about no area."""
    blocks = [Block("paragraph", s if isinstance(s, str) else s[2]) for s in sentences]
    return _read(file, blocks, [("", "") if isinstance(s, str) else s[:2] for s in sentences])


def table(columns: Sequence[str], *rows: Sequence[str], bears: str = "n", before: Sequence[str] = ()) -> Read:
    """Paragraphs and a table whose rows are about gangs, murder and violence at home, in this order."""
    blocks = [Block("paragraph", text) for text in before]
    blocks += [Block("table_row", CELL_BREAK.join(row), cells=tuple(row), columns=tuple(columns), table=1) for row in rows]
    return _read("table.xlsx", blocks, [("", "")] * len(before) + [(area, bears) for area in (GANGS, MURDER, HOME)])


def _read(file: str, blocks: Sequence[Block], about: Sequence[tuple[str, str]]) -> Read:
    found = passages(blocks)
    readings = [
        Reading(
            i,
            ((area, 0.9),),
            (),
            tuple(Bearing("identified_gaps", e, 0.9, 0, len(found[i].text)) for kind in kinds for e in ELEMENTS[kind]),
        )
        for i, (area, kinds) in enumerate(about)
        if area
    ]
    return Document(file, "", "", 1, 1, found, (), ()), readings


def stated(reader: LevelReader, *documents: Read) -> tuple[dict[str, int], dict[str, int]]:
    """The areas with a level of need, and those with one of threat."""
    levels, _ = reader.levels(documents, reader.stated(documents))
    need, threat = ({area: level for area, level in levels[kind].items() if level} for kind in ("need", "threat"))
    return need, threat


def test_words_under_the_headers_that_mean_need_and_threat(reader: LevelReader) -> None:
    rows = (["Gangs", "Low", "HIGH"], ["Murder", "Med (nights)", "M"], ["Home", "High; 9,000 calls", "Low"])
    assert stated(reader, table(["Service", "Hazard", "Our need"], *rows, bears="nt")) == (HIGH_TO_LOW, {GANGS: 1, MURDER: 2, HOME: 3})


@pytest.mark.parametrize(
    ("marks", "header"),
    [("321", "Need (1-3)"), ("531", "Need score"), ("852", "Need, out of 10"), (("20", "12", "6"), "Need score"), ("ABC", "Need grade")],
)
def test_scores_and_letters_without_a_key_are_read_by_the_shape_of_their_scale(
    reader: LevelReader, marks: Sequence[str], header: str
) -> None:
    assert stated(reader, table(["Service", header], *([name, m] for name, m in zip("abc", marks, strict=True)))) == (HIGH_TO_LOW, {})


@pytest.mark.parametrize(
    ("key", "marks"),
    [
        ("Need is scored 1 to 3, where 1 is high, 2 is medium and 3 is low.", ("1", "2", "3")),
        ("Scores of 15 and above are high need, 8 to 14 are medium, and below 8 is low.", ("15", "8", "7")),
        ("Classes: A and B are low need, C is medium, D and E are high.", ("E", "C", "B")),
        ("Need is BURNING (high: act now), SMOULDERING (medium) or ASH (low).", ("Burning", "Smouldering", "Ash")),
        (
            "First call: put it right this year (high). Second call: by 2011 (medium). Fair weather: in time (low).",
            ("First call", "second call", "Fair weather"),
        ),
        (
            "Tier 1, where much is missing; Tier 2, where some is; Tier 3, where little is. They read high, medium and low.",
            ("Tier 1", "Tier 2", "Tier 3"),
        ),
    ],
)
def test_the_papers_own_key_decides(reader: LevelReader, key: str, marks: Sequence[str]) -> None:
    rows = [[name, mark] for name, mark in zip("abc", marks, strict=True)]
    assert stated(reader, table(["Service", "Need"], *rows, before=[key])) == (HIGH_TO_LOW, {})


def test_a_key_in_one_paper_serves_the_others_and_names_the_column(reader: LevelReader) -> None:
    key = said("Outlook is our word for threat: stormy is high, changeable is medium, settled is low.", file="annex.docx")
    rows = (["Gangs", "Stormy"], ["Murder", "Changeable"], ["Home", "Settled"])
    assert stated(reader, key, table(["Service", "Outlook"], *rows, bears="t")) == ({}, HIGH_TO_LOW)


@pytest.mark.parametrize(
    ("text", "need", "threat"),
    [
        ("The threat is assessed as medium and our need to improve is high.", 3, 2),
        ("Need URGENT. One team short.", 3, 0),
        ("Threat: medium. Capability: high. Need: low.", 1, 2),
        ("About as much danger as elsewhere, so medium, but a high need to be better at it.", 3, 2),
        ("Both threat and need are graded high.", 3, 3),
        ("Need score 20/25 (H).", 3, 0),
        ("Need has been raised from low to medium.", 2, 0),
        ("Our need in serious and organised crime is medium.", 2, 0),
        ("The threat from serious and organised crime is low, and need is medium.", 2, 1),
    ],
)
def test_clauses_of_sentences(reader: LevelReader, text: str, need: int, threat: int) -> None:
    found = stated(reader, said((GANGS, "nt", text)))
    assert found == ({GANGS: need} if need else {}, {GANGS: threat} if threat else {})


def test_a_bare_word_counts_for_what_its_sentence_bears(reader: LevelReader) -> None:
    documents = said((GANGS, "t", "Acute. Nine groups are known."), (MURDER, "n", "Middling, as in 2007."))
    assert stated(reader, documents) == ({MURDER: 2}, {GANGS: 3})


def test_nothing_is_invented(reader: LevelReader) -> None:
    words = said(
        (GANGS, "t", "Twenty high-risk offenders were seen on the High Street; the threat is not yet assessed."),
        (MURDER, "n", "The gap is four detectives and a major refurbishment."),
        (HOME, "t", "Fourteen offenders are at very high risk."),
    )
    rows = (["Gangs", "12 detectives", "4"], ["Murder", "not scored", "11"], ["Home", "6", "TBC"])
    assert stated(reader, words) == stated(reader, table(["Service", "Capability", "Gap"], *rows)) == ({}, {})


def test_columns_of_status_and_rank_are_no_levels(reader: LevelReader) -> None:
    status = table(["Action", "RAG"], ["Recruit", "Red"], ["Train", "Green"], ["Buy", "Amber"])
    rank = table(["Service", "Place in order of need"], ["Gangs", "1"], ["Murder", "4"], ["Home", "9"])
    assert stated(reader, status) == stated(reader, rank) == ({}, {})


def test_a_key_that_is_read_as_about_an_area_is_still_a_key_and_no_statement(reader: LevelReader) -> None:
    key = (MURDER, "nt", "Need is put as BURNING (high: act now), SMOULDERING (medium) or ASH (low).")
    assert stated(reader, said(key, (GANGS, "n", "Ash, as last year."), (HOME, "n", "Burning."))) == ({GANGS: 1, HOME: 3}, {})
    assert stated(reader, said((HOME, "t", "The risk is put as high, medium or low on the first night."))) == ({}, {})


def test_words_of_the_papers_key_say_themselves_what_they_are_of(reader: LevelReader) -> None:
    key = "Need comes in three calls. First call: put it right this year (high). Fair weather: in good time (low)."
    assert stated(reader, said(key, (GANGS, "t", "The pier desk, first call on account of the boats."))) == ({GANGS: 3}, {})


def test_a_heading_says_what_the_levels_at_the_head_of_its_sentences_are_of(reader: LevelReader) -> None:
    blocks = [Block("heading", "Threat in words", level=1), Block("paragraph", "Low. Six come to high water.")]
    assert stated(reader, _read("plan.pdf", blocks, [("", ""), (GANGS, "n")])) == ({GANGS: 1}, {GANGS: 1})


def test_a_row_whose_subject_is_the_area_goes_before_one_that_stands_beside_it(reader: LevelReader) -> None:
    rows = [
        Block("table_row", CELL_BREAK.join(r), cells=r, columns=("Subject", "Need"), table=1) for r in (("Roads", "Low"), ("IT", "High"))
    ]
    assert stated(reader, _read("table.xlsx", rows, [("roads_policing", "n")] * 2)) == ({"roads_policing": 1}, {})


def test_of_two_columns_that_no_name_tells_apart_the_first_is_the_threat(reader: LevelReader) -> None:
    rows = (["Gangs", "strong", "comfortable (1)"], ["Murder", "fair", "stretched (2)"], ["Home", "slack", "overloaded (3)"])
    found = stated(reader, table(["Line of work", "Pull upon us", "Load on the team"], *rows, bears="nt"))
    assert found == ({GANGS: 1, MURDER: 2, HOME: 3}, HIGH_TO_LOW)


def test_words_under_the_name_go_before_the_marks_that_they_were_worked_out_from(reader: LevelReader) -> None:
    columns = ("Service", "Likelihood (1-5)", "Impact (1-5)", "Threat", "Remarks")
    document, readings = table(columns, ("Gangs", "4", "5", "High", ""), ("Murder", "3", "4", "Medium", ""), ("Home", "2", "4", "Low", ""))
    marked = [replace(r, bearings=(Bearing("identified_gaps", "threat", 0.9, *place),)) for r, place in zip(readings, PLACES, strict=True)]
    assert stated(reader, said("Key: high 15-25; medium 8-14; low 1-7."), (document, marked))[1] == HIGH_TO_LOW


def test_a_level_in_one_cell_is_not_of_what_the_next_one_speaks_of(reader: LevelReader) -> None:
    rows = (("Gangs", "HIGH", "Threat left blank"), ("Murder", "MEDIUM", ""), ("Home", "LOW", ""))
    assert stated(reader, table(("Service", "Need", "Remarks"), *rows, bears="nt")) == (HIGH_TO_LOW, {})


def test_levels_of_persons_and_of_declared_incidents_are_none_of_the_area(reader: LevelReader) -> None:
    words = said((GANGS, "t", "Nine were declared critical last year."), (HOME, "t", "Eleven are at the highest of the MAPPA levels."))
    assert stated(reader, words) == ({}, {})


def test_a_table_goes_before_prose_and_an_area_before_its_group(reader: LevelReader) -> None:
    prose = said((GANGS, "n", "Need is high."), ("vulnerable_people", "n", "Need is high."), (HOME, "n", "Need is low."))
    need, _ = stated(reader, prose, table(["Service", "Need"], ["Gangs", "Medium"], ["Murder", "-"], ["Home", "-"]))
    assert (need[GANGS], need[HOME], need["child_abuse"]) == (2, 1, 3)


def test_the_highest_of_an_areas_rows_in_a_register_counts(reader: LevelReader) -> None:
    document, readings = table(["Ref", "Need score"], ["1", "20"], ["1.1", "12"], ["2", "6"])
    same = [Reading(r.passage, ((GANGS, 0.9),), (), r.bearings) for r in readings]
    assert stated(reader, (document, same)) == ({GANGS: 3}, {})


def test_a_row_that_begins_with_need_states_its_area_s(reader: LevelReader) -> None:
    columns, row = ("We asked", "They said"), ("How great is the need?", "High")
    blocks = [Block("table_row", CELL_BREAK.join(row), cells=row, columns=columns, table=1)]
    assert stated(reader, _read("scorecard.docx", blocks, [(GANGS, "n")])) == ({GANGS: 3}, {})


def test_a_table_with_a_column_for_each_area(reader: LevelReader) -> None:
    columns = ("", "Serious and organised crime", "Major crime", "Domestic abuse")
    rows = [("Level of threat", "High", "Medium", "Low"), ("Assessed need", "1", "2", "n/a"), ("Detectives", "44", "31", "16")]
    need, threat = stated(reader, table(columns, *rows, before=["Need is scored 3 for high, 2 for medium and 1 for low."]))
    assert threat == HIGH_TO_LOW
    assert need == {GANGS: 1, MURDER: 2}


def test_shape_of_the_usual_scales() -> None:
    assert [shape(mark, 5) for mark in range(1, 6)] == [1, 1, 2, 3, 3]
    assert [shape(mark, 25) for mark in (6, 8, 14, 15, 25)] == [1, 2, 2, 3, 3]
    assert [shape(mark, 9) for mark in (3, 4, 6, 7)] == [1, 2, 2, 3]


def test_a_level_comes_from_the_documents_that_state_that_very_level(reader: LevelReader) -> None:
    paper = said((GANGS, "n", "Our need on drugs gangs is medium."), (MURDER, "n", "Our need in major crime is medium."))
    register = table(["Area", "Need"], ["Gangs", "High"], ["Murder", "Medium"], ["Home", "Low"])
    levels, files = reader.levels([paper, register], reader.stated([paper, register]))
    assert levels["need"][GANGS] == 3
    sources = files["need"]
    assert (sources[GANGS], sources[MURDER], sources[HOME]) == (["table.xlsx"], ["plan.pdf", "table.xlsx"], ["table.xlsx"])


def test_roman_numbers_are_marks(reader: LevelReader) -> None:
    """A key, and a table that labels each mark."""
    key = "Tier I denotes a service in which the need is judged to be high, Tier II moderate and Tier III low."
    rows = (["Gangs", "Tier I"], ["Murder", "Tier II"], ["Home", "Tier III"])
    assert stated(reader, table(["Service", "Need"], *rows, before=[key]))[0] == HIGH_TO_LOW


def test_a_first_tier_is_the_highest_where_nothing_explains_it(reader: LevelReader) -> None:
    rows = (["Gangs", "Tier 1"], ["Murder", "Tier 2"], ["Home", "Tier 3"])
    assert stated(reader, table(["Service", "Need"], *rows))[0] == HIGH_TO_LOW


def test_the_key_s_letters_name_a_column_that_stands_beside_the_threat(reader: LevelReader) -> None:
    key = "Category A means that the assessed need is high; B that it is medium; C that it is low. Threat is given in words."
    rows = (["Gangs", "Low", "A"], ["Murder", "Medium", "B"], ["Home", "High", "C"])
    need, threat = stated(reader, table(["Area", "Threat", "Category"], *rows, bears="nt", before=[key]))
    assert (need, threat) == (HIGH_TO_LOW, {GANGS: 1, MURDER: 2, HOME: 3})


def test_a_level_of_concern_does_not_repeat_a_column_of_names(reader: LevelReader) -> None:
    rows = (["Gangs", "3", "Low"], ["Murder", "2", "Medium"], ["Home", "1", "High"])
    need, threat = stated(reader, table(["Threat", "Level of concern", "Rating of threat by the analysts"], *rows, bears="nt"))
    assert threat == {GANGS: 1, MURDER: 2, HOME: 3}
    assert need in ({}, HIGH_TO_LOW)


def test_a_score_in_a_sentence_is_read_by_the_key_that_later_says_what_it_is_of(reader: LevelReader) -> None:
    key = "Likelihood and impact run to five. A product of 16 or more is treated as high, 9 to 15 as medium and below 9 as low. "
    paper = said(
        key + "The score describes the threat.", (GANGS, "t", "Score 20. Imports rise."), (MURDER, "t", "Score 9. Fifteen murders.")
    )
    assert stated(reader, paper)[1] == {GANGS: 3, MURDER: 2}


def test_each_level_of_a_list_is_of_the_areas_named_before_it(reader: LevelReader) -> None:
    text = "In the register serious and organised crime is entered as a high threat and homicide as a medium one."
    read, readings = said((GANGS, "t", text))
    both = [replace(readings[0], areas=((GANGS, 0.9), (MURDER, 0.9)))]
    assert stated(reader, (read, both))[1] == {GANGS: 3, MURDER: 2}


def test_under_a_header_that_says_so_a_level_counts_though_its_row_was_read_as_something_else(reader: LevelReader) -> None:
    rows = (["Gangs", "High"], ["Murder", "Medium"], ["Home", "Low"])
    assert stated(reader, table(["Service", "Threat level"], *rows, bears="")) == ({}, HIGH_TO_LOW)
    assert stated(reader, table(["Service", "Standing"], *rows, bears="")) == ({}, {})
