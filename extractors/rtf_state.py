"""What RTF carries along while it is read: how text looks now, which paragraph it belongs to, the styles.

Font sizes are in half-points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.flow import Line

_HEADING = re.compile(r"^heading (\d)$")
_CONTENTS = re.compile(r"^(?:toc \d|toc heading|table of figures|contents (?:heading|\d))$")
_LONGEST_CHAIN = 20


@dataclass(slots=True)
class Para:
    """A paragraph while it is read."""

    page: int = 1
    raw: str = ""
    hidden: str = ""
    bold: bool = True
    capitals: bool = True
    size: int = 0
    marker: str | None = None
    """The bullet or number that the writing program typed before it; None for no list item."""
    notes: list[list[Line]] = field(default_factory=list)
    boxes: list[list[Line]] = field(default_factory=list)

    def is_empty(self) -> bool:
        return not (self.raw.strip() or self.hidden or self.notes or self.boxes)

    def say(self, text: str, look: State) -> None:
        if look.hidden:
            self.hidden += text
            return
        self.raw += text
        if text.strip():
            self.bold, self.capitals = self.bold and look.bold, self.capitals and look.capitals
            self.size = max(self.size, look.size)


@dataclass(slots=True)
class Sink:
    """Where text goes: the body, or a note, running head or text box, whose finished lines wait here."""

    kind: str
    para: Para = field(default_factory=Para)
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Field:
    """A field: what it is told to do."""

    instruction: str = ""

    def _name(self) -> str:
        return (self.instruction.split() or [""])[0].upper()

    def is_contents(self) -> bool:
        return self._name() in ("TOC", "TOA", "INDEX")

    def is_page(self) -> bool:
        return self._name() in ("PAGE", "NUMPAGES", "SECTIONPAGES", "FILENAME")


_SWITCHES = {"b": "bold", "v": "hidden", "caps": "capitals", "deleted": "deleted"}


@dataclass(slots=True)
class State:
    """What a group inherits and may change for itself."""

    sink: Sink
    holds: str = "text"
    """What the text here is: "text" of the document, "nothing" that is read, or part of a table of fonts, styles ..."""
    field: Field = field(default_factory=Field)
    bold: bool = False
    hidden: bool = False
    capitals: bool = False
    deleted: bool = False
    size: int = 24
    font: int = -1
    unicode_skip: int = 1
    style: int = 0
    based_on: int = -1
    outline: int = 9
    list: int = 0
    """The number of the list that the paragraph is an item of, 0 for none."""
    list_depth: int = 0
    page_before: bool = False
    in_table: bool = False
    depth: int = 1
    inner: bool = False
    """Inside the description of a row of an inner table."""

    def begin_sink(self, sink: Sink) -> None:
        self.sink, self.holds = sink, "text"
        self._plain()
        self._pard()

    def word(self, word: str, number: int | None) -> bool:
        """Takes in a control word about the look of text or paragraphs; False where it is none."""
        if word in _SWITCHES:
            setattr(self, _SWITCHES[word], number != 0)
        elif word == "plain":
            self._plain()
        elif word == "pard":
            self._pard()
        elif word == "fs":
            self.size = number or 24
        elif word == "f":
            self.font = number or 0
        elif word == "uc":
            self.unicode_skip = max(0, number if number is not None else 1)
        elif word == "s":
            self.style = number or 0
        elif word == "sbasedon":
            self.based_on = number or 0
        elif word == "outlinelevel":
            self.outline = number if number is not None else 9
        elif word == "ls":
            self.list = number or 0
        elif word == "ilvl":
            self.list_depth = number or 0
        elif word == "pagebb":
            self.page_before = number != 0
        elif word == "intbl":
            self.in_table = True
        elif word == "itap":
            self.depth = max(1, number or 0)
        else:
            return False
        return True

    def _plain(self) -> None:
        self.bold = self.hidden = self.capitals = self.deleted = False
        self.size = 24

    def _pard(self) -> None:
        self.style, self.outline, self.depth = 0, 9, 1
        self.list = self.list_depth = 0
        self.page_before = self.in_table = False


@dataclass(slots=True)
class StyleSheet:
    """Paragraph styles by number: name, outline level (9 for none), the style that each is based on."""

    styles: dict[int, tuple[str, int, int]] = field(default_factory=dict)

    def add(self, said: State, name: str) -> None:
        name = name.strip().rstrip(";").strip().lower()
        if name:
            self.styles[said.style] = (name, said.outline, said.based_on)

    def _chain(self, number: int) -> list[tuple[str, int, int]]:
        chain: list[tuple[str, int, int]] = []
        while number in self.styles and len(chain) < _LONGEST_CHAIN:
            chain.append(self.styles[number])
            number = chain[-1][2]
        return chain

    def level(self, state: State) -> tuple[int, bool]:
        """The heading level (0 for none) of a paragraph, and whether it is the document's title."""
        if state.outline < 9:
            return state.outline + 1, False
        for name, outline, _ in self._chain(state.style):
            heading = _HEADING.match(name)
            if name == "title":
                return 1, True
            if heading or outline < 9:
                return int(heading[1]) if heading else outline + 1, False
        return 0, False

    def is_contents(self, style: int) -> bool:
        return any(_CONTENTS.match(name) for name, _, _ in self._chain(style))
