"""What hangs on a sheet of an Excel 97-2003 workbook beside its cells, which xlrd steps over: boxes, heads and feet, charts, pictures.

A sheet is a run of records, each with its kind and its length. A shape is an OBJ record that says what it is; if it holds text, a TXO
record with the number of characters comes after it, and CONTINUE records with the characters.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from extractors.drawn import Drawn
from extractors.sheet_cells import Sheet, printed_texts
from extractors.text import tidy

_BEGIN, _END, _OBJECT, _TEXT, _CONTINUE = 0x0809, 0x000A, 0x005D, 0x01B6, 0x003C
_HEAD, _FOOT = 0x0014, 0x0015
_NOTE: Final = 0x19
"""The shape of a remark on a cell, which xlrd reads."""
_UNREAD: Final = {
    0x05: Drawn(unread="A chart was not read."),
    0x08: Drawn(unread="A picture or a file embedded here was not read."),
}


def add_beside(sheet: Sheet, stream: bytes, start: int) -> None:
    """Adds what hangs on the sheet whose records begin at `start`; nothing from where the records are damaged."""
    shape = wanted = depth = 0
    held = ""
    for kind, data in _records(stream, start):
        if kind == _CONTINUE and wanted > 0 and data:
            held += _characters(data)
            wanted -= (len(data) - 1) // (2 if data[0] & 1 else 1)
            if wanted <= 0:
                sheet.boxes += filter(None, map(tidy, held.splitlines()))
            continue
        wanted = 0
        if kind == _OBJECT and len(data) >= 6:
            shape = int.from_bytes(data[4:6], "little")
            if shape in _UNREAD and _UNREAD[shape] not in sheet.drawn:
                sheet.drawn.append(_UNREAD[shape])
        elif kind == _TEXT and len(data) >= 12 and shape != _NOTE:
            wanted, held = int.from_bytes(data[10:12], "little"), ""
        elif kind in (_HEAD, _FOOT) and len(data) > 3:
            sheet.running += printed_texts(_characters(data[2:]))
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 0:
            return


def _characters(data: bytes) -> str:
    """Text after the byte that says how wide its characters are."""
    return data[1:].decode("utf-16-le" if data[0] & 1 else "latin-1", "replace")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        yield kind, bytes(stream[start + 4 : start + 4 + length])
        start += 4 + length
