"""An inbox that people copy into: half-copied files wait, changes are seen whatever the clock says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import watch


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for force in ("Brayford", "Saltmere"):
        (tmp_path / "inbox" / force).mkdir(parents=True)
        (tmp_path / "inbox" / force / "plan.txt").write_text(f"The plan of {force}")
    return tmp_path / "inbox"


def steps(*happen: Callable[[], object]) -> Callable[[], None]:
    """What happens between the looks, one after the other; then nothing more."""
    left = list(happen)
    return lambda: left.pop(0)() and None if left else None


def test_an_inbox_at_rest_is_taken_as_it_is(inbox: Path) -> None:
    sight, moving = watch.settled(inbox, steps(), {})
    assert sorted(sight) == ["Brayford", "Saltmere"] and moving == []


def test_a_copy_under_way_is_waited_for(inbox: Path) -> None:
    new = inbox / "Saltmere" / "annex.txt"
    sight, moving = watch.settled(inbox, steps(lambda: new.write_text("half"), lambda: new.write_text("half and half"), lambda: None), {})
    assert moving == [] and sight == watch.look(inbox)


def test_what_never_settles_waits_and_holds_up_nobody_else(inbox: Path) -> None:
    (inbox / "Brayford" / "annex.pdf.part").write_text("half")
    looks: list[None] = []
    sight, moving = watch.settled(inbox, lambda: looks.append(None), {})
    assert moving == ["Brayford"] and sight["Saltmere"] and len(looks) == watch.PATIENT


def test_where_only_what_is_being_copied_is_new_it_is_waited_for(inbox: Path) -> None:
    known = watch.look(inbox)
    part = inbox / "Brayford" / "annex.pdf.part"
    part.write_text("half")
    sight, moving = watch.settled(inbox, steps(*[lambda: None] * 9, lambda: part.rename(part.with_suffix(""))), known)
    assert moving == [] and sight["Brayford"] != known["Brayford"]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda inbox: None, []),
        (lambda inbox: (inbox / "Saltmere" / "plan.txt").write_text("Another plan"), ["Saltmere"]),
        (lambda inbox: (inbox / "Saltmere" / "plan.txt").unlink(), ["Saltmere"]),
        (lambda inbox: (inbox / "Saltmere" / "plan.txt").rename(inbox / "Saltmere" / "a.txt"), ["Saltmere"]),
        (lambda inbox: (inbox / "Saltmere").rename(inbox / "Other"), ["Other", "Saltmere"]),
        (lambda inbox: (inbox / "Saltmere" / "~$plan.docx").write_text("lock"), []),
        (lambda inbox: os.utime(inbox / "Saltmere" / "plan.txt", (0, 0)), ["Saltmere"]),
    ],
)
def test_what_changed_since_the_last_review_is_named(
    inbox: Path, tmp_path: Path, change: Callable[[Path], object], names: list[str]
) -> None:
    assert watch.changed(watch.seen(tmp_path), watch.look(inbox)) == ["Brayford", "Saltmere"], "everything is new at first"
    watch.remember(tmp_path, watch.look(inbox))
    change(inbox)
    assert watch.changed(watch.seen(tmp_path), watch.look(inbox)) == names


def test_a_damaged_memory_means_that_everything_is_looked_at_again(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / watch.SEEN).write_text("{half")
    assert watch.changed(watch.seen(tmp_path), watch.look(inbox)) == ["Brayford", "Saltmere"]
