"""How everything that people read says it: names, lists, levels, probabilities and places, in the same words everywhere."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

LEVELS = ("No evidence", "Low", "Medium", "High")
SCOPES = {
    "umbrella": "Made for a group of areas together, not for this area alone.",
    "force_wide": "Made for the whole force or for protective services as a whole, not for this area alone.",
}
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def force_of(submission: Mapping[str, Any]) -> str:
    """The force's name; the folder's where nothing names the force."""
    return str(submission.get("force") or submission.get("folder") or "Force not named")


def label(identifier: str) -> str:
    """An id as words, for what the matrix does not name: `acpo_group` -> `Acpo group`, `psip` -> `PSIP`."""
    words = str(identifier).replace("_", " ").strip()
    return words.upper() if words.islower() and len(words) <= 4 else capital(words)


def capital(words: str) -> str:
    """The words with a first capital, the rest as it is: `gap in ANPR` -> `Gap in ANPR`."""
    return words[:1].upper() + words[1:]


def uncapital(words: str) -> str:
    """The words as they stand inside a sentence: "Major crime" -> "major crime", "CBRN" stays."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def listed(items: Iterable[object], last: str = "and") -> str:
    """ "a, b and c"."""
    texts = [str(item) for item in items]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {last} {texts[-1]}" if texts else ""


def count_words(number: int, what: str) -> str:
    """A number with its noun: "1 force", "2 forces", "1,204 pages"."""
    return f"{number:,} {what if number == 1 else what + 's'}"


def level(number: Any) -> str:
    """A need or threat level in words."""
    if isinstance(number, int) and 0 <= number < len(LEVELS):
        return LEVELS[number]
    return "Not stated" if number is None else str(number)


def percent(share: Any) -> str:
    """A probability as a whole per cent that never claims certainty it has not: 0.997 -> 99%, 0.002 -> <1%."""
    if not isinstance(share, (int, float)) or math.isnan(share):
        return "not known"
    if 0 < share < 0.01:
        return "<1%"
    return f"{whole_percent(share)}%"


def place_of(evidence: Mapping[str, Any]) -> str:
    """Where in its file the evidence stands: `page 4`, `page 4 (read by OCR, 93% sure)` or `Sheet1!B7`."""
    if evidence.get("sheet"):
        return f"{evidence['sheet']}!{evidence['cell']}" if evidence.get("cell") else f"sheet {evidence['sheet']}"
    if evidence.get("page") is None:
        return "place not known"
    sure = evidence.get("ocr_confidence")
    return f"page {evidence['page']}" + (f" (read by OCR, {sure:.0%} sure)" if sure is not None else "")


def clean(text: str) -> str:
    """The text without characters that no web page or workbook may hold, each replaced so that offsets stay."""
    return _UNSAFE.sub(" ", text)


def calculates(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text.lstrip().startswith(("=", "+", "-", "@")) or text.lstrip(" ").startswith(("\t", "\r", "\n"))


def harmless(value: Any) -> Any:
    """A value for a CSV file: text is cleaned, with an apostrophe before what a spreadsheet would calculate."""
    if not isinstance(value, str):
        return value
    return ("'" if calculates(value) else "") + clean(value)


def marked(quote: str, ranges: Iterable[Any]) -> list[tuple[str, bool]]:
    """The quote in pieces, each with whether it is highlighted; ranges may overlap or run over the end."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in sorted((int(a), int(b)) for a, b in ranges):
        start, end = max(start, done), min(end, len(quote))
        if start < end:
            pieces += [(quote[done:start], False), (quote[start:end], True)]
            done = end
    return [piece for piece in [*pieces, (quote[done:], False)] if piece[0]]


def whole_percent(share: Any) -> int:
    """As `percent`, as a number for the length of a bar."""
    if not isinstance(share, (int, float)) or math.isnan(share):
        return 0
    return 100 if share >= 1 else max(0, min(99, math.floor(share * 100 + 0.5)))
