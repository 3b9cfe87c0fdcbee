"""The chain: each entry's hash covers what happened and the hash of the entry before it, so that no entry can be changed or taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from pipeline.record.content import digest
from pipeline.record.tables import TOLD, entries, rounds


def head(connection: Connection) -> tuple[int, str]:
    """The last entry's number and hash; 0 and the round's id where there is none."""
    last = connection.execute(select(entries.c.number, entries.c.hash).order_by(entries.c.number.desc()).limit(1)).one_or_none()
    return (last.number, last.hash) if last else (0, connection.execute(select(rounds.c.id)).scalar_one())


def append(connection: Connection, what: str, body: Mapping[str, Any], **more: Any) -> int:
    """Writes a row of the table `what` and the entry that tells of it; gives their number.

    The entry's hash covers `body`; `more` are columns that the body covers already by a hash. The caller holds the write lock.
    """
    number, previous = head(connection)
    number += 1
    link = digest({"number": number, "what": what, "previous": previous, "body": body})
    connection.execute(insert(entries).values(number=number, what=what, previous=previous, hash=link))
    columns = TOLD[what].c
    connection.execute(insert(TOLD[what]).values(number=number, **{k: v for k, v in body.items() if k in columns}, **more))
    return number


def broken(connection: Connection, bodies: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> Iterator[str]:
    """What is wrong with the chain, in plain words; nothing where it holds.

    `bodies` are what the tables say today, by table and number, in the form that `append` was given.
    """
    number, previous = 0, connection.execute(select(rounds.c.id)).scalar_one()
    left = {(what, n) for what, rows in bodies.items() for n in rows}
    for entry in connection.execute(select(entries).order_by(entries.c.number)):
        number += 1
        if entry.number != number:
            yield f"entry {number} is missing; the next is {entry.number}."
            number = entry.number
        body = bodies.get(entry.what, {}).get(entry.number)
        left.discard((entry.what, entry.number))
        if body is None:
            yield f"entry {entry.number}: the {entry.what[:-1]} that it tells of is missing."
        elif entry.previous != previous:
            yield f"entry {entry.number} does not follow the entry before it."
        elif entry.hash != digest({"number": entry.number, "what": entry.what, "previous": previous, "body": body}):
            yield f"entry {entry.number}: the {entry.what[:-1]} was changed after it was written."
        previous = entry.hash
    for what, extra in sorted(left):
        yield f"{what[:-1]} {extra} has no entry: it was not written by this program."
