"""Two reviewers grade the same cells blind; a moderator sees both and decides."""

from __future__ import annotations

from tests.workbench.conftest import Person, Workbench

SLUG, AREA, CRITERION = "saltmere-police", "roads_policing", "prioritisation"
CELL, ADJUDICATION = f"/force/{SLUG}/{AREA}/{CRITERION}", f"/double/{SLUG}/{AREA}/{CRITERION}"


def give_out(workbench: Workbench, share: str) -> Person:
    mona = workbench.signed_in("mona")
    mona.send("/double", "/double", first="rose", second="ravi", share=share)
    return mona


def give_one(workbench: Workbench) -> Person:
    for reviewer in ("rose", "ravi"):
        workbench.bench.record.assign(
            "Saltmere Police", reviewer=reviewer, by="mona", at=workbench.bench.clock(), area=AREA, criterion=CRITERION, blind=True
        )  # fmt: skip
    return workbench.signed_in("mona")


def grade(person: Person, number: int, reason: str = "") -> str:
    return person.send(CELL, f"{CELL}/decide", grade=number, seen="", version="1", override="yes", reason=reason).text


def test_a_share_of_the_cells_goes_to_both_and_to_nobody_twice(workbench: Workbench) -> None:
    mona = give_out(workbench, "20")
    given = workbench.bench.record.assignments()
    cells = {(a.force, a.area, a.criterion) for a in given}
    assert {a.reviewer for a in given} == {"rose", "ravi"} and len(given) == 2 * len(cells) and 14 <= len(cells) <= 42
    mona.send("/double", "/double", first="rose", second="mona", share="20")
    assert len(workbench.bench.record.assignments()) == len(given)
    assert f"{len(cells)} cells wait" in workbench.signed_in("rose").get("/queue/mine").text


def test_neither_sees_the_others_grade_until_both_have_graded(workbench: Workbench) -> None:
    mona = give_one(workbench)
    rose, ravi = workbench.signed_in("rose"), workbench.signed_in("ravi")
    grade(rose, 1, "No deadline is binding.")
    page = ravi.get(CELL).text
    assert "Your grade" in page and "No deadline is binding." not in page
    assert mona.get(ADJUDICATION).status_code == 404
    assert "No deadline is binding." in rose.get(CELL).text
    assert "No deadline is binding." not in mona.get(CELL).text and "No deadline" not in workbench.signed_in("reader").get(CELL).text
    assert "A moderator decides once both grades are there" in rose.get(CELL).text
    assert workbench.bench.record.standing("Saltmere Police")[AREA, CRITERION].status == "provisional"


def test_adjudication_sets_both_side_by_side_and_its_decision_is_in_force(workbench: Workbench) -> None:
    mona = give_one(workbench)
    grade(workbench.signed_in("rose"), 1, "No deadline is binding.")
    grade(workbench.signed_in("ravi"), 2)
    page = mona.get(ADJUDICATION).text
    assert "Rose:" in page and "Ravi:" in page and "No deadline is binding." in page and "Start a night traffic car" in page
    assert "Differ" in mona.get("/double").text
    assert "Say why this grade stands" in mona.send(ADJUDICATION, ADJUDICATION, grade="2", reason="", seen="").text
    mona.send(ADJUDICATION, ADJUDICATION, grade="1", reason="Rose is right.", seen="")
    standing = workbench.bench.record.standing("Saltmere Police")[AREA, CRITERION]
    assert (standing.status, standing.grade) == ("overridden", 1)
    assert "Differ" not in mona.get("/double").text
    assert "No deadline is binding." in mona.get(CELL).text


def test_agreement_is_shown_as_grades_come_in(workbench: Workbench) -> None:
    give_one(workbench)
    rose = workbench.signed_in("rose")
    assert "0 of 1 such cells have both grades" in rose.get("/double").text
    grade(rose, 2)
    grade(workbench.signed_in("ravi"), 1, "It is thin.")
    page = rose.get("/double").text
    assert "1 of 1 such cells have both grades" in page
    assert '<td class="num">0%</td>' in page and '<td class="num">100%</td>' in page  # none the same, all adjacent


def test_a_cell_in_double_review_is_in_no_one_elses_queue(workbench: Workbench) -> None:
    give_one(workbench)
    assert "139 cells wait" in workbench.signed_in("ada").get("/queue/uncertain").text
    assert "140 cells wait" in workbench.signed_in("rose").get("/queue/uncertain").text


def test_all_forces_stand_side_by_side_for_one_cell(workbench: Workbench) -> None:
    page = workbench.signed_in("reader").get(f"/moderation?area={AREA}&criterion={CRITERION}").text
    assert "Greyholm Constabulary" in page and "Saltmere Police" in page and "Start a night traffic car" in page


def test_an_administrator_makes_changes_and_closes_accounts(workbench: Workbench) -> None:
    ada, record = workbench.signed_in("ada"), workbench.bench.record
    password = "lantern gravel teapot"
    fields = {"role": "reviewer", "marking": "RESTRICTED", "which": "some", "forces": "Saltmere Police", "password": password}
    ada.send("/people/new", "/people/new", name="Nell", full_name="Nell Archer", **fields)
    nell = workbench.browser()
    answer = nell.post("/sign-in", data={"name": "nell", "password": password})
    assert "Saltmere Police" in answer.text and "Greyholm" not in answer.text
    ada.send("/people/person/nell", "/people/person/nell", **{**fields, "password": "", "role": "reader", "disabled": "yes"})
    assert nell.get("/").url.path == "/sign-in"
    told = [(one.by, {key: now for key, (_, now) in one.changed.items()}) for one in record.account_changes() if one.name == "nell"]
    assert told[0][0] == "ada" and told[0][1]["forces"] == ["Saltmere Police"] and password not in str(told)
    assert told[1:] == [("ada", {"role": "reader", "disabled": True, "full_name": ""})]
    page = ada.get("/people/changes").text
    assert "Made: reviewer, Saltmere Police, cleared up to RESTRICTED" in page and "Role: reviewer → reader" in page and "Macro" not in page
    user = record.user("nell")
    assert user and user.disabled and user.role == "reader"
    answer = ada.send("/people/person/ada", "/people/person/ada", role="reader", marking="SECRET", which="all")
    assert "You cannot take away your own rights" in answer.text


def test_a_bad_account_is_refused_with_the_reason(workbench: Workbench) -> None:
    ada = workbench.signed_in("ada")
    page = ada.send("/people/new", "/people/new", name="rose", password="short", role="king", marking="PURPLE").text
    for words in ("account of this name already", "at least 12 characters", "Select a role", "Select the highest marking"):
        assert words in page


def test_someone_changes_their_own_password_and_other_sessions_end(workbench: Workbench) -> None:
    rose, elsewhere = workbench.signed_in("rose"), workbench.signed_in("rose")
    wrong = rose.send("/account", "/account", old="no", new="lantern gravel teapot", again="lantern gravel teapot")
    assert "not your present password" in wrong.text
    rose.send("/account", "/account", old="three unconnected words", new="lantern gravel teapot", again="lantern gravel teapot")
    assert rose.get("/").url.path == "/" and elsewhere.get("/").url.path == "/sign-in"
