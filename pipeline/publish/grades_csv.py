"""A round out of two tables, grades.csv and levels.csv (formats.md), for figures of reviews that were done elsewhere."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Final

from pipeline.matrix import frame
from pipeline.publish.forces import GIVEN
from pipeline.round import RoundError
from pipeline.words import count_words
from rules.pack import Pack

GRADES: Final = ("force", "area", "criterion", "grade")
LEVELS: Final = ("force", "area", "threat", "need")

MORE: Final = "more"
"""What a row holds beyond the columns that the first line names."""
SHOWN: Final = 3
"""Of a table without any usable row, so many rows are told."""

Row = tuple[int, Mapping[str, str]]
"""The line's number in its file, from 1, and its values without blanks at their ends."""


def read_tables(pack: Pack, grades: Path, levels: Path | None) -> dict[str, Any]:
    """The round in the form that `load_round` gives. A row that cannot be used stands in its `problems`. Raises RoundError."""
    problems: list[str] = []
    cells = _table(grades, GRADES, _cell_reader(pack), problems)
    entries: dict[str, dict[str, Any]] = {}
    for (force, area, criterion), (grade,) in cells.items():
        entry = entries.setdefault(force, {"force": force, "cells": {}, "need": {}, "threat": {}})
        entry["cells"].setdefault(area, {})[criterion] = {"grade": grade, "status": GIVEN}
    if not entries:
        more = f"And {count_words(len(problems) - SHOWN, 'more row')}." if len(problems) > SHOWN else ""
        raise RoundError(" ".join([f"{grades}: holds no grade that can be used.", *problems[:SHOWN], more]).strip())
    strangers: dict[str, int] = {}
    if levels:
        for (force, area), (threat, need) in _table(levels, LEVELS, _level_reader(pack), problems).items():
            if force in entries:
                entries[force]["threat"][area], entries[force]["need"][area] = threat, need
            else:
                strangers[force] = strangers.get(force, 0) + 1
    for force, count in strangers.items():
        problems.append(
            f"{levels}: {force}: {grades.name} has no such force. Not used: {count_words(count, 'row')}. Write the name alike in both."
        )
    problems += _gaps(pack, entries, grades, levels)
    return {**frame(pack), "problems": problems, "submissions": list(entries.values())}


Reader = Callable[[Mapping[str, str]], tuple[tuple[str, ...], tuple[int, ...]]]
"""A row's key and its numbers. Raises ValueError with what is wrong and the remedy."""


def _table(file: Path, columns: tuple[str, ...], read: Reader, problems: list[str]) -> dict[tuple[str, ...], tuple[int, ...]]:
    found: dict[tuple[str, ...], tuple[int, ...]] = {}
    first: dict[tuple[str, ...], int] = {}
    quarrels: dict[tuple[str, ...], None] = {}
    for line, row in _rows(file, columns):
        try:
            if MORE in row:
                raise ValueError(
                    f"holds {row[MORE]!r} beyond its last column; the row is not used. Put a value that holds a comma in quotes."
                )
            key, values = read(row)
        except ValueError as error:
            problems.append(f"{file}, line {line}: {error}")
            continue
        if found.setdefault(key, values) != values:
            quarrels[key] = None
            said = f"says {', '.join(map(str, values))} of {', '.join(key)} where line {first[key]} says {', '.join(map(str, found[key]))}"
            problems.append(f"{file}, line {line}: {said}; neither is used. Keep the right one.")
        first.setdefault(key, line)
    return {key: values for key, values in found.items() if key not in quarrels}


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise RoundError(f"{file}: cannot be read ({why}). Save it as CSV in UTF-8 with the columns {', '.join(columns)}.") from None
    reader = csv.DictReader(StringIO(text, newline=""), restkey=MORE)
    names = [str(name).strip().lower() for name in reader.fieldnames or ()]
    if absent := [c for c in columns if c not in names]:
        names_needed = f"Its first line must name the columns {', '.join(columns)}, with commas between them."
        raise RoundError(f"{file}: has no column {', '.join(absent)}. {names_needed}")
    if twice := [c for c in columns if names.count(c) > 1]:
        raise RoundError(f"{file}: has two columns {twice[0]}. Take away the one that is not meant.")
    reader.fieldnames = names
    for row in reader:
        more = [value for value in row.pop(MORE, None) or () if value.strip()]
        if any((value or "").strip() for value in row.values()):
            yield reader.line_num, {c: " ".join((row[c] or "").split()) for c in columns} | ({MORE: more[0]} if more else {})


def _cell_reader(pack: Pack) -> Reader:
    areas, criteria = _ids(pack.areas), _ids(pack.criteria)

    def read(row: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        key = (_force(row), _known("area", row["area"], areas), _known("criterion", row["criterion"], criteria))
        return key, (_number("grade", row["grade"]),)

    return read


def _level_reader(pack: Pack) -> Reader:
    areas = _ids(pack.areas)

    def read(row: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        return (_force(row), _known("area", row["area"], areas)), (_number("threat", row["threat"]), _number("need", row["need"]))

    return read


def _ids(named: Any) -> dict[str, str]:
    """Id, name and short name of each area or criterion, in small letters, to the id."""
    return {name.lower(): one.id for one in named for name in (one.short, one.name, one.id)}


def _force(row: Mapping[str, str]) -> str:
    if not row["force"]:
        raise ValueError("names no force. Write the force's name in the first column.")
    return row["force"]


def _known(what: str, value: str, ids: Mapping[str, str]) -> str:
    if value.lower() not in ids:
        raise ValueError(f"unknown {what} {value!r}; the row is not used. Use one of {', '.join(dict.fromkeys(ids.values()))}.")
    return ids[value.lower()]


def _number(what: str, value: str) -> int:
    if not (whole := re.fullmatch(r"([0-3])(?:\.0+)?", value)):
        raise ValueError(f"{what} {value!r} is none of 0, 1, 2, 3; the row is not used. Mend the number, or leave the row out.")
    return int(whole[1])


def _gaps(pack: Pack, entries: Mapping[str, Mapping[str, Any]], grades: Path, levels: Path | None) -> Iterator[str]:
    size = len(pack.areas) * len(pack.criteria)
    for force, entry in entries.items():
        missing = [f"{a.id}/{c.id}" for a in pack.areas for c in pack.criteria if c.id not in entry["cells"].get(a.id, {})]
        if missing:
            shown = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
            yield (
                f"{grades}: {force}: no grade for {len(missing)} of {count_words(size, 'cell')} ({shown}). "
                "What is missing is not counted, its area and criterion have no grade for this force, and a headline that hangs on them "
                "leaves the force out. Add the rows."
            )
        if levels and (absent := [a.id for a in pack.areas if a.id not in entry["need"]]):
            yield f"{levels}: {force}: no threat and need for {', '.join(absent)}. They are not counted. Add the rows."
