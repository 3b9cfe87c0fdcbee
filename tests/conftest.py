"""What several tests share: a runner without processes, the reviewed examples."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.review import Outcome, Settings, review
from tests.postgres import server

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "corpus" / "examples" / "inbox"


class HereRunner:
    """Runs every stage in this process, so that a test needs no worker."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []

    def each(self, stage: str, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        self.stages.append((stage, len(items)))
        return [function(item) for item in items]


def review_here(inbox: Path, out: Path, **settings: Any) -> Outcome:
    """The whole review, in this process."""
    return review(Settings(inbox, out, **settings), HereRunner())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server's empty database."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def examples_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled examples, reviewed once for all tests that only look."""
    out = tmp_path_factory.mktemp("examples") / "out"
    review_here(EXAMPLES, out)
    return out


@pytest.fixture
def examples_copy(examples_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for a test that leaves a trace in the record: what quotes restricted words is noted."""
    return Path(shutil.copytree(examples_out, tmp_path_factory.mktemp("copy") / "out"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
