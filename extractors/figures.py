"""Numbers and dates as a sheet shows them: "£84,000", "12.5%", "31 March 2009" from a raw value and its format's code."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from extractors.text import tidy

BUILT_IN_DATES = {14: "d", 15: "d", 16: "d", 17: "my", 22: "dh", 18: "h", 19: "h", 20: "h", 21: "h", 45: "h", 46: "h", 47: "h"}
BUILT_IN_CODES = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"} | {
    # These show the currency of the reader's own country.
    **dict.fromkeys((5, 6, 42), '"£"#,##0'),
    **dict.fromkeys((7, 8, 44), '"£"#,##0.00'),
    **dict.fromkeys((37, 38, 41), "#,##0"),
    **dict.fromkeys((39, 40, 43), "#,##0.00"),
}
"""What the numbers of formats mean that Excel keeps no code for."""
ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
"""What a formula that fails shows; nobody wrote it."""
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.|([£$€%()+\- /:])')
_PLACEHOLDERS = re.compile(r"[#0?][#0?,.]*")


def date_parts(code: str) -> str:
    """The parts of a date that a number format shows: some of "d", "m", "y", "h"; "" where it shows no date."""
    bare = _LITERAL.sub(" ", code.split(";")[0].lower().replace("am/pm", "h"))
    if not re.search(r"[dyhs]|m", bare) or re.search(r"[#0?](?!\s*s)", bare.replace(".000", "").replace(".00", "")):
        return ""
    parts = "".join(letter for letter in "dyh" if letter in bare)
    month = "mmm" in bare or ("m" in bare and ("d" in bare or "y" in bare or "h" not in bare))
    return parts + ("m" if month else "")


def from_serial(raw: str, parts: str, from_1904: bool) -> str:
    """A date that is kept as the number of days since Excel's beginning, with the `parts` shown; "" for what is no date."""
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
