"""A review killed at random moments, then begun again: the result must be that of an undisturbed one, and nothing finished be done twice.

python -m benchmarks.kills --kills 50            kill -9 of the command and all its workers
python -m benchmarks.kills --kills 50 --torn     as when the power fails: what was written last is left empty or torn besides
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from commands.review import EXAMPLES

STAGES = ("originals", "documents", "looks", "names", "entries")
OUTPUTS = ("matrix.json", "matrix.xlsx", "report.html")


def command(out: Path) -> list[str]:
    return [sys.executable, "-m", "cli", "review", str(EXAMPLES), "--out", str(out), "--direct", "--workers", "2"]


def finished(out: Path) -> dict[str, int]:
    """Every finished result in the store, with the time at which it was written."""
    files = (path for stage in STAGES for path in (out / "store" / stage).glob("[!.]*"))
    return {path.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in files}


def tear(out: Path, chance: random.Random) -> list[str]:
    """Leaves the file of each kind that was written last empty, cut short or half of zeros; the names of the results among them.

    The record is not torn: SQLite sees to its own file, and is told to write through to the disk.
    """
    torn = []
    kinds = [sorted((out / "store" / stage).glob("[!.]*"), key=lambda path: path.stat().st_mtime_ns) for stage in STAGES]
    for files in [*kinds, *([out / name] for name in OUTPUTS if (out / name).exists())]:
        if files:
            content = files[-1].read_bytes()
            cut = chance.randrange(len(content) or 1)
            files[-1].write_bytes(chance.choice([b"", content[:cut], content[:cut] + bytes(len(content) - cut)]))
            torn.append(files[-1].relative_to(out).as_posix())
    return torn


def killed(out: Path, after: float) -> bool:
    """Runs a review for so many seconds and kills it with all its workers; False if it ended before."""
    # Our own command, without a shell.
    process = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    try:
        process.wait(after)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__, formatter_class=raw)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--torn", action="store_true", help="as when the power fails")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder) / "whole", Path(folder) / "broken"
        started = time.perf_counter()
        subprocess.run(command(whole), check=True, capture_output=True)  # noqa: S603 (our own)
        takes = time.perf_counter() - started
        wanted = (whole / "matrix.json").read_bytes()
        kills = ended = torn = 0
        twice: list[str] = []
        before: dict[str, int] = {}
        while kills < arguments.kills:
            if killed(broken, chance.uniform(0.2, takes)):
                kills += 1
            else:  # it came through: look at it and begin anew
                ended += 1
                assert (broken / "matrix.json").read_bytes() == wanted, "a review that was killed and resumed differs"
                shutil.rmtree(broken)
                before = {}
                continue
            now = finished(broken)
            twice += [name for name, at in before.items() if now.get(name) != at]
            lost = tear(broken, chance) if arguments.torn else []
            torn += len(lost)
            before = {name: at for name, at in now.items() if name not in lost}
        subprocess.run(command(broken), check=True, capture_output=True)  # noqa: S603 (our own)
        now = finished(broken)
        twice += [name for name, at in before.items() if now.get(name) != at]
        same = (broken / "matrix.json").read_bytes() == wanted
    print(f"{kills} kills within {takes:.1f} s, {ended + 1} reviews that came to their end after them")
    print(f"results as undisturbed: {'all' if same else 'NOT all'}; finished results done again: {len(twice)}; files torn: {torn}")
    sys.exit("\n".join(twice) or not same)


if __name__ == "__main__":
    main()
