"""What an upload would make of the round: which documents are new, which are replaced, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.ingest import Submission


@dataclass(frozen=True, slots=True)
class Outlook:
    """One submission that was sent. `folder` is the one of the round that it goes to, "" for a force that is new to it."""

    submission: Submission
    folder: str
    force: str
    new: tuple[str, ...]
    replaced: tuple[str, ...]
    others: tuple[str, ...]
    """What the round holds of the force under other names: a whole set takes them away, what changed leaves them."""


def outlook(submission: Submission, known: Mapping[str, Any] | None) -> Outlook:
    """`known` is the entry in matrix.json of the force that sent it, None for one that is new to the round."""
    sent = [name for _, name in submission.files]
    if known is None:
        return Outlook(submission, "", "", tuple(sent), (), ())
    held = [d["file"] for d in known["documents"]]
    held = [name for name in held if not any(name.startswith(f"{other}/") for other in held)]  # what hangs on a mail comes with it
    again = tuple(name for name in sent if name in held)
    return Outlook(
        submission,
        known["folder"],
        known["force"],
        tuple(name for name in sent if name not in held),
        again,
        tuple(name for name in held if name not in again),
    )


def entry_for(submission: Submission, entries: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The force of the round that goes by the submission's folder; None where there is none."""
    name = submission.folder.casefold()
    return next((entry for entry in entries if name in (entry["folder"].casefold(), entry["force"].casefold())), None)
