"""The Prefect flow: really run, once, on its embedded server, by the command itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import EXAMPLES, ROOT, review_here


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


def test_every_deployment_fits_its_flow() -> None:
    done = subprocess.run([sys.executable, "-c", DEPLOYMENTS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert any(one["schedule"] for one in told)
    for one in told:
        assert set(one["given"]) <= set(one["takes"]), f"{one['flow']} takes no {set(one['given']) - set(one['takes'])}"
        assert set(one["needs"]) <= {*one["given"], "inbox", "out"}, f"nobody gives {one['flow']} its {one['needs']}"


DEPLOYMENTS = """
import json, os, tempfile
os.environ["PREFECT_HOME"] = tempfile.mkdtemp()
import flows
from prefect.schedules import validate_cron_string
told = []
for one in flows.deployments():
    schema = flows.FLOWS[one.flow].parameters
    if one.schedule:
        validate_cron_string(one.schedule)
    told.append({"flow": one.flow, "schedule": one.schedule, "given": list(one.parameters),
                 "takes": list(schema.properties), "needs": schema.required})
print(json.dumps(told))
"""
