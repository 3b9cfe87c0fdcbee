"""A round as it stands: what a review wrote, or what its reviewers have made of it. Whatever publishes reads it through here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pipeline.gazetteer import Gazetteer
from pipeline.matrix import FORMAT
from rules.loader import PackError, load_pack
from rules.pack import ForceNames

REVIEWED: Final = "reviewed.json"
"""The grades in force, decisions included: `readacross publish` writes it."""
PROPOSED: Final = "matrix.json"
"""The machine's grades: `readacross review` writes it."""
SETTLED: Final = ("validated", "overridden", "carried_forward")
"""Statuses of a cell that a reviewer has settled; `provisional` and `stale` cells still wait for one."""
Named = TypeVar("Named", bound=Mapping[str, Any])


class RoundError(ValueError):
    """A folder holds no round that can be read; the message names the file and the remedy."""


def load_round(out: Path) -> dict[str, Any]:
    """The round in a folder: reviewed.json if it is there, else matrix.json (one form for both, formats.md). Raises RoundError."""
    file = next((out / name for name in (REVIEWED, PROPOSED) if (out / name).is_file()), None)
    if file is None:
        remedy = f"Run `readacross review SUBMISSIONS --out {out}` first, or give the folder that a review wrote."
        raise RoundError(f"{out}: holds neither {REVIEWED} nor {PROPOSED}. {remedy}")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RoundError(f"{file}: cannot be read ({error}). Run the command that wrote it again.") from None
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT or not isinstance(content.get("submissions"), list):
        raise RoundError(f"{file}: is not in the form {FORMAT} (it says {found!r}). Give a folder that this version's review wrote.")
    return dict(content)


def choose(what: str, wanted: str, among: Sequence[Named], keys: Sequence[str]) -> Named:
    """The entry that is called `wanted` under one of the keys, else the only one whose name contains it. Raises RoundError."""
    low = wanted.casefold()
    exact = [one for one in among if any(str(one[key]).casefold() == low for key in keys)]
    found = exact or [one for one in among if any(low in str(one[key]).casefold() for key in keys)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(str(one[keys[0]]) for one in (found or among))
    raise RoundError(f"{wanted!r} is {'more than one' if found else 'no'} {what}. Choose one of: {names}.")


def choose_force(pack: str, wanted: str, forces: Sequence[str]) -> str:
    """The force of a round that is called `wanted`: its name, one that the pack (by its id) has for it ("GMP"), else a part of no other's.

    Raises RoundError.
    """
    try:
        gazetteer = Gazetteer(load_pack(pack).force_names, forces)
    except PackError:  # a pack of one's own, at another place now
        gazetteer = Gazetteer(ForceNames(suffixes=()), forces)
    full = gazetteer.resolve(wanted)
    known = {force for force in forces if gazetteer.is_known(force)}
    return full if full in known else choose("force", wanted, [{"force": force} for force in forces], ("force",))["force"]


def partners_of(submission: Mapping[str, Any]) -> dict[str, list[str]]:
    """The partners that a submission names for each area, those too of which only a short name is known."""
    full, short = submission.get("partners") or {}, submission.get("partners_in_short") or {}
    return {area: [*full.get(area, ()), *short.get(area, ())] for area in {**full, **short}}


def is_settled(cell: Mapping[str, Any]) -> bool:
    """Whether a reviewer's decision stands behind the cell's grade."""
    return cell.get("status") in SETTLED
