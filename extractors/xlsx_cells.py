"""The cells of a workbook as Excel shows them, read from its XML parts.

The sheet's XML is walked directly: number formats, hidden rows and columns, bold and merges all stand there, and a
sparse reading cannot be made to fill memory by one cell in the last corner. Rows and columns are 1-based.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from lxml import etree

from extractors.archives import Package
from extractors.text import tidy

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_DATES = {14: "d", 15: "d", 16: "d", 17: "my", 22: "dh", 18: "h", 19: "h", 20: "h", 21: "h", 45: "h", 46: "h", 47: "h"}
_CODES = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"} | {
    # These show the currency of the reader's own country.
    **dict.fromkeys((5, 6, 42), '"£"#,##0'),
    **dict.fromkeys((7, 8, 44), '"£"#,##0.00'),
    **dict.fromkeys((37, 38, 41), "#,##0"),
    **dict.fromkeys((39, 40, 43), "#,##0.00"),
}
_TRUE = ("1", "true", "on")
_CELL = re.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7})$")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.|([£$€%()+\- /:])')
_PLACEHOLDERS = re.compile(r"[#0?][#0?,.]*")

CellKind = Literal["text", "number", "date"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is shown."""

    text: str
    kind: CellKind
    bold: bool = False


@dataclass(slots=True)
class Sheet:
    """One worksheet: filled cells by (row, column), what is hidden, and merged ranges (top, left, bottom, right)."""

    name: str
    hidden: bool
    cells: dict[tuple[int, int], Shown] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[range] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def hides(self, column: int) -> bool:
        return any(column in columns for columns in self.hidden_columns)


@dataclass(frozen=True, slots=True)
class Look:
    """A cell format: its number format's code, the parts of a date it shows ("" for no date), and bold."""

    code: str = ""
    date: str = ""
    bold: bool = False


@dataclass(slots=True)
class Workbook:
    """What all sheets share."""

    strings: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    from_1904: bool = False
    sheets: list[tuple[str, bool, str]] = field(default_factory=list)
    """(name, hidden, part) of each worksheet, in the order of the tabs."""


def read_workbook(package: Package) -> Workbook | None:
    """What the sheets share; None where the package holds no workbook. Raises UnsafeOrBroken."""
    main = package.main_part("xl/workbook.xml")
    root = package.xml(main)
    if root is None or root.tag != S + "workbook":
        return None
    book = Workbook()
    properties = root.find(S + "workbookPr")
    book.from_1904 = properties is not None and properties.get("date1904", "0").lower() in _TRUE
    links = package.links(main)
    for sheet in root.iter(S + "sheet"):
        kind, part = links.get(sheet.get(R + "id", ""), ("", ""))
        if kind == "worksheet":
            hidden = sheet.get("state", "visible") != "visible"
            book.sheets.append((tidy(sheet.get("name", "")) or f"Sheet {len(book.sheets) + 1}", hidden, part))
    for kind, part in links.values():
        shared = package.xml(part) if kind in ("sharedStrings", "styles") else None
        if shared is None:
            continue
        if kind == "styles":
            book.looks = _looks(shared)
        else:
            book.strings = [_rich(item) for item in shared.iter(S + "si")]
    return book


def _rich(item: etree._Element) -> str:
    """The text of a string item, its formatted runs joined, without phonetic guides."""
    texts = (text for text in item.iter(S + "t") if (up := text.getparent()) is None or up.tag != S + "rPh")
    return tidy("".join(_unescaped(text.text or "") for text in texts))


def _unescaped(text: str) -> str:
    # Excel writes characters that XML cannot hold as _x000D_.
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _looks(root: etree._Element) -> list[Look]:
    codes = {fmt.get("numFmtId", ""): fmt.get("formatCode", "") for fmt in root.iter(S + "numFmt")}
    fonts = root.find(S + "fonts")
    bold = [
        (mark := font.find(S + "b")) is not None and mark.get("val", "1").lower() in _TRUE
        for font in (() if fonts is None else fonts.iter(S + "font"))
    ]
    formats = root.find(S + "cellXfs")
    looks: list[Look] = []
    for one in () if formats is None else formats.iter(S + "xf"):
        number, font_id = one.get("numFmtId", "0"), _whole(one.get("fontId"))
        builtin = _whole(number)
        code = codes.get(number) or _CODES.get(builtin, "")
        date = date_parts(codes[number]) if number in codes else _DATES.get(builtin, "")
        looks.append(Look(code, date, 0 <= font_id < len(bold) and bold[font_id]))
    return looks


def _whole(text: str | None, otherwise: int = 0) -> int:
    try:
        return int(text) if text else otherwise
    except ValueError:
        return otherwise


def date_parts(code: str) -> str:
    """The parts of a date that a number format shows: some of "d", "m", "y", "h"; "" where it shows no date."""
    bare = _LITERAL.sub(" ", code.split(";")[0].lower().replace("am/pm", "h"))
    if not re.search(r"[dyhs]|m", bare) or re.search(r"[#0?](?!\s*s)", bare.replace(".000", "").replace(".00", "")):
        return ""
    parts = "".join(letter for letter in "dyh" if letter in bare)
    month = "mmm" in bare or ("m" in bare and ("d" in bare or "y" in bare or "h" not in bare))
    return parts + ("m" if month else "")


def read_sheet(package: Package, book: Workbook, name: str, hidden: bool, part: str) -> Sheet:
    """Read one worksheet. Raises UnsafeOrBroken."""
    sheet = Sheet(name, hidden)
    root = package.xml(part)
    if root is None:
        return sheet
    for columns in root.iter(S + "col"):
        if columns.get("hidden", "0").lower() in _TRUE:
            sheet.hidden_columns.append(range(_whole(columns.get("min"), 1), _whole(columns.get("max"), 1) + 1))
    row_number = 0
    for row in root.iter(S + "row"):
        row_number = _whole(row.get("r"), row_number + 1)
        if row.get("hidden", "0").lower() in _TRUE:
            sheet.hidden_rows.add(row_number)
        column = 0
        for cell in row:
            if cell.tag != S + "c":
                continue
            where = address(cell.get("r", ""))
            column = where[1] if where else column + 1
            shown = _shown(cell, book)
            if shown.text:
                sheet.cells[row_number, column] = shown
    for merge in root.iter(S + "mergeCell"):
        start, _, end = merge.get("ref", "").partition(":")
        corner, opposite = address(start), address(end)
        if corner and opposite:
            sheet.merges.append((*corner, *opposite))
    return sheet


def address(reference: str) -> tuple[int, int] | None:
    """(row, column) of "B7"; None for anything else."""
    found = _CELL.match(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def column_letters(column: int) -> str:
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shown(cell: etree._Element, book: Workbook) -> Shown:
    kind = cell.get("t", "n")
    index = _whole(cell.get("s"))
    look = book.looks[index] if 0 <= index < len(book.looks) else Look()
    if kind == "inlineStr":
        inline = cell.find(S + "is")
        return Shown("" if inline is None else _rich(inline), "text", look.bold)
    raw = cell.findtext(S + "v") or ""
    if kind == "s":
        at = _whole(raw, -1)
        return Shown(book.strings[at] if 0 <= at < len(book.strings) else "", "text", look.bold)
    if kind == "str":
        return Shown("" if _is_error(raw) else tidy(_unescaped(raw)), "text", look.bold)
    if kind == "b":
        return Shown("TRUE" if raw == "1" else "FALSE", "text", look.bold)
    if kind == "e" or not raw:
        return Shown("", "text", look.bold)
    if kind == "d":
        try:
            return Shown(date_text(datetime.fromisoformat(raw.removesuffix("Z")), look.date or "dmy"), "date", look.bold)
        except ValueError:
            return Shown(tidy(raw), "text", look.bold)
    if look.date:
        text = _from_serial(raw, look.date, book.from_1904)
        if text:
            return Shown(text, "date", look.bold)
    return Shown(number_text(raw, look.code), "number", look.bold)


def _is_error(raw: str) -> bool:
    return raw in ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")


def _from_serial(raw: str, parts: str, from_1904: bool) -> str:
    try:
        serial = float(raw)
        # Excel counts 29 February 1900, which never was; days before it are one short.
        start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if serial < 60 else 30)
        # Half a second more, so that a time stored as a fraction of a day is not a minute short.
        moment = start + timedelta(days=serial, milliseconds=500)
    except (ValueError, OverflowError):
        return ""
    return date_text(moment, parts)


def date_text(moment: datetime, parts: str) -> str:
    """A date in British words with the parts that are shown: "31 March 2009", "March 2009", "14:30"."""
    days = ""
    if "d" in parts:
        days = f"{moment.day} {moment:%B} {moment.year}"
    elif "m" in parts:
        days = f"{moment:%B} {moment.year}" if "y" in parts else f"{moment:%B}"
    elif "y" in parts:
        days = str(moment.year)
    time = f"{moment:%H:%M}" if "h" in parts and (not days or moment.hour or moment.minute) else ""
    return f"{days} {time}".strip()


@lru_cache(maxsize=20_000)
def number_text(raw: str, code: str) -> str:
    """A number as its format shows it ("£84,000", "12.5%"), without needless ".0" where there is no format."""
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return tidy(raw)
    if not number.is_finite() or abs(number) > Decimal("1e15"):
        return tidy(raw)
    sections = _sections(code)
    section = sections[0]
    sign = "-" if number < 0 else ""
    if number < 0 and len(sections) > 1:
        # A section of its own shows the sign itself, as a minus or as brackets.
        section, sign = sections[1], ""
        sign = "" if re.search(r"[-(]", section) else "-"
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    if code.lower() in ("", "general", "@") or "general" in section.lower():
        rounded = Decimal(f"{number:.10g}")
        return f"{rounded.normalize():f}" if rounded else "0"
    size = abs(number) * (100 if "%" in _LITERAL.sub(lambda m: "%" if m[0] == "%" else "", section) else 1)
    spot = _find_placeholders(section)
    if spot is None or "/" in section or "E+" in section:
        return f"{number.normalize():f}" if spot else _literals(section)
    digits = section[spot[0] : spot[1]]
    size /= Decimal(1000) ** (len(digits) - len(digits.rstrip(",")))
    whole, _, fraction = digits.rstrip(",").partition(".")
    places = sum(mark in "0?#" for mark in fraction)
    try:
        shown = size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:  # a format that asks for more digits than a Decimal holds
        return tidy(raw)
    text = f"{shown:,f}" if "," in whole else f"{shown:f}"
    if "#" in fraction:
        text = text.rstrip("0").rstrip(".")
    return tidy(f"{sign}{_literals(section[: spot[0]])}{text}{_literals(section[spot[1] :])}")


def _sections(code: str) -> list[str]:
    return re.findall(r'(?:"[^"]*"|\\.|[^;"])+', code) or [""]


def _find_placeholders(section: str) -> tuple[int, int] | None:
    blanked = _LITERAL.sub(lambda m: " " * len(m[0]), section)
    found = _PLACEHOLDERS.search(blanked)
    return found.span() if found else None


def _literals(section: str) -> str:
    return "".join(m[1] or m[2] or m[3] or m[4] or "" for m in _LITERAL.finditer(section))
