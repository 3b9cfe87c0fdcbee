"""A round on several machines: the bytes of one process, whoever is lost on the way; what goes wrong says where and what to do."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from distributed import LocalCluster
from pypdf import PdfWriter
from typer.testing import CliRunner

from classifiers.model import MODELS
from cli import app
from commands.common import NOTHING_DONE, WRONG_COMMAND
from pipeline.machines import cluster as clusters
from pipeline.machines import worker as workers
from pipeline.machines.cluster import Cluster, make_of
from pipeline.machines.crew import Sharing, crew
from pipeline.machines.stages import SHARED, Files, Place, files_of, keep_originals, moved
from pipeline.machines.store import SharedStore, StoreError
from pipeline.machines.worker import Bench, ClusterError
from pipeline.pool import Limits, UnderWay
from pipeline.record.record import ROUND, Record
from pipeline.resubmission import round_alone
from pipeline.review import DirectRunner, OutError, Settings, review
from rules.loader import DEFAULT
from tests.conftest import EXAMPLES, HereRunner
from tests.machines import BUCKET, s3, scheduler
from tests.machines import workers as worker_processes
from tests.postgres import server as postgres

URL = f"s3://{BUCKET}/round"
MAKE = ("extractors 12", "rules 34")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with s3(monkeypatch) as client:
        yield client


@pytest.fixture(params=["bucket", "folder"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "share" / "round")
    request.getfixturevalue("bucket")
    return URL


class HereCrew:
    """Runs every stage in this process, and counts what it was asked for."""

    workers = 1

    def __init__(self, folder: Path = Path()) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def run(self, function: Callable[[Any], Any], item: Any) -> Any:
        self.asked.append(function.__name__)
        return function(item)

    def under_way(self) -> list[UnderWay]:
        return []

    def close(self) -> None:
        pass


def nothing(stage: str, done: float, total: int, at: str = "") -> None:
    pass


def kept(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_what_is_sent_is_fetched_whole_or_not_at_all(url: str, tmp_path: Path) -> None:
    store, there = SharedStore(url), tmp_path / "there" / "names" / "1.json"
    assert not store.fetch("names/1.json", there)
    store.send(kept(tmp_path, "1.json", b'"Saltmere Police"'), "names/1.json")
    assert store.fetch("names/1.json", there) and store.names() == {"writable", "names/1.json"}
    assert there.read_bytes() == b'"Saltmere Police"'
    store.send(kept(tmp_path, "half.json", b'"Saltmere'), "names/1.json")
    assert not store.fetch("names/1.json", there), "what is damaged is worked out anew"
    assert [path.name for path in there.parent.iterdir()] == ["1.json"]


def test_a_store_that_cannot_be_used_says_why_before_anything_is_done(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(url: str, match: str) -> None:
        with pytest.raises(StoreError, match=match) as error:
            SharedStore(url)
        assert "secret" not in str(error.value)

    refused("s3://elsewhere/round", r"s3://elsewhere/round: There is no bucket elsewhere\. Make it")
    refused("ftp://server/round", r"is no store\. Name a bucket and a folder in it")
    refused("s3://key:secret@plans/round", r"s3://plans/round is no store\..*Keys for a server stand in the environment only")
    deny = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::plans/*"}]}'
    bucket.put_bucket_policy(Bucket=BUCKET, Policy=deny)
    refused(URL, r"may not be read or written to\. Check the key in AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    refused(URL, r"needs a key: put it into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")


def test_what_one_machine_worked_out_another_only_fetches(
    bucket: Any, tmp_path: Path, examples_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for machine in ("one", "two", "three"):
        if machine == "three":  # which finds one result damaged
            (damaged, *_) = sorted(name for name in SharedStore(URL).names() if name.startswith("documents/"))
            bucket.put_object(Bucket=BUCKET, Key=f"round/{damaged}", Body=b'{"file": "pl')
        here = HereCrew()
        review(Settings(EXAMPLES, tmp_path / machine), DirectRunner(Sharing(tmp_path / machine / "store", SharedStore(URL), here), nothing))
        asked.append(Counter(here.asked))
        assert (tmp_path / machine / "matrix.json").read_bytes() == (examples_out / "matrix.json").read_bytes()
    first = {"extract_document": 6, "classify_document": 6, "name_submission": 2, "assess_submission": 2}
    assert asked == [first, {}, {"extract_document": 1}]
    assert bucket.get_object(Bucket=BUCKET, Key=f"round/{damaged}")["Body"].read() == (tmp_path / "one" / "store" / damaged).read_bytes()
    for stage in SHARED:
        kept = [{path.name for path in (out / "store" / stage).iterdir()} for out in (tmp_path / "one", tmp_path / "two", examples_out)]
        assert kept[0] == kept[1] == kept[2], "each machine has all that its OUT needs"
        assert {name.partition("/")[2] for name in SharedStore(URL).names() if name.startswith(f"{stage}/")} == kept[0]


class ElsewhereCrew(HereCrew):
    """Works each item in a folder that holds only what the stage is said to read, as another machine does."""

    def run(self, function: Callable[[Any], Any], item: Any) -> Any:
        store, files = self.folder / "store", files_of(function, item)
        keep_originals(item)
        with TemporaryDirectory(dir=self.folder) as place:
            for name in {*files.needs, *files.helps}:
                if name in files.needs or (store / name).exists():
                    kept(Path(place), name, (store / name).read_bytes())
            result = function(moved(item, Place(place, DEFAULT, str(MODELS))))
            for name in files.makes:
                kept(store, name, (Path(place) / name).read_bytes())
        return result


def test_another_machine_is_given_all_that_a_stage_reads_for_the_same_bytes(tmp_path: Path) -> None:
    """A folder that has not its force's name: who the force is was found out by an earlier stage."""
    paper = "Improving Protection PSIP 2008.docx"
    kept(tmp_path / "inbox" / "From the south", paper, (EXAMPLES / "Saltmere Police" / paper).read_bytes())
    review(Settings(tmp_path / "inbox", tmp_path / "here"), HereRunner())
    review(Settings(tmp_path / "inbox", tmp_path / "there"), DirectRunner(ElsewhereCrew(tmp_path / "there"), nothing))
    assert (tmp_path / "there" / "matrix.json").read_bytes() == (tmp_path / "here" / "matrix.json").read_bytes()


def test_a_server_that_goes_away_in_mid_run_stops_the_review_and_loses_nothing(
    bucket: Any, tmp_path: Path, examples_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.machines.store.WAITS", {"retries": {"max_attempts": 1}})

    def unplug(stage: str, done: float, total: int, at: str = "") -> None:
        if stage == "Finding evidence" and done == 2:
            bucket.stop()

    sharing = Sharing(tmp_path / "store", SharedStore(URL), HereCrew())
    with pytest.raises(StoreError, match=r"s3://plans/round: does not answer .*AWS_ENDPOINT_URL.*the same command goes on"):
        review(Settings(EXAMPLES, tmp_path), DirectRunner(sharing, unplug))
    runner, other = HereRunner(), tmp_path / "other store"
    monkeypatch.setenv("READACROSS_STORE", str(other))
    with crew(Settings(EXAMPLES, tmp_path)):
        assert {path.name for path in other.iterdir()} == {"writable", "originals", "documents", "looks", "names"}
        assert len([*(other / "documents").iterdir()]) == 6, "what an OUT holds already goes into the store"
    review(Settings(EXAMPLES, tmp_path), runner)
    assert "Reading documents" not in dict(runner.stages), "what was read is not read again"
    assert (tmp_path / "matrix.json").read_bytes() == (examples_out / "matrix.json").read_bytes()


def test_a_worker_killed_in_mid_run_changes_no_byte_and_nothing_is_done_twice(
    bucket: Any, tmp_path: Path, examples_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as started:
        address = started.enter_context(scheduler())
        lost, other = started.enter_context(worker_processes(address, tmp_path / "lost", tmp_path / "other"))
        monkeypatch.setenv("READACROSS_STORE", URL)
        monkeypatch.setenv("READACROSS_DASK", address)
        monkeypatch.setenv("READACROSS_RECORD", started.enter_context(postgres()))

        def kill_one(stage: str, done: float, total: int, at: str = "") -> None:
            if stage == "Reading documents" and done >= 1:
                lost.kill()

        settings = Settings(EXAMPLES, tmp_path / "out")
        with crew(settings) as both:
            review(settings, DirectRunner(both, kill_one))
        assert lost.wait(60) < 0 and other.poll() is None
        with Record.open(tmp_path / "out") as record:
            assert record.forces() == ["Greyholm Constabulary", "Saltmere Police"]
        with pytest.raises(ClusterError, match=r"has no worker for this review\. The worker .* other.* has not this machine's extractors"):
            Cluster(address, URL, tuple(p.replace("extractors", "extractors of") for p in make_of(DEFAULT, MODELS)), Limits())
        assert not [path for path in (tmp_path / "other" / "items").rglob("*") if path.suffix in (".json", ".pdf", ".docx", ".xlsx")]
    assert (tmp_path / "out" / "matrix.json").read_bytes() == (examples_out / "matrix.json").read_bytes()
    versions = bucket.list_object_versions(Bucket=BUCKET, Prefix="round/")["Versions"]
    puts = Counter(one["Key"] for one in versions if not one["Key"].endswith("/writable"))
    assert len(puts) == 6 + 6 + 6 + 2 + 2 + 1 and set(puts.values()) == {1}


@pytest.fixture
def dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A scheduler and a worker of one hand, of a make of our own, both in this process."""
    monkeypatch.setattr(clusters, "LOOK", 0.05)
    monkeypatch.setattr(clusters, "ANSWERS", 1)
    bench = Bench(tmp_path, DEFAULT, str(MODELS), 1)
    monkeypatch.setattr(bench, "pool", lambda limits: HereCrew(tmp_path))
    monkeypatch.setattr(workers, "_BENCH", [bench])
    options: dict[str, Any] = {"processes": False, "dashboard_address": None, "resources": dict.fromkeys(MAKE, 1)}
    with LocalCluster(n_workers=1, threads_per_worker=1, **options) as local:
        yield local


def test_what_is_read_with_a_password_stays_on_its_machine(dask: Any, tmp_path: Path) -> None:
    closed = PdfWriter(clone_from=next((EXAMPLES / "Saltmere Police").glob("*.pdf")))
    closed.encrypt("Swordfish", algorithm="AES-256")
    inbox, share, here = tmp_path / "inbox" / "Saltmere Police", tmp_path / "share", HereCrew()
    inbox.mkdir(parents=True)
    closed.write(inbox / "plan.pdf")
    kept(inbox, "annex.txt", b"The force has a control strategy for missing persons.")
    kept(inbox, "passwords.txt", b"Swordfish")
    with Cluster(dask.scheduler_address, str(share), MAKE, Limits()) as cluster:
        sharing = Sharing(tmp_path / "out" / "store", SharedStore(str(share)), here, cluster)
        outcome = review(Settings(inbox, tmp_path / "out"), DirectRunner(sharing, nothing))
    assert outcome.unread == 0
    assert here.asked == ["extract_document"], "one document is read here, all else is done by the cluster"
    assert not [path for path in share.rglob("*") if path.is_file() and b"Swordfish" in path.read_bytes()]


def test_a_cluster_that_loses_its_workers_or_its_scheduler_says_so(dask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 3)
    with Cluster(dask.scheduler_address, str(tmp_path / "share"), MAKE, Limits()) as cluster:
        dask.sync(dask.workers[0].close)
        with pytest.raises(ClusterError, match=r"has lost all its workers\. Start one with `readacross worker`.*the same command goes on"):
            cluster.run(len, "item", Files((), ("names/1.json",)))
        dask.close()
        with pytest.raises(ClusterError, match=r"The Dask scheduler at .* is gone"):
            cluster.run(len, "item", Files((), ("names/2.json",)))


def test_what_goes_wrong_on_a_worker_names_it(dask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with (
        Cluster(dask.scheduler_address, URL, MAKE, Limits()) as cluster,
        pytest.raises(ClusterError, match=r"The worker on \S+: The store's server needs a key"),
    ):
        cluster.run(len, "item", Files((), ("names/1.json",)))


def test_a_worker_that_is_none_of_ours_is_named(dask: Any) -> None:
    with pytest.raises(ClusterError, match=r"has no worker for this review\..*has not this machine's extractors.*Start one with"):
        Cluster(dask.scheduler_address, URL, ("extractors 99", "rules 34"), Limits())


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--runner", "dask"], WRONG_COMMAND, "--runner dask needs the scheduler's --address"),
        (
            ["--address", "tcp://127.0.0.1:9"],
            NOTHING_DONE,
            "Nothing was reviewed. The workers of a cluster fetch the documents",
        ),
        (["--address", "tcp://127.0.0.1:9", "--store", "share"], NOTHING_DONE, "No Dask scheduler answers at tcp://127.0.0.1:9"),
        (["--store", "ftp://server"], NOTHING_DONE, "ftp://server is no store."),
    ],
)
def test_a_command_that_cannot_work_past_one_machine_says_why(
    options: list[str], code: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clusters, "ANSWERS", 0.2)
    for variable in ("READACROSS_STORE", "READACROSS_DASK"):
        monkeypatch.setenv(variable, "")
    done = CliRunner().invoke(app, ["review", str(EXAMPLES), "--out", "out", "--direct", *options])
    assert done.exit_code == code
    assert says in " ".join(done.output.split())


def test_a_worker_without_a_scheduler_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ANSWERS", 0.2)
    kept(tmp_path / "worker" / "items" / "0", "plan.pdf", b"of a worker that was killed")
    done = CliRunner().invoke(app, ["worker", "tcp://127.0.0.1:9", "--folder", str(tmp_path / "worker")])
    assert done.exit_code == NOTHING_DONE and "No Dask scheduler answers at tcp://127.0.0.1:9" in done.output
    assert [path.name for path in (tmp_path / "worker").iterdir()] == ["lock"]


def test_one_review_of_a_round_at_a_time_on_whatever_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres() as database:
        monkeypatch.setenv("READACROSS_RECORD", database)
        with round_alone(tmp_path / "one"):
            (tmp_path / "two").mkdir()
            shutil.copy(tmp_path / "one" / ROUND, tmp_path / "two" / ROUND)
            with pytest.raises(OutError, match="another review of this round is at work, on this machine or another"):
                review(Settings(EXAMPLES, tmp_path / "two"), HereRunner())
        with round_alone(tmp_path / "two"):
            pass
