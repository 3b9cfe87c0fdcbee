"""How long old Office files take, which LibreOffice converts first: one alone, and each of a batch as a review converts them.

`python -m benchmarks.old [--files 20]`. Says so and measures nothing where LibreOffice is not installed. Every run adds a line to
benchmarks/history.jsonl.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks import history
from extractors.office import Conversion, convert, there_for

PLAN: Final = Path(__file__).parent.parent / "tests" / "extractors" / "files" / "plan.doc"


def took(files: int) -> float:
    """Seconds in which so many copies of a Word 97 plan are converted in one run of LibreOffice."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = [Conversion(folder / f"{number}.doc", ".doc", folder / "made" / f"{number}.docx") for number in range(files)]
        for one in wanted:
            shutil.copyfile(PLAN, one.source)
        began = perf_counter()
        said = convert(wanted, folder / "scratch")
        seconds = perf_counter() - began
        if lost := sum(not one.target.is_file() for one in wanted):
            raise SystemExit(f"{lost} of {files} files were not converted. LibreOffice said: {said}")
        return seconds


def main() -> None:
    """Prints and keeps the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.old", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=20)
    files = parser.parse_args().files
    if "libswlo.so" not in there_for(".doc"):
        print("LibreOffice Writer is not installed: old documents were not measured.")
        return
    figures = {"s for an old document alone": took(1), f"s for each of {files} old documents": took(files) / files}
    for what, figure in figures.items():
        print(f"{what:40}{figure:8.2f}")
    history.add(figures)


if __name__ == "__main__":
    main()
