"""The little language in which letters and checks are worded: a Jinja template gives lines, lines give blocks.

    ## Heading            (one # for each level)
    - list item           > quotation          ! notice          anything else: a paragraph; empty lines do not count
    | cell | cell |       a table; its first row is the header, `|~ 2 1` before it gives the columns' widths, `|~~ Name` its name
    @ name                begins a section of that name
    **bold**  [[RP4]] a link to the table row that begins with [#RP4]

A table cell that begins with ~2~ is shaded as that grade. What a template puts in from outside can be no markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from pipeline.words import capital, clean, listed, uncapital

SIGNS: Final = "*|[]#>!~-@"
_GUARD: Final = str.maketrans({sign: chr(0xE000 + n) for n, sign in enumerate(SIGNS)} | dict.fromkeys("\n\r\t", " "))
_BARE: Final = str.maketrans({0xE000 + n: sign for n, sign in enumerate(SIGNS)})
_SPAN: Final = re.compile(r"\*\*(?P<bold>.+?)\*\*|\[\[(?P<link>[^\[\]]+)\]\]|\[#(?P<anchor>[^\[\]]+)\]")
_WORDS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

Kind = Literal["heading", "item", "quote", "notice", "paragraph", "table"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; `kind` "link" points at the "anchor" of the same text."""

    text: str
    kind: Literal["plain", "bold", "link", "anchor"] = "plain"


@dataclass(frozen=True, slots=True)
class Cell:
    spans: tuple[Span, ...]
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or one table: then `rows` holds all its rows, the header first, `widths` parts of the page's width."""

    kind: Kind
    spans: tuple[Span, ...] = ()
    level: int = 0
    rows: tuple[tuple[Cell, ...], ...] = ()
    widths: tuple[float, ...] = ()
    name: str = ""


def environment(folder: Path) -> Environment:
    """Jinja in which every value is guarded: it cannot become markup, nor break a line. Words that somebody passed on can run no code."""
    made = SandboxedEnvironment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(guarded(value)),  # noqa: S704  (guarded is the escaping)
    )  # fmt: skip
    made.filters |= {"listed": listed, "told": told, "words": in_words, "cap": capital, "uncap": uncapital, "refs": refs}
    return made


def guarded(value: Any) -> str:
    return clean(str(value)).translate(_GUARD)


def told(parts: Any, last: str = "and") -> str:
    """Elements as one clause: "name the partners and say what is shared"."""
    return listed([one.says for one in parts], last)


def in_words(number: int) -> str:
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def refs(cells: Any) -> Markup:
    """Links to the cells that a statement rests on: [RP4, RP5]."""
    links = dict.fromkeys(f"[[{guarded(cell.ref)}]]" for cell in cells)
    return Markup(f"[{', '.join(links)}]") if links else Markup("")  # noqa: S704  (guarded is the escaping)


def sections(text: str) -> list[tuple[str, str]]:
    """(name, text) of each section of a rendered template."""
    _, *parts = re.split(r"^@ (\w+)$", text, flags=re.MULTILINE)
    return list(zip(parts[::2], parts[1::2], strict=True))


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a rendered template, in order."""
    rows: list[tuple[Cell, ...]] = []
    widths: tuple[float, ...] = ()
    name = ""
    for line in [*filter(None, map(str.strip, text.splitlines())), ""]:
        if line.startswith("|~~"):
            name = _plain(line[3:].strip())
        elif line.startswith("|~"):
            widths = tuple(float(part) for part in line[2:].split())
        elif line.startswith("|"):
            rows.append(tuple(_cell(cell.strip()) for cell in line.strip("|").split("|")))
            continue
        elif rows:
            yield Block("table", rows=tuple(rows), widths=widths, name=name)
            rows, widths, name = [], (), ""
        if line and not line.startswith("|"):
            yield _line(line)


def _line(line: str) -> Block:
    if heading := re.match(r"(#{1,3}) ", line):
        return Block("heading", _spans(line[heading.end() :]), level=len(heading[1]))
    kinds: dict[str, Kind] = {"- ": "item", "> ": "quote", "! ": "notice"}
    kind = kinds.get(line[:2])
    return Block(kind, _spans(line[2:])) if kind else Block("paragraph", _spans(line))


def _cell(text: str) -> Cell:
    shade = re.match(r"~(\d)~\s*", text)
    return Cell(_spans(text[shade.end() :] if shade else text), int(shade[1]) if shade else None)


def _spans(text: str) -> tuple[Span, ...]:
    spans, done = [], 0
    for match in _SPAN.finditer(text):
        kind = match.lastgroup
        spans += [Span(_plain(text[done : match.start()])), Span(_plain(match[kind or 0]), kind)]  # type: ignore[arg-type]
        done = match.end()
    return tuple(span for span in (*spans, Span(_plain(text[done:]))) if span.text)


def _plain(text: str) -> str:
    """The text as its reader sees it, its guards taken off."""
    return text.translate(_BARE)
