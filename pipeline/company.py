"""Short names of forces that only their company gives away: in "Saltmere, Holderby and us", who Saltmere is tells what Holderby is.

A partner outside the round may stand nowhere with its full name. Then it is known by the name that the plans use for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pipeline.gazetteer import Gazetteer
from rules.pack import ForceNames

LEAST: Final = 2
"""Passages about working together that must name it so."""
_NAME: Final = re.compile(r"[A-Z][a-z][\w'’-]*(?: [A-Z][a-z][\w'’-]*){0,2}(?!\s+[A-Z]|[\w'’-])")
_BETWEEN: Final = re.compile(r"\s*(?:[,;/]\s*(?:(?:and|&)\s+)?|\b(?:and|&)\s+)(?:the\s+|with\s+)?")
_OURSELVES: Final = re.compile(r"(?:us|ourselves|ours|our own|this force|our force|we)\b")
_NEVER: Final = frozenset({
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Easter", "Christmas",
    "Service", "Services", "Agency", "Authority", "Authorities", "Institution", "Office", "Trust", "Board", "Partnership", "Partners",
    "Group", "Team", "Unit", "Centre", "Committee", "Government", "Parliament", "Customs", "Revenue", "Prison", "Prisons", "Army", "Navy",
    "Coastguard", "Rescue", "Police", "Constabulary", "Chief", "Deputy", "Assistant", "Superintendent", "Inspector", "Sergeant",
    "Director", "Head", "Force", "Forces", "The", "This", "That", "Our", "We", "It", "They", "Both", "Each", "All",
})  # fmt: skip
"""Words of no force's short name, beside those that the pack knows to stand after places."""


def short_names(passages: Sequence[str], gazetteer: Gazetteer, names: ForceNames, own: Iterable[str] = ()) -> list[str]:
    """Names that stand in a row with a force, or with ourselves, in these passages, and in LEAST of them.

    A word of an `own` name is none.
    """
    never = _NEVER | {word for phrase in (*names.not_before, *own) for word in phrase.split()}
    met = {name for text in passages for name in _in_company(text, gazetteer) if never.isdisjoint(name.split())}
    return sorted(n for n in met if sum(bool(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text)) for text in passages) >= LEAST)


def _in_company(text: str, gazetteer: Gazetteer) -> Iterator[str]:
    """The unknown items of every row ("A, B and C") of which one is a force or ourselves."""
    forces = dict(gazetteer.places(text))
    row: list[tuple[str, bool]] = []
    end = -1
    position = 0
    while position < len(text):
        known = forces.get(position) or ((m := _OURSELVES.match(text, position)) and _whole(text, position) and m.end())
        name = None if known else _whole(text, position) and _NAME.match(text, position)
        if not known and not name:
            position += 1
            continue
        if end < 0 or not _BETWEEN.fullmatch(text, end, position):
            yield from _strangers(row)
            row = []
        end = known or name.end()  # type: ignore[union-attr]
        row.append((text[position:end], bool(known)))
        position = end
    yield from _strangers(row)


def _strangers(row: Sequence[tuple[str, bool]]) -> Iterator[str]:
    return (name for name, known in row if not known) if any(known for _, known in row) else iter(())


def _whole(text: str, position: int) -> bool:
    return not position or not (text[position - 1].isalnum() or text[position - 1] in "'’-")
