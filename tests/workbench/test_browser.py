"""The workbench in a real Chromium: no finding of the accessibility checker, and a force reviewed by keyboard alone."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import uvicorn

from pipeline.record.record import Record
from pipeline.store import alone
from tests.workbench.conftest import NOW, PASSWORD
from workbench.app import create_app
from workbench.bench import Bench
from workbench.uploads import State, write_state

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

CELL = "/force/saltmere-police/roads_policing/prioritisation"
PAGES = (
    "/", "/force/saltmere-police", "/force/saltmere-police/versions",
    f"{CELL}?evidence=2", "/paper/saltmere-police/1/1?number=3", "/paper/saltmere-police/1/2", "/force/saltmere-police/versions/1",
    "/force/saltmere-police/versions/1/roads_policing/prioritisation",
    "/force/saltmere-police/search?words=police", "/queue/uncertain", "/bulk?least=50", "/double", "/moderation", "/upload", "/people",
    "/people/new", "/people/looks", "/people/changes", "/account", "/help", "/no-such-page",
)  # fmt: skip


@pytest.fixture
def site(reviewed: Path, tmp_path: Path) -> Iterator[tuple[str, Bench]]:
    out = tmp_path / "out"
    shutil.copytree(reviewed, out)
    with Record.open(out) as record, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        bench = Bench(out, record)
        server = uvicorn.Server(uvicorn.Config(create_app(bench), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", bench
        server.should_exit = True
        thread.join()


@pytest.fixture
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def sign_in(page: Any, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.keyboard.press("Tab")  # to the skip link, the name of the site, the name, the password
    page.focus("#name")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


@pytest.mark.parametrize("width", [1280, 320])
def test_the_accessibility_checker_finds_nothing_and_nothing_runs_over_the_edge(site: tuple[str, Bench], browser: Any, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    address, bench = site
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/sign-in")
    assert Axe().run(page).response["violations"] == []
    sign_in(page, address, "ada")
    for path in (*PAGES, "/"):
        if path == PAGES[-1]:  # and then the overview once more, with what it says of this
            bench.record.withdraw("Greyholm Constabulary", by="ada", at=NOW, reason="A damaged delivery; it was sent again.")
        page.goto(address + path)
        if path.startswith(CELL):  # the first page that has restricted words to show
            assert Axe().run(page).response["violations"] == []
            page.fill("#why", "To see the page whole")
            page.click("main button:has-text('Show them')")
            page.wait_for_selector("text=Start a night traffic car")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        found = [(v["id"], [n["html"] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert said == []


def test_a_force_is_reviewed_from_end_to_end_by_keyboard_alone(site: tuple[str, Bench], browser: Any) -> None:
    """Each cell accepted costs one key; an override two steps and the reason. The next cell of the queue opens by itself."""
    address, bench = site
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, address, "rose")
    for link in ("Saltmere Police", "Review the least certain cell"):
        _tab_to(page, link)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    cells = len(bench.record.standing("Saltmere Police"))
    asked = 0
    for number in range(cells):
        page.wait_for_selector(f"text=/this force, {cells - number} left/i" if number < cells - 1 else "#accept")
        if page.locator("#why").count():  # once, at the first cell that restricted papers bear on
            asked += 1
            _tab_to(page, "why")
            page.keyboard.type("To grade Saltmere.")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        if number == 1:
            machine = bench.record.standing("Saltmere Police")[_cell_of(page.url)].provisional
            page.keyboard.press("3" if machine != 3 else "2")
            page.keyboard.type("Their annex shows it.")
            with page.expect_navigation():
                page.keyboard.press("Control+Enter")
        else:
            with page.expect_navigation():
                page.keyboard.press("a")
    assert asked == 1 and {look.why for look in bench.record.looks()} == {"To grade Saltmere."}
    page.wait_for_url(f"{address}/force/saltmere-police")
    assert "70 of 70 cells decided" in page.content()
    statuses = [s.status for s in bench.record.standing("Saltmere Police").values()]
    assert (statuses.count("validated"), statuses.count("overridden")) == (69, 1)
    assert [d.reason for d in bench.record.decisions() if d.kind == "overridden"] == ["Their annex shows it."]


def test_keys_go_through_the_evidence_show_help_and_can_be_switched_off(site: tuple[str, Bench], browser: Any) -> None:
    address, bench = site
    page = browser.new_page()
    sign_in(page, address, "rose")
    page.goto(address + CELL)
    page.fill("#why", "To see its evidence")
    with page.expect_navigation():
        page.click("main button:has-text('Show them')")
    with page.expect_navigation():
        page.keyboard.press("n")
    assert "evidence=2" in page.url and page.is_visible("svg.page")
    with page.expect_navigation():
        page.keyboard.press("p")
    page.keyboard.press("?")
    assert page.is_visible("dialog")
    page.keyboard.press("Escape")
    page.goto(f"{address}/help")
    page.uncheck("#keys-on")
    page.goto(address + CELL)
    page.keyboard.press("a")
    page.keyboard.press("n")
    assert "evidence" not in page.url and not bench.record.decisions()


@pytest.mark.parametrize("width", [1280, 320])
def test_the_decision_is_in_sight_when_a_cell_opens(site: tuple[str, Bench], browser: Any, width: int) -> None:
    address, _ = site
    page = browser.new_page(viewport={"width": width, "height": 700})
    sign_in(page, address, "rose")
    page.goto(f"{address}/paper/saltmere-police/1/0")
    page.fill("#why", "To read it whole")
    page.click("main button:has-text('Show them')")
    page.wait_for_selector("text=your look is recorded")
    page.goto(address + CELL)
    page.wait_for_function("document.querySelector('.side .now')")
    assert page.evaluate("scrollY") == 0 and page.is_visible("#accept")


def test_what_is_printed_bears_the_marking_on_every_sheet(site: tuple[str, Bench], browser: Any) -> None:
    address, _ = site
    page = browser.new_page()
    sign_in(page, address, "rose")
    page.goto(f"{address}/queue/uncertain")
    sheets = pypdfium2.PdfDocument(page.pdf(format="A4"))
    assert len(sheets) > 1
    for sheet in sheets:
        told = sheet.get_textpage().get_text_bounded()
        assert told.count("RESTRICTED") == 1 and "Sign out" not in told


def test_words_selected_on_the_page_become_evidence(site: tuple[str, Bench], browser: Any) -> None:
    address, _ = site
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, address, "rose")
    page.goto(f"{address}{CELL}?evidence=2")
    line = page.locator("svg.page text", has_text="Parking in the old town")
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    assert "Parking in the old town" in page.input_value("#quote")
    page.click("form[action*='draft/add'] button")
    page.wait_for_selector("text=Added by rose")
    assert "Parking in the old town still fills our postbag" in page.inner_text("#evidence-3 blockquote")


def test_everything_works_without_javascript(site: tuple[str, Bench], browser: Any) -> None:
    address, bench = site
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#name", "rose")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click("main button")
    page.goto(address + CELL)
    page.click("summary:has-text('Override')")
    page.check("#grade-1")
    page.fill("#reason", "No owner is named.")
    page.click("button:has-text('Override')")
    page.wait_for_selector("text=Signed: Saltmere Police")
    assert [d.kind for d in bench.record.decisions()] == ["overridden"]


def test_an_upload_tells_how_far_it_is_and_the_review_how_far_it_is(site: tuple[str, Bench], browser: Any, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    def sound() -> bool:
        return Axe().run(page).response["violations"] == [] and page.evaluate("document.documentElement.scrollWidth") <= 320

    address, bench = site
    page = browser.new_page(viewport={"width": 320, "height": 900})
    sign_in(page, address, "mona")
    page.goto(f"{address}/upload")
    (tmp_path / "plan.txt").write_bytes(b"We will act. " * 200_000)
    page.fill("#folder", "Saltmere Police")
    page.set_input_files("#files", tmp_path / "plan.txt")
    page.evaluate("""() => { window.said = []; new MutationObserver(() => said.push(document.querySelector("[data-sending] p").textContent))
        .observe(document.querySelector("[data-sending] p"), {childList: true});
        addEventListener("pagehide", () => sessionStorage.setItem("said", said.join("|"))) }""")
    page.click("button:has-text('Send')")
    page.wait_for_selector("h1:has-text('What arrived')")
    told = page.evaluate("sessionStorage.getItem('said')").split("|")
    assert told[0] == "0% sent" and told[-1] == "All is sent. The workbench looks through it."
    assert page.is_visible("text=Only what changed") and sound()
    with alone(bench.out / "store"):  # a review is at work
        place = bench.uploads.folder / page.url.split("/")[-1]
        write_state(place, State("running", "Reading documents", 1, 9))
        page.reload()
        page.evaluate("window.here = true")
        write_state(place, State("running", "Reading documents", 4, 9))
        page.wait_for_selector("text=Reading documents: 4 of 9")
        assert sound()
        new = {"force": "Saltmere Police", "version": 2, "carried_forward": 12, "stale": 3, "notes": ["Sent with version 1 and not now."]}
        write_state(place, State("done", message="9 documents of 3 forces.", versions=[new]))
        page.wait_for_selector("a:has-text('3 to look at again')")
        assert sound()
    assert page.evaluate("window.here")  # all of it without loading the page anew


def test_an_upload_that_cannot_be_taken_says_why_and_can_be_sent_again(site: tuple[str, Bench], browser: Any, tmp_path: Path) -> None:
    address, _ = site
    page = browser.new_page()
    sign_in(page, address, "mona")
    page.goto(f"{address}/upload")
    (tmp_path / "plan.txt").write_text("We will act.")
    page.set_input_files("#files", tmp_path / "plan.txt")
    page.click("button:has-text('Send')")
    page.wait_for_selector("text='' cannot be the name of a force")
    assert page.evaluate("document.activeElement.className") == "wrong"
    page.fill("#folder", "Eskdale Constabulary")
    page.set_input_files("#files", tmp_path / "plan.txt")
    page.click("button:has-text('Send')")
    page.wait_for_selector("h1:has-text('What arrived')")


def _tab_to(page: Any, words: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("[document.activeElement.innerText, document.activeElement.id]"):
            return
    raise AssertionError(f"no Tab leads to {words}")


def _cell_of(url: str) -> tuple[str, str]:
    found = re.search(r"/force/[^/]+/(\w+)/(\w+)", url)
    assert found
    return found[1], found[2]
