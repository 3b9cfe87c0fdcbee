"""A whole round as the command reviews it: cold, again unchanged, after one force's resubmission, and through Prefect.

    python -m benchmarks.batch --forces 42

The submissions are the corpus's own, rendered as files; a page is 400 words, for most formats have no pages.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copyfile
from time import perf_counter

from corpus.notation import FORCES
from corpus.render import render_force

PAGE = 400


def review(inbox: Path, out: Path, *options: str) -> float:
    """Seconds that the command takes."""
    began = perf_counter()
    command = [sys.executable, "-m", "cli", "review", str(inbox), "--out", str(out), *options]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own command, no shell)
    return perf_counter() - began


def pages(out: Path) -> float:
    documents = (out / "store" / "documents").glob("*.json")
    return sum(len(p["text"].split()) for d in documents for p in json.loads(d.read_text(encoding="utf-8"))["passages"]) / PAGE


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--forces", type=int, default=42)
    wanted = parser.parse_args().forces
    with tempfile.TemporaryDirectory() as folder:
        inbox, out = Path(folder) / "inbox", Path(folder) / "out"
        for force in sorted(p.parent for p in FORCES.glob("*/force.yaml"))[:wanted]:
            render_force(force, inbox / force.name)
        cold = review(inbox, out, "--direct")
        size = sum(path.stat().st_size for path in (out / "store").rglob("*") if path.is_file())
        print(f"{wanted} submissions, {pages(out):.0f} pages of {PAGE} words; store {size / pages(out) / 1000:.0f} kB a page")
        print(f"{'cold, direct':34}{cold:8.1f} s{pages(out) / cold:8.1f} pages/s")
        unchanged = review(inbox, out, "--direct")
        print(f"{'unchanged':34}{unchanged:8.1f} s{unchanged / cold:8.1%} of the first")
        sheet = min(inbox.rglob("*.txt"), default=None) or min(inbox.rglob("*.docx"))
        copyfile(sheet, sheet.with_stem("sent again"))
        again = review(inbox, out, "--direct")
        print(f"{'one force resubmits':34}{again:8.1f} s{again / cold:8.1%} of the first")
        whole = review(inbox, Path(folder) / "prefect")
        print(f"{'cold, with Prefect':34}{whole:8.1f} s{whole / cold - 1:8.1%} more")


if __name__ == "__main__":
    main()
