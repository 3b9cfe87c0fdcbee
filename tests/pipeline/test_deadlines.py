"""The calendar of resubmissions: who owes what, counted from the day that is given."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.deadlines import FILE, DeadlineError, owed, read_calendar
from pipeline.record.types import Version

CALENDAR = """
Saltmere Police: {asked: 2026-10-01, due: 2026-12-01}
Greyholm Constabulary: {asked: 2026-10-01, due: 2026-11-15}
Brayford Police: {asked: 2026-10-01, due: 2026-11-15}
Eastmarsh Constabulary: {asked: 2026-10-01, due: 2026-11-15}
"""


def version(force: str, number: int, day: str) -> Version:
    return Version(number, force, number, "", f"{day}T09:30:00.000000Z", "", "")


def test_who_has_resubmitted_and_who_has_not(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(CALENDAR)
    arrived = {
        "Saltmere Police": [version("Saltmere Police", 1, "2026-09-30")],
        "Brayford Police": [version("Brayford Police", 1, "2026-09-01"), version("Brayford Police", 2, "2026-11-16")],
        "Greyholm Constabulary": [version("Greyholm Constabulary", 2, "2026-11-15")],
    }
    told = [(one.force, one.state, one.days) for one in owed(read_calendar(tmp_path), arrived, date(2026, 11, 21))]
    assert told == [
        ("Eastmarsh Constabulary", "overdue", -6),
        ("Saltmere Police", "due", 10),
        ("Brayford Police", "resubmitted late", -6),
        ("Greyholm Constabulary", "resubmitted", -6),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "there is no calendar"),
        ("Saltmere Police: soon", "Saltmere Police"),
        ("Saltmere Police: {asked: 2026-10-01, due: tomorrow}", "Saltmere Police / due"),
        ("a: [", "cannot be read"),
        ("- a", "deadlines.yaml: Input should be a valid dictionary"),
        ("# later", "names no force"),
        ("Saltmere Police: {asked: 2026-12-01, due: 2026-10-01}", "due 2026-10-01 is before asked 2026-12-01"),
    ],
)
def test_a_calendar_that_cannot_be_read_says_how_it_is_written(tmp_path: Path, text: str | None, told: str) -> None:
    if text:
        (tmp_path / FILE).write_text(text)
    with pytest.raises(DeadlineError, match=r"Write one line for each force") as error:
        read_calendar(tmp_path)
    assert told in str(error.value)
