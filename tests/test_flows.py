"""The Prefect flows: really run on a server of their own, by the command itself."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.processes import below, told
from commands.common import NOTHING_DONE
from pipeline.record.record import Record
from tests.conftest import EXAMPLES, ROOT, review_here
from tests.test_serve import soon


def test_the_flow_gives_the_bytes_of_a_direct_review_and_keeps_to_its_folder(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(EXAMPLES / "Saltmere Police", inbox / "Saltmere Police")
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")} | {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli", "review", str(inbox), "--out", str(tmp_path / "flow"), "--workers", "1"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Prefect could not be used" not in done.stderr
    assert (tmp_path / "flow" / "store" / "prefect").is_dir()
    assert not list(home.rglob("*prefect*")), "Prefect's files stay inside OUT"
    review_here(inbox, tmp_path / "direct")
    assert (tmp_path / "flow" / "matrix.json").read_bytes() == (tmp_path / "direct" / "matrix.json").read_bytes()
    assert json.loads((tmp_path / "flow" / "matrix.json").read_text())["submissions"][0]["force"] == "Saltmere Police"


def test_neither_the_command_nor_its_prefect_server_leaves_anything_behind_or_undone_when_it_is_killed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "cli", "review", str(EXAMPLES), "--out", str(out), "--workers", "1"]

    def until_something_is_in(stage: str) -> tuple[subprocess.Popen[str], int]:
        """The command, under way as far as this stage, and its server."""
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        soon(stage, lambda: list((out / "store" / stage).glob("[!.]*.json")) or None)
        (server,) = (one for one in below(process.pid) if b"prefect\0server\0start" in told(one, "cmdline"))
        return process, server

    killed, server = until_something_is_in("documents")
    killed.kill()
    soon("the end of the server", lambda: not told(server, "cmdline") or None)
    process, server = until_something_is_in("looks")
    os.kill(server, signal.SIGKILL)
    _, said = process.communicate(timeout=500)
    assert process.returncode == 0, said
    assert "Prefect's server ended by itself and is started again; what is under way goes on." in said
    review_here(EXAMPLES, tmp_path / "direct")
    assert (out / "matrix.json").read_bytes() == (tmp_path / "direct" / "matrix.json").read_bytes()
    with Record.open(out) as record:
        assert [len(record.versions(force)) for force in record.forces()] == [1, 1]


def test_what_is_wrong_is_told_in_one_line_and_prefects_pages_keep_the_trace(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cli", "review", str(EXAMPLES), "--out", str(tmp_path), "--address", "tcp://127.0.0.1:1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == NOTHING_DONE
    assert " ".join(done.stderr.split()) == (
        "Nothing was reviewed. The workers of a cluster fetch the documents from a store that all machines reach: name it with --store."
    )
    with closing(sqlite3.connect(tmp_path / "store" / "prefect" / "prefect.db")) as pages:
        assert [name for (name,) in pages.execute("select state_name from flow_run")] == ["Failed"]
        assert any("Traceback" in said for (said,) in pages.execute("select message from log"))


def test_every_deployment_fits_its_flow() -> None:
    done = subprocess.run([sys.executable, "-c", DEPLOYMENTS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert any(one["schedule"] for one in told)
    for one in told:
        assert set(one["given"]) <= set(one["takes"]), f"{one['flow']} takes no {set(one['given']) - set(one['takes'])}"
        assert set(one["needs"]) <= {*one["given"], "inbox", "out"}, f"nobody gives {one['flow']} its {one['needs']}"
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    assert [row for row in (f"| {one['name']} | `{one['flow']}`" for one in told) if row not in page] == []


DEPLOYMENTS = """
import json, os, tempfile
os.environ["PREFECT_HOME"] = tempfile.mkdtemp()
import flows
import serving
from prefect.schedules import validate_cron_string
told = []
for one in serving.deployments():
    schema = flows.FLOWS[one.flow].parameters
    if one.schedule:
        validate_cron_string(one.schedule)
    told.append({"flow": one.flow, "name": one.name, "schedule": one.schedule, "given": list(one.parameters),
                 "takes": list(schema.properties), "needs": schema.required})
print(json.dumps(told))
"""


def test_the_flows_from_inbox_to_publication(tmp_path: Path) -> None:
    """On an embedded server, one flow after the other, as a deployment runs them."""
    (tmp_path / "inbox" / "Tidewell Constabulary").mkdir(parents=True)
    shutil.copyfile(
        ROOT / "corpus" / "files" / "tidewell" / "Harbour Group minutes.txt", tmp_path / "inbox/Tidewell Constabulary/minutes.txt"
    )
    done = subprocess.run(
        [sys.executable, "-c", STORY, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["new"] == ["Tidewell Constabulary"] and told["unchanged"] is None
    assert told["held"] == 2, "a store that another holds is waited for"
    assert told["no inbox"] == 1, "what does not pass is told at once"
    assert told["locks"] == {"Review": 2}
    assert told["taken up"] == {"1 nights ago": "Scheduled", "tomorrow": "Scheduled", "cut off": "Crashed"}, "what was missed, once"
    assert {"provisional-matrix", "problems", "reviewed-matrix"} == set(told["tables"])
    row = told["tables"]["provisional-matrix"][0]
    assert list(row) == ["Force", "Area", "Area grade", *told["criteria"]] and row["Force"] == "Tidewell Constabulary"
    assert len(told["tables"]["provisional-matrix"]) == 10
    assert "only one document" in told["tables"]["problems"][0]["Problem"]
    assert set(told["names"]) >= {"Review", "Reading documents: Tidewell Constabulary/minutes.txt", "Grading: Tidewell Constabulary"}
    assert not [name for name in told["names"] if "-" in name and name.rsplit("-", 1)[1].isalnum() and len(name.rsplit("-", 1)[1]) == 3]
    assert {(name.split(" ")[0], state, said) for name, state, said in told["runs"] if state in ENDS} == {
        ("changes", "Awaiting review", "70 cells of the round wait for a reviewer."),  # what was new
        ("changes", "Completed", None),  # nothing was
        ("review", "Awaiting review", "69 cells of the round wait for a reviewer."),  # one was decided
        ("review", "Reviewed", "No cell waits for a reviewer."),
        ("publish", "Completed", None),
    }
    assert told["refused"] == [
        "workers: Input should be greater than or equal to 1",
        "limits.seconds: Input should be greater than 0",
        "limits.memory: Input should be greater than or equal to 700",
        "patience: Input should be greater than or equal to 0",
        "inbox: Value error, no folder is named. Write its whole path, such as /srv/inbox",
        f"{tmp_path / 'inbox'}: there is no record of a review. Run `readacross review SUBMISSIONS --out {tmp_path / 'inbox'}` first.",
    ]
    assert told["one"] == ["Tidewell Constabulary"], "whoever calls a flow gets what it found"


ENDS = {"Awaiting review", "Reviewed", "Completed"}


STORY = """
import asyncio, json, os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
folder = Path(sys.argv[1])
inbox, out, FORCE = folder / "inbox", folder / "out", "Tidewell Constabulary"
os.environ.update(PREFECT_HOME=str(folder / "prefect"), PREFECT__RUNTIME__DEPLOYMENT__ID="ours")
import flows
import serving
from pipeline.record.record import Record
from pipeline.store import alone
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.runner import Runner
from prefect.states import Running, Scheduled

async def after_three_days_off():
    "A server that was off for three nights, and was cut off in a run: what is left of its runs once it is on again."
    served = await Runner(name="ours").aadd_deployment(await flows.publish.ato_deployment("nightly", parameters={"out": str(out)}))
    async with get_client() as client:
        for nights in (3, 2, 1):
            missed = datetime.now(UTC) - timedelta(days=nights)
            await client.create_flow_run_from_deployment(served, name=f"{nights} nights ago", state=Scheduled(scheduled_time=missed))
        to_come = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(days=1))
        await client.create_flow_run_from_deployment(served, name="tomorrow", state=to_come)
        cut = await client.create_flow_run_from_deployment(served, name="cut off")
        await client.set_flow_run_state(cut.id, Running(), force=True)
        await serving.take_up([served])
        left = await client.read_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[served])))
    return {run.name: run.state_name for run in left}


def why(flow, **given):
    "What is said of parameters that will not do."
    try:
        flow(**given)
    except Exception as error:
        return str(error).splitlines()[-1].removeprefix(" - ")


def decide(cells):
    with Record.open(out) as record:
        for area, criterion, grade in cells:
            record.decide(FORCE, area, criterion, grade=grade, reviewer="Ann Reed", at=datetime.now(UTC))


if __name__ == "__main__":
    told = {}
    flows.WAITS = (0, 0, 0)
    attempts = []
    review = flows.review

    def busy_once(settings, runner):
        attempts.append(settings.inbox)
        if len(attempts) > 1:
            return review(settings, runner)
        with alone(settings.out / "store"):
            return review(settings, runner)

    (out / "store").mkdir(parents=True)
    flows.review = busy_once
    told["new"] = [new.force for new in flows.rereview_changed(inbox, out, workers=1, patience=0).versions]
    told["held"] = len(attempts)
    told["unchanged"] = flows.rereview_changed(inbox, out, patience=0)
    attempts[:] = [inbox]
    try:
        flows.review_batch(folder / "nowhere", out)
    except Exception as error:
        told["no inbox"] = len(attempts) - 1
    with Record.open(out) as record:
        cells = [(*key, stands.provisional) for key, stands in record.standing(FORCE).items()]
    decide(cells[:1])
    flows.review_batch(inbox, out, workers=1)
    decide(cells[1:])
    told["one"] = [one["force"] for one in flows.review_submission(inbox / FORCE, out, workers=1).matrix["submissions"]]
    flows.publish(out)
    wrong = [
        (flows.review_batch, {"workers": 0}),
        (flows.review_batch, {"limits": {"seconds": -1}}),
        (flows.review_batch, {"limits": {"memory": 1}}),
        (flows.rereview_changed, {"patience": -1}),
        (flows.review_batch, {"inbox": " "}),
    ]
    told["refused"] = [why(one, **{"inbox": inbox, "out": out} | given) for one, given in wrong] + [why(flows.publish, out=inbox)]
    told["taken up"] = asyncio.run(after_three_days_off())
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs()
        tasks = client.read_task_runs()
        tables = client.request("POST", "/artifacts/latest/filter", json={}).json()
    told["runs"] = [(run.name, run.state_name, run.state.message) for run in runs]
    told["names"] = [one.name for one in tasks]
    told["locks"] = {one.name: one.run_count for one in tasks if one.run_count > 1}
    told["tables"] = {table["key"]: json.loads(table["data"]) for table in tables}
    told["criteria"] = [c["short"] for c in json.loads((out / "matrix.json").read_text())["criteria"]]
    print(json.dumps(told))
"""


def test_the_flow_that_learns_tells_its_trial(examples_out: Path, tmp_path: Path) -> None:
    """On a corpus of two voices, so that training takes seconds; decisions as the corpus labels the two example forces."""
    out = tmp_path / "out"
    shutil.copytree(examples_out, out)
    done = subprocess.run(
        [sys.executable, "-c", LEARNING, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["none yet"] == "Failed" and "nobody has decided on a cell yet" in told["why"]
    assert sorted(told["runs"]) == [[f"learn from {out}", "Completed"], [f"learn from {out}", "Failed"]]
    assert told["said"].startswith("Adopted: no worse")
    (table,) = told["tables"]
    assert (table["key"], table["description"]) == ("trial-of-new-models", told["said"])
    assert [row["cells"] for row in json.loads(table["data"])] == ["140", "140"]
    assert (out / "models" / "adopted").is_file()
    with Record.open(out) as record:
        assert [[one.grade, one.reviewer, one.kind] for one in record.decisions()] == told["decided"], "what was decided stays"


LEARNING = """
import json, os, shutil, sys
from pathlib import Path
folder = Path(sys.argv[1])
os.environ["PREFECT_HOME"] = str(folder / "prefect")
import flows
import pipeline.learning.learn
from pipeline.record.record import Record
from prefect.client.orchestration import get_client
from tests.pipeline.test_learning import FEW, decide_as_labelled

if __name__ == "__main__":
    for voice in FEW:
        shutil.copytree(pipeline.learning.learn.FORCES / voice, folder / "corpus" / voice)
    pipeline.learning.learn.FORCES = folder / "corpus"
    out, told = folder / "out", {}
    state = flows.retrain(out, return_state=True)
    told |= {"none yet": state.name, "why": state.message}
    decide_as_labelled(out)
    with Record.open(out) as record:
        told["decided"] = [(one.grade, one.reviewer, one.kind) for one in record.decisions()]
    told["said"] = flows.retrain(out)
    with get_client(sync_client=True) as client:
        told["runs"] = [(run.name, run.state_name) for run in client.read_flow_runs()]
        told["tables"] = client.request("POST", "/artifacts/latest/filter", json={}).json()
    print(json.dumps(told))
"""
