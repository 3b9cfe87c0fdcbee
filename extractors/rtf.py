"""Rich text (RTF) -> Extract: its tokens are read once, in order; groups that hold no text of the document are passed over.

Deleted revisions, comments, fields' instructions and embedded objects are not read. Pages are 1-based and counted from the
page ends that the author set.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

from extractors.archives import UnsafeOrBroken, read_whole, unread
from extractors.document import Extract, Problem
from extractors.flow import Flow, Line, running_texts
from extractors.rtf_state import Field, Para, Sink, State, StyleSheet
from extractors.rtf_tables import SHAPE_WORDS, OpenTable, RowShape
from extractors.rtf_tokens import PUNCTUATION, Token, code_page, letters, paired, python_codec, tokens
from extractors.text import PAGE_MARK, stated_title, tidy

DEEPEST_GROUP = 2_000
DEEPEST_TABLE = 20

_SINKS = {"footnote": "note", "shptxt": "box", "dptxbxtext": "box"} | {
    f"{what}{which}": "running" for what in ("header", "footer") for which in ("", "l", "r", "f")
}
_TEXTS = {"fonttbl": "fonts", "stylesheet": "styles", "info": "info", "listtext": "marker", "pntext": "marker", "fldinst": "field"}
_STARRED_BUT_READ = {*_SINKS, *_TEXTS, "shpinst", "do", "nesttableprops"}
_PASSED_OVER = frozenset((
    "colortbl", "pict", "objdata", "annotation", "atnid", "atnauthor", "sp", "shprslt", "nonesttables", "nonshppict", "xe", "tc", "ftnsep",
    "ftnsepc", "aftnsep", "aftnsepc", "filetbl", "revtbl", "private1", "falt", "fname", "themedata", "datastore", "listtable", "pgdsctbl",
))  # fmt: skip


def read_rtf(path: Path, name: str) -> Extract:
    """Read rich text; `name` is what Problems call it. Never raises for bad input."""
    try:
        data = read_whole(path, "rich text file")
    except UnsafeOrBroken as error:
        return unread(name, error.message, error.remedy)
    if not data.lstrip()[:6].lower().startswith(b"{\\rtf"):
        return unread(
            name, "This file is not rich text (RTF), whatever its name says.", "Open it, save it as a Word document and send that."
        )
    walk = _Walk()
    whole = walk.read(data)
    remedy = "Open it in Word, see whether it is whole, save it as a Word document and send that."
    problems = [] if whole else [Problem(name, "This file breaks off in the middle; what stands before that was read.", remedy)]
    return walk.flow.extract(name, walk.page, stated_title(walk.title), running_texts(walk.running), problems)


def add_rich_text(flow: Flow, data: bytes) -> None:
    """Adds what rich text says to `flow`; an e-mail's body may be written in it."""
    _Walk(flow).read(data)


@dataclass(slots=True)
class _Walk:
    flow: Flow = field(default_factory=Flow)
    title: str = ""
    running: list[str] = field(default_factory=list)
    page: int = 1
    codec: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    styles: StyleSheet = field(default_factory=StyleSheet)
    body: Sink = field(default_factory=lambda: Sink("body"))
    state: State = field(init=False)
    outer: list[State] = field(default_factory=list)
    collected: str = ""
    """The text of a group that is no text of the document: a style's name, a list's marker."""
    pending: str = ""
    """Bytes that are letters only together."""
    skip: int = 0
    """Letters to pass over: they stand for a Unicode letter that was read already."""
    starred: bool = False
    section: bool = False
    """A section has ended; the next begins on a new page unless it says otherwise."""
    tables: list[OpenTable] = field(default_factory=list)
    shape: RowShape = field(default_factory=RowShape)
    inner_shape: RowShape = field(default_factory=RowShape)

    def __post_init__(self) -> None:
        self.state = State(self.body)

    def read(self, data: bytes) -> bool:
        """Reads all; False where the file breaks off or nests deeper than any document."""
        ended = False
        for token in tokens(data):
            self._take(token)
            ended = token[0] == "}" and not self.outer
            if ended or len(self.outer) > DEEPEST_GROUP:
                break
        self._decode()
        while self.outer:
            self._close()
        if not self.body.para.is_empty():
            self._end_paragraph()
        self._at_depth(0)
        return ended

    def _take(self, token: Token) -> None:
        kind, text, number = token
        if kind == "bytes":
            if self.skip:
                self.skip, text = max(0, self.skip - len(text)), text[self.skip :]
            if self.state.holds != "nothing":
                self.pending += text
            return
        self._decode()
        if kind == "{":
            self.skip = 0
            self.outer.append(copy(self.state))
        elif kind == "}":
            self.skip = 0
            if self.outer:
                self._close()
        elif self.skip and (kind == "letter" or text in PUNCTUATION):
            self.skip -= 1
        elif kind == "letter":
            self._say(text)
        elif text == "*":
            self.starred = True
        else:
            self.skip = 0
            starred, self.starred = self.starred, False
            if self.state.holds != "nothing":
                self._word(text, number, starred)

    def _decode(self) -> None:
        if self.pending:
            page = self.fonts.get(self.state.font, "") or self.codec
            raw, self.pending = self.pending, ""
            self._say(letters(raw, page if self.state.holds in ("text", "marker") else self.codec))

    def _say(self, text: str) -> None:
        state = self.state
        if state.holds == "field":
            state.field.instruction += text
        elif state.holds != "text":
            self.collected += text
        elif not state.deleted:
            if state.sink is self.body and text.strip() and state.sink.para.is_empty():
                self._begin_paragraph()
            state.sink.para.say(text, state)

    def _begin_paragraph(self) -> None:
        if (self.section or self.state.page_before) and (self.flow.drafts or self.tables):
            self.page += 1
        self.section = False
        self.body.para.page = self.page

    def _close(self) -> None:
        """Ends a group."""
        ended, self.state = self.state, self.outer.pop()
        text = self.collected
        if ended.holds != self.state.holds or ended.holds == "styles":
            self.collected = ""
        if ended.holds == "styles":
            self.styles.add(ended, text)
        elif ended.holds == "title" and self.state.holds != "title":
            self.title = text
        elif ended.holds == "marker" and self.state.holds != "marker":
            self.state.sink.para.marker = text
        if ended.sink is not self.state.sink:
            if not ended.sink.para.is_empty():
                ended.sink.lines.append(self._line(ended.sink.para, ended))
            if ended.sink.kind == "running":
                self.running += [line.raw for line in ended.sink.lines]
            else:
                into = self.state.sink.para
                (into.notes if ended.sink.kind == "note" else into.boxes).append(ended.sink.lines)

    def _word(self, word: str, number: int | None, starred: bool) -> None:
        state = self.state
        if word in _SINKS:
            state.begin_sink(Sink(_SINKS[word], Para(page=self.page)))
        elif word in _PASSED_OVER or (starred and word not in _STARRED_BUT_READ):
            state.holds = "nothing"
        elif word in _TEXTS:
            state.holds, self.collected = _TEXTS[word], ""
        elif word == "title" and state.holds == "info":
            state.holds, self.collected = "title", ""
        elif word == "field":
            state.field = Field()
        elif word == "fldrslt":
            if state.field.is_contents() or (state.sink.kind == "running" and state.field.is_page()):
                state.holds = "nothing"
        elif word == "u" and number is not None:
            self._unicode(number)
        elif word in SHAPE_WORDS:
            (self.inner_shape if state.inner else self.shape).word(word, number)
        elif word == "nesttableprops":
            state.inner = True
        elif word in PUNCTUATION:
            self._say(PUNCTUATION[word])
        elif not state.word(word, number):
            self._structure(word, number)

    def _unicode(self, number: int) -> None:
        code = number + 0x10000 if number < 0 else number
        self._say(chr(code) if 0 <= code < 0x110000 else "")
        self.skip = self.state.unicode_skip

    def _structure(self, word: str, number: int | None) -> None:
        """Ends of paragraphs, cells, rows and pages; code pages."""
        state = self.state
        if word == "par":
            self._end_paragraph()
        elif word in ("cell", "nestcell"):
            self._end_cell(1 if word == "cell" else max(2, state.depth))
        elif word in ("row", "nestrow") and self.tables:
            self._at_depth(1 if word == "row" else len(self.tables))
            self.tables[-1].end_row(self.shape if word == "row" else self.inner_shape)
        elif word == "page" and state.sink is self.body:
            self.page += 1
            if state.sink.para.is_empty():
                state.sink.para.page = self.page
            else:
                state.sink.para.raw += PAGE_MARK
        elif word == "sect":
            self._end_paragraph()
            self.section = True
        elif word in ("sbknone", "sbkcol"):
            self.section = False
        elif word == "ansicpg" and number is not None:
            self.codec = python_codec(number)
        elif word in ("mac", "pc", "pca"):
            self.codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "fcharset" and number is not None and state.holds == "fonts":
            self.fonts[state.font] = code_page(number)

    def _end_paragraph(self) -> None:
        sink = self.state.sink
        para, sink.para = sink.para, Para(page=self.page)
        line = self._line(para, self.state)
        if sink is not self.body:
            sink.lines.append(line)
            return
        self._at_depth(self.state.depth if self.state.in_table else 0)
        if not self.styles.is_contents(self.state.style):
            self.flow.line(line)
            self.flow.hidden(para.hidden, para.page)
        for note in para.notes:
            self.flow.note([one.raw for one in note], para.page)
        for one in (one for box in para.boxes for one in box):
            self.flow.line(one)

    def _line(self, para: Para, state: State) -> Line:
        level, title = self.styles.level(state)
        listed = bool(state.list) or para.marker is not None
        marker = tidy(para.marker or "")
        bulleted = not any(letter.isalnum() for letter in marker)
        look = para.bold, para.capitals, para.size
        series = f"{state.list} {state.list_depth}" if listed else ""
        label = "" if bulleted else marker
        return Line(paired(para.raw), para.page, level, title, listed, bulleted, *look, label=label, series=series)

    def _end_cell(self, depth: int) -> None:
        self.state.in_table, self.state.depth = True, depth
        self._at_depth(depth)
        self._end_paragraph()
        self.tables[-1].cells.append(self.flow.drafts)
        self.flow.drafts = []

    def _at_depth(self, depth: int) -> None:
        """Opens or ends tables until so many stand around what follows."""
        while len(self.tables) < min(depth, DEEPEST_TABLE):
            self.tables.append(OpenTable(self.flow.drafts, self.flow.level))
            self.flow.drafts = []
        while len(self.tables) > depth:
            table = self.tables.pop()
            if self.flow.drafts:
                table.cells.append(self.flow.drafts)
            table.end_row(self.inner_shape if depth else self.shape)
            self.flow.drafts, self.flow.level = table.outside, table.level
            self.flow.table(table.grid())
