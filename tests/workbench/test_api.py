"""Other programs at the record: the same rights, the same care about decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient

from tests.workbench.conftest import NOW, PASSWORD, Workbench

CELL = "/api/forces/saltmere-police/cells/roads_policing/prioritisation"


def program(workbench: Workbench, name: str, why: str = "Review of the round") -> TestClient:
    client = workbench.browser()
    key = client.post("/api/session", json={"name": name, "password": PASSWORD, "why": why}).json()["key"]
    client.headers["authorization"] = f"Bearer {key}"
    return client


def sign(client: TestClient, **fields: Any) -> Any:
    return client.post(f"{CELL}/decisions", json={"grade": 2, "version": 1, **fields})


def test_openapi_tells_every_address_and_form(workbench: Workbench) -> None:
    told = workbench.browser().get("/api/openapi.json").json()
    assert set(told["paths"]) == {
        "/api/session", "/api/round", "/api/forces", "/api/forces/{slug}/matrix", "/api/queue/{name}",
        "/api/forces/{slug}/cells/{area}/{criterion}", "/api/forces/{slug}/cells/{area}/{criterion}/decisions",
        "/api/forces/{slug}/cells/{area}/{criterion}/reopening",
    }  # fmt: skip
    assert {"Matrix", "Cell", "NewDecision", "DecisionTold"} <= set(told["components"]["schemas"])
    assert "HTTPBearer" in told["components"]["securitySchemes"]
    for path, ways in told["paths"].items():
        for way, one in ways.items():
            assert {"401", "403", "404", "409", "422"} <= set(one["responses"]), (path, way)


def test_the_matrix_and_a_cell_are_told_with_their_standing(workbench: Workbench) -> None:
    client = program(workbench, "reader")
    assert [f["force"] for f in client.get("/api/forces").json()] == ["Greyholm Constabulary", "Saltmere Police"]
    matrix = client.get("/api/forces/saltmere-police/matrix").json()
    assert len(matrix["cells"]) == 70 and matrix["area_grades"]["roads_policing"] == 2
    cell = client.get(CELL).json()
    assert (cell["grade"], cell["status"], cell["seen"]) == (2, "provisional", None)
    assert cell["evidence"][0]["quote"].startswith("Start a night traffic car")
    assert len(client.get("/api/round").json()["areas"]) == 10


def test_a_decision_is_signed_and_a_second_one_meets_the_first(workbench: Workbench) -> None:
    rose, ravi = program(workbench, "rose"), program(workbench, "ravi")
    quote = {"file": "Policing Saltmere 2008-11.pdf", "quote": "212 outboard motors went missing", "elements": ["action"]}
    answer = sign(rose, rejected=[2], added=[quote])
    assert answer.status_code == 201 and answer.json()["reviewer"] == "rose" and answer.json()["kind"] == "accepted"
    decision = workbench.bench.record.decisions()[0]
    assert decision.evidence.accepted == (1,) and decision.evidence.added[0]["page"] == 3
    conflict = sign(ravi)
    assert conflict.status_code == 409 and "rose decided on this cell" in conflict.json()["detail"]
    assert sign(ravi, seen=ravi.get(CELL).json()["seen"], grade=1, reason="It is thin.").status_code == 201
    assert [d["kind"] for d in ravi.get(CELL).json()["history"]] == ["accepted", "overridden"]


def test_what_cannot_be_signed_is_refused_with_the_reason(workbench: Workbench) -> None:
    rose = program(workbench, "rose")
    made_up = {"file": "Policing Saltmere 2008-11.pdf", "quote": "a night traffic car for every town"}
    for fields, status, words in (
        ({"grade": 1}, 422, "say why"), ({"grade": 9, "reason": "x"}, 422, "is no grade"), ({"version": 2}, 409, "new documents"),
        ({"rejected": [99]}, 422, "there is no quote 99"), ({"added": [made_up]}, 422, "do not stand in"), ({"extra": 1}, 422, "extra"),
    ):  # fmt: skip
        answer = sign(rose, **fields)
        assert (answer.status_code == status and words in answer.text.lower().replace("\\n", " ")) or words in answer.text
    assert not workbench.bench.record.decisions()


def test_the_same_rights_hold_as_in_the_browser(workbench: Workbench) -> None:
    record = workbench.bench.record
    assert workbench.browser().get("/api/forces").status_code == 401
    browser = workbench.signed_in("rose")
    assert browser.get("/api/forces").status_code == 401  # a browser's cookie opens no door that another site could use
    assert sign(program(workbench, "reader")).status_code == 403
    user = record.user("rose")
    assert user
    record.save_user(replace(user, forces=["Greyholm Constabulary"], marking="UNCLASSIFIED"), by="ada", at=NOW)
    rose = program(workbench, "rose")
    assert [f["force"] for f in rose.get("/api/forces").json()] == ["Greyholm Constabulary"]
    assert rose.get(CELL).status_code == sign(rose).status_code == 404
    own = rose.get(CELL.replace("saltmere-police", "greyholm-constabulary")).json()
    assert {q["file"] for q in own["evidence"]} <= {"Local Policing Plan 2008-11.pdf"}
    assert all(cell["slug"] == "greyholm-constabulary" for cell in rose.get("/api/queue/uncertain").json())


def test_quotes_of_restricted_documents_are_told_for_a_reason_only_and_count_as_looks(workbench: Workbench) -> None:
    assert [q["number"] for q in program(workbench, "rose", why="").get(CELL).json()["evidence"]] == [2]
    assert not workbench.bench.record.looks()
    assert [q["number"] for q in program(workbench, "rose").get(CELL).json()["evidence"]] == [1, 2]
    looks = [(k.user, k.file, k.shown, k.why) for k in workbench.bench.record.looks()]
    assert looks == [("rose", "Protection Action Workbook.xlsx", "quotes", "Review of the round")]


def test_a_cell_is_reopened_by_one_who_saw_its_decision(workbench: Workbench) -> None:
    rose = program(workbench, "rose")
    seen = sign(rose).json()["number"]
    assert rose.post(f"{CELL}/reopening", json={"reason": "Too quick.", "seen": seen - 1}).status_code == 409
    assert rose.post(f"{CELL}/reopening", json={"reason": " ", "seen": seen}).status_code == 422
    assert rose.post(f"{CELL}/reopening", json={"reason": "Too quick.", "seen": seen}).json()["kind"] == "reopened"
    assert rose.get(CELL).json()["status"] == "provisional"
    assert program(workbench, "reader").post(f"{CELL}/reopening", json={"reason": "x", "seen": seen}).status_code == 403


def test_a_key_is_worth_nothing_after_signing_out_or_with_a_wrong_password(workbench: Workbench) -> None:
    rose = program(workbench, "rose")
    assert rose.delete("/api/session").status_code == 204
    assert rose.get("/api/forces").status_code == 401
    assert workbench.browser().post("/api/session", json={"name": "rose", "password": "guess"}).status_code == 403


def test_a_blind_grade_is_told_to_nobody_else(workbench: Workbench) -> None:
    for reviewer in ("rose", "ravi"):
        workbench.bench.record.assign(
            "Saltmere Police", reviewer=reviewer, by="mona", at=workbench.bench.clock(), area="roads_policing", blind=True
        )  # fmt: skip
    rose, ravi = program(workbench, "rose"), program(workbench, "ravi")
    assert sign(rose, grade=1, reason="No deadline is binding.").json()["kind"] == "blind"
    told = ravi.get(CELL).json()
    assert told["blind"] and told["decision"] is None and told["history"] == []
