"""What strangers and mischief try: each is refused or harmless."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from pipeline.record.types import User, Version
from tests.workbench.conftest import NOW, PASSWORD, SECRET, Workbench, form_token
from workbench.bench import Bench
from workbench.security import IDLE, LONGEST, Sessions, password_wrong
from workbench.views import visible

SLUG = "saltmere-police"
CELL = f"/force/{SLUG}/roads_policing/prioritisation"
PAGES = (
    "/",
    f"/force/{SLUG}",
    CELL,
    f"/paper/{SLUG}/1/1",
    f"/paper/{SLUG}/1/1/1.png",
    f"/force/{SLUG}/versions/1",
    f"/force/{SLUG}/versions/1/roads_policing/prioritisation",
    "/queue/need",
    "/bulk",
    "/account",
    "/help",
    "/people",
)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_shown_to_one_who_is_not_signed_in(workbench: Workbench, path: str) -> None:
    answer = workbench.browser().get(path)
    assert answer.url.path == "/sign-in" and "Saltmere Police" not in answer.text


def test_every_answer_forbids_foreign_scripts_frames_and_guessing(workbench: Workbench) -> None:
    answer = workbench.signed_in("reader").get(CELL)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", answer.text)


def test_the_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(workbench: Workbench) -> None:
    answer = workbench.browser().post("/sign-in", data={"name": "rose", "password": PASSWORD}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


def test_a_stolen_session_is_worth_nothing_after_signing_out(workbench: Workbench) -> None:
    rose, thief = workbench.signed_in("rose"), workbench.browser()
    thief.cookies.update(rose.client.cookies)
    assert "Saltmere Police" in thief.get("/").text
    rose.send("/", "/sign-out")
    assert thief.get("/").url.path == "/sign-in"


def test_a_session_ends_by_itself(workbench: Workbench) -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    idle, busy = sessions.open("rose"), sessions.open("ravi")
    now[0] = IDLE - 1
    assert sessions.find(busy)
    now[0] = IDLE + 1
    assert sessions.find(idle) is None and sessions.find(busy)
    while now[0] < LONGEST:
        now[0] += IDLE / 2
        sessions.find(busy)
    assert sessions.find(busy) is None


def test_wrong_passwords_lock_an_account_for_a_while_whatever_comes_then(workbench: Workbench) -> None:
    client, now = workbench.browser(), workbench.bench.clock()
    workbench.bench.clock = lambda: now
    for _ in range(5):
        assert "name or the password is wrong" in client.post("/sign-in", data={"name": "rose", "password": "guess"}).text
    assert client.post("/sign-in", data={"name": "rose", "password": PASSWORD}).status_code == 422
    last = workbench.bench.record.account_changes()[-1]
    assert (last.name, last.by, {*last.changed}) == ("rose", "Read-across", {"locked_until"})
    workbench.bench.clock = lambda: now + timedelta(minutes=16)
    assert client.post("/sign-in", data={"name": "rose", "password": PASSWORD}).url.path == "/"


def test_the_answer_to_a_wrong_name_tells_nothing(workbench: Workbench) -> None:
    answers = [workbench.browser().post("/sign-in", data={"name": name, "password": "guess"}).text for name in ("rose", "nobody")]
    assert answers[0].replace("rose", "") == answers[1].replace("nobody", "")


def test_a_closed_account_is_out_at_once_and_a_lowered_role_counts_at_once(workbench: Workbench) -> None:
    record, mona = workbench.bench.record, workbench.signed_in("mona")
    user = record.user("mona")
    assert user and mona.get("/bulk").status_code == 200
    record.save_user(replace(user, role="reviewer"), by="ada", at=NOW)
    assert mona.get("/bulk").status_code == 403
    record.save_user(replace(user, disabled=True), by="ada", at=NOW)
    assert mona.get("/").url.path == "/sign-in"


def test_a_form_works_once_for_its_own_purpose_and_session_only(workbench: Workbench) -> None:
    rose, ravi, record = workbench.signed_in("rose"), workbench.signed_in("ravi"), workbench.bench.record
    page = rose.get(CELL).text
    fields = {"grade": "2", "seen": "", "version": "1"}
    comment, decide = form_token(page, f"{CELL}/comment"), form_token(page, f"{CELL}/decide")
    for client, token in ((rose, ""), (rose, "forged"), (rose, comment), (ravi, decide)):
        assert client.client.post(f"{CELL}/decide", data={**fields, "token": token}).status_code == 403
    other = f"/force/{SLUG}/roads_policing/collaboration"
    assert rose.client.post(f"{other}/decide", data={**fields, "token": decide}).status_code == 403
    assert not record.decisions()
    decide = rose.token(CELL, f"{CELL}/decide")
    assert rose.client.post(f"{CELL}/decide", data={**fields, "token": decide}).status_code == 200
    replayed = rose.client.post(f"{CELL}/decide", data={**fields, "token": decide})
    assert replayed.status_code == 403 and "was sent already" in replayed.text
    assert len(record.decisions()) == 1


def test_a_form_from_another_site_is_refused(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    for headers in ({"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        token = rose.token(CELL, f"{CELL}/decide")
        answer = rose.client.post(f"{CELL}/decide", data={"token": token, "grade": "2", "version": "1"}, headers=headers)
        assert answer.status_code == 403
    assert not workbench.bench.record.decisions()


@pytest.mark.parametrize("field", ["grade", "seen", "version"])
def test_a_number_of_any_length_is_no_fault_of_the_program(workbench: Workbench, field: str) -> None:
    rose = workbench.signed_in("rose")
    fields = {"grade": "2", "seen": "", "version": "1"} | {field: "9" * 5_000}
    assert rose.send(CELL, f"{CELL}/decide", **fields).status_code == (200 if field == "seen" else 422)
    assert rose.send(CELL, f"{CELL}/draft/add", page="9" * 5_000, document="1", quote="Words that stand nowhere").status_code == 422


def test_a_decision_cannot_be_sent_to_the_api_with_a_browsers_cookie(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    api = f"/api{CELL.replace('/force/', '/forces/').replace(SLUG, SLUG + '/cells')}"
    assert rose.client.post(f"{api}/decisions", json={"grade": 2, "version": 1}).status_code == 401
    assert not workbench.bench.record.decisions()


def test_a_request_under_a_foreign_host_name_is_refused(workbench: Workbench) -> None:
    assert workbench.browser().get("/sign-in", headers={"host": "rebound.example"}).status_code == 400


def test_forces_that_are_not_theirs_do_not_exist_for_a_person(workbench: Workbench) -> None:
    workbench.bench.record.save_user(
        User("gil", role="moderator", forces=["Greyholm Constabulary"], marking="SECRET", secret=SECRET), by="ada", at=NOW
    )
    gil = workbench.signed_in("gil")
    for path in (
        f"/force/{SLUG}",
        CELL,
        f"/paper/{SLUG}/1/1",
        f"/paper/{SLUG}/1/1/1.png",
        f"/force/{SLUG}/versions/1",
        f"/force/{SLUG}/versions/1/roads_policing/prioritisation",
        f"/force/{SLUG}/search?words=police",
    ):
        answer, unknown = gil.get(path), gil.get(path.replace(SLUG, "no-such-force"))
        assert answer.status_code == unknown.status_code == 404 and "Saltmere" not in answer.text
    for path in ("/", "/queue/uncertain", "/bulk?least=50", "/moderation", "/double"):
        assert "Saltmere" not in gil.get(path).text


def test_a_reader_cannot_decide_and_a_reviewer_cannot_lead(workbench: Workbench) -> None:
    reader, rose = workbench.signed_in("reader"), workbench.signed_in("rose")
    assert "<button" not in reader.get(CELL).text.split("<main")[1].split('id="page"')[0]
    assert reader.client.post(f"{CELL}/decide", data={"grade": "2", "version": "1"}).status_code == 403
    for path in ("/bulk", "/people", "/upload"):
        assert rose.get(path).status_code == 403
    assert rose.client.post(f"/force/{SLUG}/assign", data={"reviewer": "rose", "give": "yes"}).status_code == 403
    assert not workbench.bench.record.decisions() and not workbench.bench.record.assignments()


@pytest.mark.parametrize("path", [
    "/force/..%2F..%2Fetc%2Fpasswd", "/static/..%2F..%2Fapp.py", "/static/%2e%2e/app.py", f"/paper/{SLUG}/1/999", f"/paper/{SLUG}/1/-1",
    f"/paper/{SLUG}/1/1/0.png", f"/paper/{SLUG}/1/1/-3.png", f"/paper/{SLUG}/9/1", f"/paper/{SLUG}/-1/1", f"/force/{SLUG}/versions/9",
    f"/force/{SLUG}/versions/0/roads_policing/prioritisation", f"/force/{SLUG}/versions/1/roads_policing/none",
    f"/force/{SLUG}/roads_policing/none", f"/force/{SLUG}/x/prioritisation",
    "/queue/../people",
])  # fmt: skip
def test_guessed_and_crooked_addresses_are_not_found(workbench: Workbench, path: str) -> None:
    assert workbench.signed_in("rose").get(path).status_code in (403, 404)


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])
def test_signing_in_never_leads_away(workbench: Workbench, to: str) -> None:
    answer = workbench.browser().post("/sign-in", data={"name": "rose", "password": PASSWORD, "next": to}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_what_people_write_is_shown_as_written_and_hidden_signs_are_made_visible(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    rose.send(CELL, f"{CELL}/comment", comment="<script>alert(1)</script> {{7*7}} \u202eevil\u200b")
    page = rose.get(CELL).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} [U+202E]evil[U+200B]" in page
    assert "<script>alert" not in page and "\u202e" not in page


def test_every_sign_that_hides_or_turns_text_is_written_out() -> None:
    for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200c\u200d\u2060\ufeff\u061c\x00\x1b\U000e0041":
        assert visible(f"a{sign}b") == f"a[U+{ord(sign):04X}]b"
    assert visible("Café – “naïve”\r\nnext\tline") == "Café – “naïve”\nnext\tline"


def test_hostile_text_in_a_document_is_shown_harmlessly(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<img src=x onerror=alert(1)>\"'\u202e"
    real = workbench.bench.boards.entry

    def entry(version: Version) -> dict[str, Any]:
        told = dict(real(version))
        told["alerts"] = [evil]
        cell = told["cells"]["roads_policing"]["prioritisation"]
        changed = {**cell, "evidence": [{**cell["evidence"][1], "quote": evil, "headings": [evil], "highlights": []}], "explanation": evil}
        told["cells"] = {**told["cells"], "roads_policing": {**told["cells"]["roads_policing"], "prioritisation": changed}}
        return told

    monkeypatch.setattr(workbench.bench.boards, "entry", entry)
    page = workbench.signed_in("rose").get(CELL).text
    assert "<img" not in page and page.count("&lt;img src=x onerror=alert(1)&gt;&#34;&#39;[U+202E]") == 3


def test_a_form_that_is_too_large_is_refused(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose")
    answer = rose.client.post(f"{CELL}/comment", data={"token": "x", "comment": "a" * 1_100_000})
    assert answer.status_code == 413 and "Too large" in answer.text


def test_a_restricted_document_opens_after_a_reason_and_each_look_is_recorded(workbench: Workbench) -> None:
    rose, record = workbench.signed_in("rose", why=""), workbench.bench.record
    paper = f"/paper/{SLUG}/1/0"
    page = rose.get(paper).text
    assert "Why do you look at restricted documents?" in page and "Why we have written this" not in page
    assert rose.get(f"{paper}/1.png").status_code == 403 and not record.looks()
    assert "Say why you look" in rose.send(paper, "/look", why=" ", back=paper).text
    assert "Why we have written this" in rose.send(paper, "/look", why="To check O4", back=paper).text
    rose.get(paper)  # the same words once more in the same session are no other look
    rose.get(f"/paper/{SLUG}/1/1")  # and this one is not protectively marked
    assert [(k.user, k.why, k.marking, k.shown, k.version) for k in record.looks()] == [("rose", "To check O4", "RESTRICTED", "text", 1)]
    again = workbench.signed_in("rose", why="")
    assert "Why do you look at restricted documents?" in again.get(paper).text
    again.send(paper, "/look", why="To check O5", back="https://elsewhere.example")
    again.get(paper)
    assert [k.why for k in record.looks()] == ["To check O4", "To check O5"]
    assert "To check O5" in workbench.signed_in("ada").get("/people/looks").text


QUOTED = "Start a night traffic car"  # in the workbook of Saltmere, which bears no marking and so counts as restricted
SHOWS = (
    CELL, "/moderation?area=roads_policing&criterion=prioritisation", f"/force/{SLUG}/search?words=night+traffic+car",
    f"/force/{SLUG}/versions/1/roads_policing/prioritisation",
)  # fmt: skip


@pytest.mark.parametrize("path", SHOWS)
def test_a_quote_of_a_restricted_document_counts_as_a_look_wherever_it_is_shown(workbench: Workbench, path: str) -> None:
    rose, record = workbench.signed_in("rose", why=""), workbench.bench.record
    page = rose.get(path).text
    assert QUOTED not in page and "Why do you look at restricted documents?" in page and not record.looks()
    assert QUOTED in re.sub("</?mark>", "", rose.send(path, "/look", why="To moderate", back=path).text)
    told = [(k.user, k.force, k.file, k.why) for k in record.looks() if k.shown == "quotes"]
    assert ("rose", "Saltmere Police", "Protection Action Workbook.xlsx", "To moderate") in told
    before = len(record.looks())
    rose.get(path)
    assert len(record.looks()) == before and len(told) == len(set(told))


def test_a_reason_is_given_by_the_person_and_asked_only_where_restricted_words_would_be_shown(workbench: Workbench) -> None:
    rose, ask = workbench.signed_in("rose", why=""), "Why do you look at restricted documents?"
    entry = workbench.bench.entry("Saltmere Police")
    restricted = {d["file"] for d in entry["documents"] if d["marking"] != "NOT PROTECTIVELY MARKED"}
    cells = {
        f"/force/{SLUG}/{a}/{c}": {e["file"] for e in cell["evidence"]} for a, row in entry["cells"].items() for c, cell in row.items()
    }
    asked = {path: ask in rose.get(path).text for path in cells}
    assert {path: bool(files & restricted) for path, files in cells.items()} == asked and {*asked.values()} == {True, False}
    field = re.search('<input id="why"[^>]*>', rose.get(CELL).text)
    assert field and 'value=""' in field[0]
    quiet = next(path for path, asks in asked.items() if not asks)
    assert f'href="/paper/{SLUG}/1/0"' in rose.get(quiet).text and ask in rose.get(f"/paper/{SLUG}/1/0").text


def test_who_accepts_without_a_look_at_the_restricted_quotes_does_not_vouch_for_them(workbench: Workbench) -> None:
    rose = workbench.signed_in("rose", why="")
    rose.send(CELL, f"{CELL}/decide", grade=2, seen="", version="1")
    assert workbench.bench.record.decisions()[0].evidence.accepted == (2,)


def test_what_is_published_is_told_beside_the_looks(workbench: Workbench) -> None:
    before = len(workbench.bench.record.outputs())
    workbench.signed_in("mona", why="").send("/", "/publish")
    told = workbench.bench.record.outputs()[before:]
    assert [(one.by, one.files) for one in told] == [("mona", ["matrix.xlsx", "report.html", "reviewed.json"])]
    assert "Protection Action Workbook.xlsx" in told[0].documents["Saltmere Police"]
    assert "Policing Saltmere 2008-11.pdf" not in told[0].documents["Saltmere Police"]  # it is not protectively marked
    assert "Written to matrix.xlsx, report.html, reviewed.json" in workbench.signed_in("ada").get("/people/looks").text


def test_a_password_must_be_long_and_no_name() -> None:
    assert "at least 12" in password_wrong("short", "rose")
    assert "too easy" in password_wrong("roseroseroserose", "rose")
    assert password_wrong("lantern gravel teapot", "rose") == ""


@pytest.mark.parametrize("workbench", ["sqlite"], indirect=True)
def test_a_full_disk_signs_nothing_and_says_so(workbench: Workbench) -> None:
    rose, record = workbench.signed_in("rose"), workbench.bench.record
    page = rose.get(CELL).text

    @event.listens_for(record.database.engine, "checkout")
    def fill(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count=1").close()

    long = {"grade": "1", "seen": "", "version": "1", "reason": "No owner. " * 900}  # needs pages that are not there yet
    answer = rose.client.post(f"{CELL}/decide", data={**long, "token": form_token(page, f"{CELL}/decide")})
    assert answer.status_code == 422 and "the disk is full. Free some space and do it again. Nothing was written." in answer.text
    assert not record.decisions()


def test_what_cannot_be_published_is_told(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    mona = workbench.signed_in("mona")
    monkeypatch.setattr("workbench.pages.overview.publish", full)
    answer = mona.send("/", "/publish")
    assert answer.status_code == 500 and "Nothing was published (No space left on device). Free the disk" in answer.text


def test_a_fault_of_the_program_tells_nothing_of_itself(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    rose = workbench.signed_in("rose")
    rose.client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret of the program")

    monkeypatch.setattr(Bench, "papers", broken)
    answer = rose.get(CELL)
    assert answer.status_code == 500 and "The workbench made a mistake" in answer.text and "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
