"""A reviewer at a cell: what the page shows, and what becomes of a decision, a mark, a comment."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests.workbench.conftest import NOW, Person, Workbench

FORCE, SLUG = "Saltmere Police", "saltmere-police"
AREA, CRITERION = "roads_policing", "prioritisation"
CELL = f"/force/{SLUG}/{AREA}/{CRITERION}"


def standing(workbench: Workbench) -> tuple[str, int]:
    now = workbench.bench.record.standing(FORCE)[AREA, CRITERION]
    return now.status, now.grade


def decide(who: Person, grade: int, tail: str = "", **fields: str) -> str:
    page = who.get(CELL + tail).text
    seen = re.search(r'name="seen" value="(\d*)"', page)
    assert seen
    return who.send(CELL + tail, f"{CELL}/decide{tail}", grade=grade, seen=seen[1], version="1", **fields).text


def test_the_cell_shows_the_grade_its_elements_its_quotes_and_the_sheet_with_the_words_marked(workbench: Workbench) -> None:
    page = workbench.signed_in("reader").get(CELL)
    assert "Meets standard</strong> is the provisional grade" in page.text
    assert page.text.count("✓ Found:") == 4
    assert re.search(r'<td class="hit now"><mark>Start a night traffic car</mark></td>', page.text)


def test_the_page_of_a_pdf_is_shown_with_the_very_words_marked(workbench: Workbench) -> None:
    page = workbench.signed_in("reader").get(f"{CELL}?evidence=2").text
    assert 'aria-label="Page 3 of Policing Saltmere 2008-11.pdf"' in page
    marks = [tuple(map(float, m)) for m in re.findall(r'class="now" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', page)]
    lines = re.findall(r'<text x="([\d.]+)"[^>]*textLength="([\d.]+)"[^>]*>([^<]*)<', page)
    line = next(line for line in lines if "you will see more of them. But our first priority" in " ".join(line[2].split()))
    assert len(marks) == 3  # "more of them", and "our first priority for these three years is" over two lines
    assert float(line[0]) <= marks[0][0] and marks[0][0] + marks[0][2] < float(line[0]) + float(line[1])


def test_the_picture_of_a_page_is_a_png_and_pages_that_are_not_there_are_not_found(workbench: Workbench) -> None:
    reader = workbench.signed_in("reader")
    assert reader.get(f"/paper/{SLUG}/1/1/3.png").content.startswith(b"\x89PNG")
    assert reader.get(f"/paper/{SLUG}/1/1/99.png").status_code == 404


def test_accepting_is_one_form_and_opens_the_next_cell_of_the_queue(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    answer = rose.send(f"{CELL}?queue=force", f"{CELL}/decide?queue=force", grade=2, seen="", version="1")
    assert "Signed: Saltmere Police, Roads policing, prioritisation: 2 meets standard." in answer.text
    assert answer.url.path != CELL and answer.url.path.startswith(f"/force/{SLUG}/")
    assert standing(workbench) == ("validated", 2)
    decision = workbench.bench.record.history(FORCE, AREA, CRITERION)[-1]
    assert (decision.reviewer, decision.evidence.accepted) == ("rose", (1, 2))


def test_overriding_needs_a_reason(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    assert "Say why you give another grade" in decide(rose, 1, override="yes", reason="  ")
    assert standing(workbench) == ("provisional", 2)
    assert "Signed:" in decide(rose, 1, override="yes", reason="The dates are of the drafts.")
    assert standing(workbench) == ("overridden", 1)
    assert "The dates are of the drafts." in rose.get(CELL).text


@pytest.mark.parametrize("grade", ["7", "-1", "", "two"])
def test_a_grade_out_of_range_is_refused(workbench: Workbench, grade: str) -> None:
    rose = workbench.signed_in("rose")
    assert "Select the grade that you give" in rose.send(CELL, f"{CELL}/decide", grade=grade, reason="x", version="1").text
    assert standing(workbench) == ("provisional", 2)


def test_of_two_who_decide_at_once_the_second_sees_the_first(workbench: Workbench) -> None:
    rose, ravi = workbench.signed_in("rose"), workbench.signed_in("ravi")
    token = ravi.token(CELL, f"{CELL}/decide")
    decide(rose, 1, reason="No owner is named.")
    answer = ravi.client.post(f"{CELL}/decide", data={"token": token, "grade": "2", "seen": "", "version": "1"})
    assert answer.status_code == 409 and "Rose decided on this cell" in answer.text and "No owner is named." in answer.text
    assert standing(workbench) == ("overridden", 1)
    decide(ravi, 2)
    assert standing(workbench) == ("validated", 2)
    assert len(workbench.bench.record.history(FORCE, AREA, CRITERION)) == 2


def test_a_decided_cell_is_reopened_with_a_reason_and_waits_again(workbench: Workbench) -> None:
    rose, ravi = workbench.signed_in("rose"), workbench.signed_in("ravi")
    assert "Reopen the cell" not in rose.get(CELL).text
    decide(rose, 1, reason="No owner is named.")
    seen = workbench.bench.record.history(FORCE, AREA, CRITERION)[-1].number
    assert "Say why the cell is reopened" in ravi.send(CELL, f"{CELL}/reopen", seen=str(seen), why_again=" ").text
    assert "Nothing was reopened" in ravi.send(CELL, f"{CELL}/reopen", seen="", why_again="I had not seen it.").text
    assert standing(workbench) == ("overridden", 1)
    assert "The cell is reopened" in ravi.send(CELL, f"{CELL}/reopen", seen=str(seen), why_again="Annex B names one.").text
    assert standing(workbench) == ("provisional", 2)
    page = rose.get(CELL).text
    assert "Annex B names one." in page and "No owner is named." in page and "Reopen the cell" not in page
    decide(rose, 2)
    assert [d.kind for d in workbench.bench.record.history(FORCE, AREA, CRITERION)] == ["overridden", "reopened", "accepted"]


def test_marks_on_the_evidence_are_signed_with_the_decision(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    assert "Not signed yet: 1 quote marked wrong" in rose.send(f"{CELL}?evidence=2", f"{CELL}/draft/wrong", evidence=2).text
    assert "1 quote added or tagged" in rose.send(f"{CELL}?evidence=1", f"{CELL}/draft/tag", evidence=1, element="priority").text
    decide(rose, 2)
    marks = workbench.bench.record.history(FORCE, AREA, CRITERION)[-1].evidence
    assert marks.accepted == (1,) and marks.rejected == (2,)
    assert marks.added[0]["elements"] == ["priority"] and marks.added[0]["quote"].startswith("Start a night traffic car")


def test_evidence_is_added_by_its_words_wherever_the_lines_break(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    words = "212 outboard\nmotors   went missing, most\nfrom open moorings"
    page = rose.send(CELL, f"{CELL}/draft/add", document="1", quote=words, bears="action", page="")
    assert "Added by Rose" in page.text and "212 outboard motors went missing" in page.text
    decide(rose, 2)
    added = workbench.bench.record.history(FORCE, AREA, CRITERION)[-1].evidence.added[0]
    assert added["quote"] == "212 outboard motors went missing, most from open moorings"
    assert (added["page"], added["elements"], added["file"]) == (3, ["action"], "Policing Saltmere 2008-11.pdf")


def test_words_that_do_not_stand_in_the_document_are_no_evidence(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    page = rose.send(CELL, f"{CELL}/draft/add", document="1", quote="A night traffic car for every town")
    assert page.status_code == 422 and "do not stand in the document" in page.text


def test_a_comment_may_flag_the_cell_and_another_settles_it(workbench: Workbench) -> None:
    rose, mona = workbench.signed_in("rose"), workbench.signed_in("mona")
    rose.send(CELL, f"{CELL}/comment", comment="Whose inspector?", flag="yes")
    assert "Whose inspector?" in mona.get(CELL).text
    assert "Roads policing" in mona.get("/queue/flagged").text
    mona.send(CELL, f"{CELL}/comment", comment="Ours.", flag="no")
    assert "Roads policing" not in mona.get("/queue/flagged").text


def test_queues_put_first_what_they_say(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    shown = [int(n) for n in re.findall(r'<td class="num">(\d+)%</td>', rose.get("/queue/uncertain").text)]
    assert len(shown) == 50 and shown == sorted(shown)
    needs = re.findall(r"<td>(High|Medium|Low|No evidence|Not stated)</td>", rose.get("/queue/need").text)
    assert needs[0] == "High" and needs == sorted(needs, key=["High", "Medium", "Low", "No evidence", "Not stated"].index)
    assert "Nothing waits" in rose.get("/queue/mine").text


def send_again(workbench: Workbench) -> None:
    """Saltmere's second version: without its workbook and what stood in it."""
    record = workbench.bench.record
    whole = json.loads((workbench.bench.out / "matrix.json").read_bytes())
    entry = next(one for one in whole["submissions"] if one["force"] == FORCE)
    sources = {(entry["folder"], file): source for file, source in record.sources(record.latest(FORCE)).items()}
    entry["documents"] = [one for one in entry["documents"] if not one["file"].endswith(".xlsx")]
    for row in entry["cells"].values():
        for cell in row.values():
            cell["evidence"] = [one for one in cell["evidence"] if not one["file"].endswith(".xlsx")]
    record.add_review(whole, workbench.bench.clock(), workbench.bench.out / "store", sources)


def test_the_queue_of_stale_cells_tells_them_from_those_that_nobody_decided_on(workbench: Workbench) -> None:
    rose, record, clock = workbench.signed_in("rose"), workbench.bench.record, workbench.bench.clock
    assert "No cell is stale" in rose.get("/queue/stale").text
    record.decide(FORCE, AREA, CRITERION, grade=2, reviewer="ravi", at=clock())
    send_again(workbench)
    record.carry(FORCE, {(AREA, CRITERION): "stale"}, clock())
    page = rose.get("/queue/stale").text
    assert "1 cell is stale: a new submission overtook its decision. 139 others wait for a first decision." in page
    assert page.index("Roads policing: prioritisation") < page.index(">Provisional</span>")
    assert "140 left, 1 of them stale" in rose.get(f"{CELL}?queue=stale").text


def test_an_earlier_version_is_read_as_it_was(workbench: Workbench) -> None:
    rose, record, clock = workbench.signed_in("rose"), workbench.bench.record, workbench.bench.clock
    record.decide(FORCE, AREA, CRITERION, grade=1, reviewer="ravi", at=clock(), reason="No owner is named.")
    send_again(workbench)
    stale = record.carry(FORCE, {(AREA, CRITERION): "stale"}, clock())[-1]
    record.decide(FORCE, AREA, CRITERION, grade=3, reviewer="ravi", at=clock(), reason="Now there is one.", seen=stale.number)
    force, past = rose.get(f"/force/{SLUG}").text, rose.get(f"/force/{SLUG}/versions/1").text
    assert f'<a href="/force/{SLUG}/versions/1">Version 1 as it was</a>' in force
    assert "Version 1 as it was" in past and "Protection Action Workbook.xlsx" in past and "Protection Action Workbook.xlsx" not in force
    link = f"/force/{SLUG}/versions/1/{AREA}/{CRITERION}"
    assert re.search(rf'href="{link}" aria-label="Roads policing, Prioritisation: [^"]+, Overridden">1 ', past)
    cell = rose.get(link).text
    assert "<mark>Start a night traffic car</mark>" in cell and "No owner is named." in cell and "Now there is one." not in cell
    assert f'href="{CELL}">The cell as it is now' in cell and 'id="accept"' not in cell and "Write a comment" not in cell
    beside = rose.get(f"{link}?evidence=2").text
    assert 'aria-label="Page 3 of Policing Saltmere 2008-11.pdf"' in beside and 'class="now"' in beside
    picture = re.search(r'<image href="([^"]+)"', beside)
    assert picture and rose.get(picture[1]).content.startswith(b"\x89PNG")
    assert rose.get(f"/paper/{SLUG}/1/2").status_code == 200 and rose.get(f"/paper/{SLUG}/2/2").status_code == 404
    assert "Now there is one." in rose.get(f"/force/{SLUG}/versions/2/{AREA}/{CRITERION}").text


def test_what_a_moderator_gives_stands_in_the_reviewers_queue(workbench: Workbench) -> None:
    mona, rose = workbench.signed_in("mona"), workbench.signed_in("rose")
    mona.send(f"/force/{SLUG}", f"/force/{SLUG}/assign", reviewer="rose", area=AREA, criterion="", give="yes")
    assert "7 cells wait" in rose.get("/queue/mine").text
    assert "Rose" in rose.get("/").text
    mona.send(f"/force/{SLUG}", f"/force/{SLUG}/assign", reviewer="rose", area=AREA, criterion="", give="no")
    assert "Nothing waits" in rose.get("/queue/mine").text


def test_what_was_no_submission_is_withdrawn_and_taken_back_with_a_reason(workbench: Workbench) -> None:
    mona, rose = workbench.signed_in("mona"), workbench.signed_in("rose")
    path = f"/force/{SLUG}"
    assert "Withdraw from the round" not in rose.get(path).text
    mona.send(path, f"{path}/assign", reviewer="rose", area=AREA, criterion="", give="yes")
    mona.send(CELL, f"{CELL}/comment", comment="Whose paper is this?", flag="yes")
    assert "Say why it is withdrawn" in mona.send(path, f"{path}/withdraw", why_out=" ").text
    mona.send(path, f"{path}/withdraw", why_out="A folder in the wrong place.")
    assert rose.get(path).status_code == 404 and "Nothing waits" in rose.get("/queue/mine").text
    seen = rose.get("/").text
    assert "of 70 cells" in seen and "“A folder in the wrong place.”" in seen and "Take one back" not in seen
    for page in ("/queue/uncertain", "/queue/flagged", "/double", "/moderation", "/upload"):
        assert mona.get(page).status_code == 200 and FORCE not in mona.get(page).text, page
    assert "Say why it is taken back" in mona.send("/", "/take-back", force=FORCE, why_back="").text
    mona.send("/", "/take-back", force=FORCE, why_back="It was theirs after all.")
    assert "of 140 cells" in rose.get("/").text and "7 cells wait" in rose.get("/queue/mine").text


def test_bulk_accepts_only_cells_as_certain_as_the_lead_says_each_signed(workbench: Workbench) -> None:
    mona, record = workbench.signed_in("mona"), workbench.bench.record
    certain = [s for f in record.forces() for s in record.standing(f).values() if s.confidence >= 0.85]
    answer = mona.send("/bulk?least=85", "/bulk", least="85", counted=counted(mona, 85))
    assert "Confirm that you sign" in answer.text and not record.decisions()
    mona.send("/bulk?least=85", "/bulk", least="85", counted=counted(mona, 85), sure="yes")
    assert len(record.decisions()) == len(certain) > 0
    assert {(d.kind, d.reviewer) for d in record.decisions()} == {("accepted", "mona")}
    assert mona.send("/bulk?least=50", "/bulk", least="20", sure="yes").status_code == 400


@pytest.mark.parametrize("least", [57, 58])
def test_bulk_signs_the_very_cells_that_it_counted(workbench: Workbench, least: int) -> None:
    mona = workbench.signed_in("mona")
    page = mona.get(f"/bulk?least={least}").text
    told = re.search(rf"(\d+) cells are provisional and at least {least}% certain", page)
    assert told
    mona.send(f"/bulk?least={least}", "/bulk", least=str(least), counted=counted(mona, least), sure="yes")
    assert len(workbench.bench.record.decisions()) == int(told[1])
    assert all(f"at least {least}% confidence" in one.reason for one in workbench.bench.record.decisions())


def test_bulk_asks_again_where_the_round_changed_after_it_was_counted(workbench: Workbench) -> None:
    mona, record = workbench.signed_in("mona"), workbench.bench.record
    before = counted(mona, 85)
    (area, criterion), standing = next((k, s) for k, s in record.standing(FORCE).items() if s.confidence >= 0.85)
    record.decide(FORCE, area, criterion, grade=standing.provisional, reviewer="rose", at=workbench.bench.clock())
    answer = mona.send("/bulk?least=85", "/bulk", least="85", counted=before, sure="yes")
    assert answer.status_code == 422 and "The round changed after these cells were counted. Nothing was signed" in answer.text
    assert mona.send("/bulk?least=85", "/bulk", least="80", counted=counted(mona, 85), sure="yes").status_code == 422
    assert [one.reviewer for one in record.decisions()] == ["rose"]
    mona.send("/bulk?least=85", "/bulk", least="85", counted=counted(mona, 85), sure="yes")
    assert len(record.decisions()) > 1


def counted(person: Person, least: int) -> str:
    """What the form says was counted."""
    found = re.search('name="counted" value="([^"]+)"', person.get(f"/bulk?least={least}").text)
    assert found
    return found[1]


def test_search_finds_passages_with_all_the_words(workbench: Workbench) -> None:
    page = workbench.signed_in("reader").get(f"/force/{SLUG}/search?words=outboard+MOTORS").text
    assert "1 passage has" in page and "<mark>outboard</mark> <mark>motors</mark>" in page
    assert "No passage has" in workbench.signed_in("reader").get(f"/force/{SLUG}/search?words=zeppelin").text


def test_grades_in_force_roll_up(workbench: Workbench) -> None:
    rose, record = workbench.signed_in("rose"), workbench.bench.record
    before = rose.get("/").text
    assert "Saltmere Police, Roads policing: Meets standard" in before
    for (area, criterion), now in record.standing(FORCE).items():
        if area == AREA and now.grade:
            record.decide(FORCE, area, criterion, grade=0, reviewer="rose", at=workbench.bench.clock(), reason="None of it is theirs.")
    assert "Saltmere Police, Roads policing: No evidence" in rose.get("/").text


def test_a_quote_above_ones_clearance_is_not_shown(workbench: Workbench) -> None:
    record = workbench.bench.record
    user = record.user("rose")
    assert user
    record.save_user(replace(user, marking="NOT PROTECTIVELY MARKED"), by="ada", at=NOW)
    rose = workbench.signed_in("rose")
    assert "A quote from a document above your clearance" in rose.get(CELL).text
    assert "night traffic car" not in rose.get(CELL).text
    assert rose.get(f"/paper/{SLUG}/1/0").status_code == rose.get(f"/paper/{SLUG}/1/2").status_code == 404
    assert "night traffic car" not in rose.get(f"/force/{SLUG}/search?words=traffic+car").text


def test_a_moderator_publishes_the_grades_in_force(workbench: Workbench) -> None:
    decide(workbench.signed_in("rose"), 1, reason="No owner is named.")
    assert "1 of 140 cells are decided" in workbench.signed_in("mona").send("/", "/publish").text
    told = json.loads((workbench.bench.out / "reviewed.json").read_bytes())
    cell = next(s for s in told["submissions"] if s["force"] == FORCE)["cells"][AREA][CRITERION]
    assert (cell["grade"], cell["provisional_grade"], cell["decision"]["reviewer"]) == (1, 2, "rose")
    assert 'action="/publish"' not in workbench.signed_in("rose").get("/").text


def test_any_page_can_be_turned_to_and_searched_beside_the_cell(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    page = rose.get(f"{CELL}?document=1&number=2").text
    assert 'aria-label="Page 2 of Policing Saltmere 2008-11.pdf"' in page and f'{CELL}?document=1&amp;number=3#page">Page 3' in page
    hits = rose.get(f"/force/{SLUG}/search?words=outboard&cell={AREA}/{CRITERION}").text
    found = re.search(rf'href="({CELL}\?document=1&amp;number=3&amp;start=\d+&amp;end=\d+)"', hits)
    assert found
    beside = rose.get(found[1].replace("&amp;", "&")).text
    assert 'aria-label="Page 3 of' in beside and 'class="now"' in beside and 'id="accept"' in beside
    assert f'href="/paper/{SLUG}/1/1?start=' in rose.get(f"/force/{SLUG}/search?words=outboard&cell=x/../y").text
