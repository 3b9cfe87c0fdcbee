"""Containerfile and compose.yaml say nothing that the program does not know; no container engine is needed to see that."""

from __future__ import annotations

import re
import threading
import tomllib
from http.server import HTTPServer, SimpleHTTPRequestHandler
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from sqlalchemy import make_url
from typer.testing import CliRunner

from cli import app
from commands.common import NOTHING_DONE
from pipeline.record.database import ENVIRONMENT
from pipeline.services import QUIET, SERVER, prefect_server
from tests.conftest import ROOT
from workbench.uploads import Uploads

CONTAINERFILE = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", "")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if name != "database"}
IMAGES = [*re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE), *(one["image"] for one in SERVICES.values())]


def instruction(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)", CONTAINERFILE, re.MULTILINE)


def commands() -> list[list[str]]:
    own = yaml.safe_load(instruction("CMD")[-1])
    return [own, *(one["command"] for one in OURS.values())]


@pytest.mark.parametrize("command", [one for one in commands() if one[0] == "readacross"], ids=lambda one: one[1])
def test_every_command_is_one_that_the_program_takes(command: list[str]) -> None:
    group: Any = typer.main.get_command(app)
    chosen = group.commands[command[1]]
    assert chosen.make_context(command[1], command[2:]).params["out"]


@pytest.fixture
def prefect_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect makes its folder as soon as it is imported."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))


@pytest.mark.usefixtures("prefect_at_home")
def test_prefects_command_is_one_that_it_takes() -> None:
    from prefect.cli.server import start

    assert SERVICES["prefect"]["command"][:3] == ["prefect", "server", "start"]
    assert {word for word in SERVICES["prefect"]["command"] if word.startswith("--")} <= {f"--{name}" for name in start.__annotations__}


@pytest.mark.usefixtures("prefect_at_home")
def test_every_variable_is_one_that_somebody_reads() -> None:
    from prefect.settings.legacy import _get_settings_fields
    from prefect.settings.models.root import Settings

    known = {SERVER, ENVIRONMENT, *QUIET, "PGPASSFILE", *_get_settings_fields(Settings)}
    given = {name for one in OURS.values() for name in one["environment"]}
    assert given <= known
    assert SERVICES["prefect"]["environment"].items() >= {name: QUIET[name] for name in given & set(QUIET)}.items()
    assert {"DO_NOT_TRACK", "PREFECT_SERVER_ANALYTICS_ENABLED"} <= given


def test_one_port_reaches_where_the_other_program_listens() -> None:
    listens = {name: one["command"][one["command"].index("--port") + 1] for name, one in OURS.items() if "--port" in one["command"]}
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published == {"prefect": [f"127.0.0.1:{listens['prefect']}:4200"], "workbench": [f"8008:{listens['workbench']}"]}
    assert SERVICES["worker"]["environment"][SERVER] == f"http://prefect:{listens['prefect']}/api"
    assert f"localhost:{listens['workbench']}/" in SERVICES["workbench"]["healthcheck"]["test"][-1]


def test_what_is_written_lies_on_a_volume_or_in_tmp() -> None:
    (variables,) = instruction("ENV")
    assert "HOME=/tmp " in variables
    for name, one in OURS.items():
        assert one["tmpfs"] == ["/tmp"] and one["read_only"], name
        folders = [value for variable, value in one["environment"].items() if re.search(r"(_HOME|_DIRECTORY)$", variable)]
        assert all(folder.startswith("/tmp/") for folder in folders), name
        mounted = [one.split(":")[1] for one in one.get("volumes", ())]
        rounds = [word for word in one["command"] if word.startswith("/") and not word.startswith("/run/secrets/")]
        assert all(any(word.startswith(f"{place}/") for place in mounted) for word in rounds), name
    (kept,) = SERVICES["database"]["volumes"]
    assert kept == "database:/var/lib/postgresql/data" and "database" in COMPOSE["volumes"]


def test_what_the_workbench_takes_in_is_what_the_worker_watches() -> None:
    watch, out = (SERVICES["worker"]["command"][SERVICES["worker"]["command"].index(option) + 1] for option in ("--watch", "--out"))
    assert SERVICES["workbench"]["command"][2] == out and Uploads(Path(out)).inbox == Path(watch)
    assert SERVICES["workbench"]["volumes"] == SERVICES["worker"]["volumes"]
    own = yaml.safe_load(instruction("CMD")[-1])
    assert Uploads(Path(own[own.index("--out") + 1])).inbox == Path(own[own.index("--watch") + 1])


def test_record_and_prefects_own_database_are_the_one_that_is_started() -> None:
    database = SERVICES["database"]["environment"]
    for name in ("worker", "workbench"):
        record = make_url(SERVICES[name]["environment"][ENVIRONMENT].replace("${ROUND:?name the round in .env}", "round"))
        assert (record.drivername, record.host, record.username, record.database) == (
            "postgresql", "database", database["POSTGRES_USER"], "round",
        ), name  # fmt: skip
    prefect = make_url(SERVICES["prefect"]["environment"]["PREFECT_SERVER_DATABASE_CONNECTION_URL"])
    assert (prefect.host, prefect.username, prefect.database) == ("database", database["POSTGRES_USER"], database["POSTGRES_DB"])
    assert prefect.drivername == "postgresql+asyncpg"


def test_papers_and_passwords_stay_on_the_inner_network() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [name for name, one in SERVICES.items() if one["networks"] != ["inside"]] == ["prefect", "workbench"]


def test_every_wait_is_for_a_service_that_can_be_healthy() -> None:
    waits = [(name, other, how) for name, one in SERVICES.items() for other, how in one.get("depends_on", {}).items()]
    assert {(name, other) for name, other, _ in waits} >= {("worker", "prefect"), ("prefect", "database"), ("workbench", "database")}
    assert all(how == {"condition": "service_healthy"} for _, _, how in waits)
    assert "healthcheck" in SERVICES["database"] and instruction("HEALTHCHECK")


def test_healthchecks_are_programs_that_can_be_run() -> None:
    checks = [yaml.safe_load(instruction("HEALTHCHECK")[0].split(" CMD ")[1]), SERVICES["workbench"]["healthcheck"]["test"][1:]]
    for program, option, code in checks:
        assert (program, option) == ("python", "-c")
        compile(code, "healthcheck", "exec")


def test_every_secret_is_a_file_outside_the_repository_and_used_by_its_name() -> None:
    assert all(one["file"].startswith("secrets/") for one in COMPOSE["secrets"].values())
    for list_of_names in (".gitignore", ".dockerignore"):
        assert {"secrets", "rounds", ".env"} <= {line.strip("/") for line in (ROOT / list_of_names).read_text("utf-8").splitlines()}
    for name, one in SERVICES.items():
        assert set(one["secrets"]) <= set(COMPOSE["secrets"])
        used = set(re.findall(r"/run/secrets/([\w-]+)", str(one.get("command")) + str(one["environment"])))
        assert used == set(one["secrets"]), name
        for variable, value in one["environment"].items():
            assert not re.search(r"PASSWORD$|SECRET$|API_KEY$", variable)
            assert not re.search(r"//[^/@]*:[^/@]*@", str(value)), f"{variable} holds a password"


def test_images_are_pinned_and_nothing_runs_as_root() -> None:
    assert all(re.search(r":\d[\w.]*(-\w+)*$", image) for image in IMAGES), IMAGES
    assert {one["image"] for one in OURS.values()} == {f"readacross:{version('readacross')}"}
    assert instruction("USER") == ["10001"] and "--uid 10001" in CONTAINERFILE
    for one in OURS.values():
        assert one["read_only"] and one["cap_drop"] == ["ALL"] and one["restart"] == "unless-stopped"


def test_the_image_is_made_of_what_is_there() -> None:
    for line in instruction("COPY"):
        words = [word for word in line.split() if not word.startswith("--")]
        assert line.startswith("--from=builder") or (ROOT / words[0]).exists()
    assert SERVICES["prefect"]["build"]["dockerfile"] == "Containerfile" and "--require-hashes" in CONTAINERFILE
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = re.search(r"readacross\[([\w,]+)\]", CONTAINERFILE)
    assert extras and set(extras[1].split(",")) <= set(project["optional-dependencies"])
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert all(
        re.search(rf"^{name}==", lock, re.MULTILINE)
        for name in ("setuptools", "psycopg", "psycopg-binary", "asyncpg", "distributed", "s3fs")
    )


def test_a_server_that_is_named_is_used_and_none_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        named = f"http://127.0.0.1:{other.server_port}/api"
        monkeypatch.setenv(SERVER, named)
        with prefect_server(tmp_path / "prefect", other.server_port) as address:
            assert address == named
        other.shutdown()
    assert not (tmp_path / "prefect").exists()


def test_a_server_that_is_named_and_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SERVER, "http://127.0.0.1:9/api")
    said = CliRunner().invoke(app, ["serve", "--watch", str(tmp_path), "--out", str(tmp_path / "out")])
    assert said.exit_code == NOTHING_DONE and "No Prefect server answers at http://127.0.0.1:9/api" in said.output
