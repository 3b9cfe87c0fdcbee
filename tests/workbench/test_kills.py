"""The workbench killed while people decide: what they were told is signed is kept, once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.deciding import Server, begin_round, decide_together, faults
from pipeline.record.record import Record


def test_a_server_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Small; `python -m benchmarks.deciding` does it with 20 people, 2,000 decisions and five kills."""
    with Record.open(tmp_path, new=True) as record:
        cells = begin_round(record, forces=1, reviewers=4)
        server = Server(tmp_path, tmp_path)
        try:
            kept = decide_together(server, cells, reviewers=4, each=6, kills=1)
        finally:
            server.stop()
        assert (len(kept), server.killed) == (24, 1)
        assert faults(record, kept) == []
        assert len({one.reviewer for one in kept}) == 4 and len(record.decisions()) == 24
