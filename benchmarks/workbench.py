"""How fast the workbench is with a whole round: 43 forces of 70 cells, 20 reviewers at once. `python -m benchmarks.workbench`.

The two example forces are reviewed once and stand in for 43 under other names. First one reviewer alone, then 20, each of whom looks at a
page for a second (no reviewer is quicker), decides on one cell in five and looks at the overview now and then. The times are the
browsers', so the way there and back is in them.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final

import httpx
import uvicorn
from argon2 import PasswordHasher

from corpus.notation import FORCES as CORPUS
from pipeline.pool import Pool
from pipeline.record.record import Record
from pipeline.record.types import User
from pipeline.review import STORE, DirectRunner, Settings, review
from workbench.app import create_app
from workbench.bench import Bench

FORCES: Final = 43
REVIEWERS: Final = 20
PAGES: Final = 40
"""Cells that each reviewer looks at."""
THINKING: Final = 1.0
"""Seconds that a reviewer looks at a page, on average."""
PORT: Final = 8009
ADDRESS: Final = f"http://127.0.0.1:{PORT}"
PASSWORD: Final = "three unconnected words"  # noqa: S105 (of a round that is thrown away)
INBOX: Final = CORPUS.parent / "examples" / "inbox"

LOOK: Final = re.compile(r'action="/look" class="inset" novalidate><input type="hidden" name="token" value="([^"]+)"')

Times = dict[str, list[float]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        cells = _round(out)
        server = get_context("spawn").Process(target=_serve, args=(out,))
        server.start()
        try:
            _wait()
            print(f"{FORCES} forces, {len(cells)} cells")
            _show("one reviewer", _reviewer("reviewer0", cells, 0.0))
            with ThreadPoolExecutor(REVIEWERS) as threads:
                rounds = list(threads.map(lambda n: _reviewer(f"reviewer{n}", cells, THINKING), range(REVIEWERS)))
            together: Times = defaultdict(list)
            for times in rounds:
                for kind, own in times.items():
                    together[kind] += own
            _show(f"{REVIEWERS} reviewers", together)
        finally:
            server.terminate()
            server.join()


def _round(out: Path) -> list[str]:
    """A round of 43 forces in OUT, recorded; the addresses of its cells."""
    settings = Settings(INBOX, out)
    with Pool(out / STORE, settings.workers, settings.limits) as pool:
        review(settings, DirectRunner(pool, lambda *_: None))
    whole = json.loads((out / "matrix.json").read_bytes())
    with Record.open(out) as record:
        kept = [record.sources(record.latest(submission["force"])) for submission in whole["submissions"]]
    (out / "record.sqlite").unlink()
    entries = [{**whole["submissions"][n % 2], "force": f"Force {n:02}", "folder": f"Force {n:02}"} for n in range(FORCES)]
    sources = {(entry["folder"], file): source for n, entry in enumerate(entries) for file, source in kept[n % 2].items()}
    with Record.open(out, new=True) as record:
        record.add_review({**whole, "submissions": entries}, datetime.now(UTC), out / "store", sources)
        secret = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
        for number in range(REVIEWERS):
            user = User(f"reviewer{number}", role="reviewer", marking="RESTRICTED", secret=secret)
            record.save_user(user, by="benchmark", at=datetime.now(UTC))
    return [f"/force/force-{n:02}/{a}/{c}" for n in range(FORCES) for a, row in entries[n]["cells"].items() for c in row]


def _serve(out: Path) -> None:
    with Record.open(out) as record:
        bench = Bench(out, record)
        bench.warm()
        uvicorn.run(create_app(bench), port=PORT, log_level="warning")


def _wait() -> None:
    while True:
        try:
            httpx.get(f"{ADDRESS}/sign-in")
            return
        except httpx.TransportError:
            sleep(0.1)


def _reviewer(name: str, cells: list[str], thinking: float) -> Times:
    """What one reviewer waits for, in milliseconds, by kind of page."""
    dice, times = random.Random(name), defaultdict[str, list[float]](list)
    with httpx.Client(base_url=ADDRESS, follow_redirects=True, timeout=60) as client:

        def timed(kind: str, method: str, path: str, **more: Any) -> httpx.Response:
            began = perf_counter()
            answer = client.request(method, path, **more)
            times[kind].append(1000 * (perf_counter() - began))
            if answer.status_code != HTTPStatus.CONFLICT:  # two of them chose the same cell
                answer.raise_for_status()
            return answer

        client.post("/sign-in", data={"name": name, "password": PASSWORD, "next": "/help"})
        for number, path in enumerate(dice.sample(cells, PAGES)):
            page = timed("cell", "GET", f"{path}?queue=uncertain").text
            if asked := LOOK.search(page):
                page = timed("reason", "POST", "/look", data={"token": asked[1], "why": "Review", "back": path}).text
            for picture in re.findall(r'<image href="([^"]+)"', page):
                timed("picture", "GET", picture)
            if number % 5 == 0 and (
                form := re.search(r'action="([^"]+/decide[^"]*)"><input type="hidden" name="token" value="([^"]+)"', page)
            ):
                fields = dict(re.findall(r'name="(seen|version|grade)" value="(\d*)"', page[form.start() :][:800]))
                timed("decision and next cell", "POST", form[1], data={"token": form[2], **fields})
            if number % 10 == 0:
                timed("overview", "GET", "/")
            sleep(dice.uniform(0, 2 * thinking))
    return times


def _show(who: str, times: Times) -> None:
    for kind, own in sorted(times.items()):
        middle, late = statistics.median(own), sorted(own)[min(len(own) - 1, int(len(own) * 0.99))]
        print(f"{who:16}{kind:24}{len(own):5} pages   median {middle:6.0f} ms   99th percentile {late:6.0f} ms")


if __name__ == "__main__":
    main()
