"""The history of the benchmark: a line of JSON for each run, and the picture that docs/ shows of it. No machine is named.

`python -m benchmarks.history` draws the picture anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

HISTORY: Final = Path(__file__).with_name("history.jsonl")
PICTURE: Final = Path(__file__).parent.parent / "docs" / "speed.svg"
PANELS: Final = {
    "pages/s": "Pages a second on one core",
    "times": "Times as fast",
    "MB for": "Peak memory, MB",
    "s to": "Start, seconds",
    "s for": "Old documents, seconds",
}
"""Figures are drawn together whose name holds the same words."""


def add(figures: Mapping[str, float]) -> None:
    """Adds a run, with the load of the last quarter of an hour, and draws the picture."""
    run = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[2], 1),
        "figures": {name: round(figure, 2) for name, figure in figures.items()},
    }
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")
    draw()


def draw() -> None:
    """Draws docs/speed.svg from the history."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    runs = [json.loads(line) for line in HISTORY.read_text(encoding="utf-8").splitlines()]
    with matplotlib.rc_context({"svg.hashsalt": "readacross", "svg.fonttype": "none", "font.size": 9}):
        figure, axes = pyplot.subplots(1, len(PANELS), figsize=(13, 4), layout="constrained")
        for panel, (words, title) in zip(axes, PANELS.items(), strict=True):
            names = dict.fromkeys(name for run in runs for name in run["figures"] if words in name)
            for name in names:
                points = [(number, run["figures"][name]) for number, run in enumerate(runs, 1) if name in run["figures"]]
                panel.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name)
            panel.set(title=title, xticks=range(1, len(runs) + 1), ylim=(0, None), xlabel="run")
            if names:
                panel.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False)
        loads = ", ".join(f"{run['load']:g}" for run in runs)
        figure.suptitle(f"make bench, run by run (load of the machine's {runs[-1]['cores']} cores at each run: {loads})", fontsize=10)
        figure.savefig(PICTURE, metadata={"Date": None})
        pyplot.close(figure)


if __name__ == "__main__":
    draw()
