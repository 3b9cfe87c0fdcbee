"""The cells of a sheet -> its tables with their headers, its titles and its prose.

Rows and columns are 1-based; a Place gives the sheet and the cell in which a text stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extractors.document import CELL_BREAK, Place
from extractors.sheet_cells import Sheet, Shown, column_letters
from extractors.text import Draft, Placed, guess_of, is_short, join_placed, without_bullet

_LABEL_WORDS = 10
SENTENCE_WORDS = 12
"""A lone cell with more words is prose."""

NOTE_WORDS = 4
"""A lone first cell with fewer words is the label of a row that nobody filled."""

MAX_SPREAD = 5_000
"""A merge over more rows than this is decoration, and its text is not repeated down the sheet."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A cell's text with the cell in which it stands (for merged cells the top left one)."""

    shown: Shown
    row: int
    column: int


@dataclass(slots=True)
class _Line:
    """A row that is not blank: values by column, text merged sideways counted once."""

    row: int
    values: dict[int, _Value]
    wide: dict[int, _Value] = field(default_factory=dict)
    """As `values`, with text merged sideways in every column that it covers: what headers need."""
    joined: bool = False
    """Something in this row is merged sideways."""
    reaches: bool = False
    """Something in this row goes on from the row above."""

    def texts(self) -> list[Shown]:
        return [value.shown for _, value in sorted(self.values.items())]


@dataclass(slots=True)
class Reading:
    """One sheet while it is read; `table` is the number of the last table."""

    sheet: Sheet
    table: int = 0
    header: dict[int, str] = field(default_factory=dict)
    header_bold: bool = False

    def drafts(self) -> list[Draft]:
        name = self.sheet.name
        found = [Draft("heading", name, (Place(0, len(name), sheet=name),), level=1, hidden=self.sheet.hidden)]
        segments = list(_segments(self._lines()))
        tables = [any(len(line.values) > 1 for line in segment) for segment in segments]
        for number, segment in enumerate(segments):
            # Lone cells above a table, parted from it by a blank row, are its title and notes.
            above_table = not tables[number] and any(tables[number + 1 :])
            found += self._segment(segment, above_table)
        return found

    def _lines(self) -> list[_Line]:
        lines: dict[int, _Line] = {}
        for (row, column), shown in sorted(self.sheet.cells.items()):
            value = _Value(shown, row, column)
            line = lines.setdefault(row, _Line(row, {}))
            line.values[column] = line.wide[column] = value
        for top, left, bottom, right in self.sheet.merges:
            corner = self.sheet.cells.get((top, left))
            if corner is None or bottom - top > MAX_SPREAD or right - left > MAX_SPREAD:
                continue
            value = _Value(corner, top, left)
            for row in range(top, bottom + 1):
                # A row that holds nothing but the tail of a merge is not a row.
                if row not in lines:
                    continue
                lines[row].values.setdefault(left, value)
                lines[row].joined |= right > left
                lines[row].reaches |= row > top
                for column in range(left, right + 1):
                    lines[row].wide.setdefault(column, value)
        return [lines[row] for row in sorted(lines)]

    def _segment(self, lines: Sequence[_Line], above_table: bool) -> Iterator[Draft]:
        start = self._header_at(lines)
        titles = lines[:start] if start is not None else ()
        for line in titles:
            yield from self._prose(line, titled=True)
        rest = lines
        if start is not None:
            rows = 2 if _two_rows(lines[start:]) else 1
            self._take_header(lines[start : start + rows])
            rest = lines[start + rows :]
        elif any(len(line.values) > 1 for line in lines):
            columns = {column for line in lines for column in line.values}
            if not self.header or not columns <= set(self.header):
                self.header, self.header_bold = {}, False
                self.table += 1
        end = next((number for number in range(1, len(rest)) if self._heads_anew(rest[number : number + 2])), len(rest))
        rest, below = rest[:end], rest[end:]
        last = max((number for number, line in enumerate(rest) if len(line.values) > 1), default=-1)
        for number, line in enumerate(rest):
            if above_table:
                yield from self._prose(line, titled=number == 0)
            elif number > last and self.header and len(line.values) == 1 and (below or self._is_note(line, rest[: last + 1])):
                yield from self._prose(line, titled=all(shown.bold for shown in line.texts()))
            elif len(line.values) == 1 and (not self.header or self._stands_over(line, rest[number + 1 :])):
                yield from self._prose(line, titled=bool(self.header), above=False)
            else:
                yield from self._row(line)
        if below:
            yield from self._segment(below, above_table)

    def _header_at(self, lines: Sequence[_Line]) -> int | None:
        """Where the header stands among the lines of a segment; None where it has none of its own."""
        for number, line in enumerate(lines[:-1]):
            if len(line.values) < 2:
                continue
            unfilled = len(line.values) > 2 and all(list(later.values) == [min(line.values)] for later in lines[number + 1 :])
            few = max(len(later.values) for later in lines[number + 1 :]) < 2 and not unfilled
            if not _labels(line) or few or _form(lines[number:]):
                return None
            return number if self._is_new(line, lines[number + 1], titled=number > 0) else None
        return None

    def _is_new(self, line: _Line, below: _Line, titled: bool) -> bool:
        """In a sheet that has a table already, rows after a gap go on with it unless they look like a header."""
        if not self.header or titled:
            return True
        bold = all(shown.bold for shown in line.texts())
        if bold:
            return not all(shown.bold for shown in below.texts()) or self.header_bold
        if self.header_bold:
            return False
        data_below = any(value.shown.kind != "text" for value in below.values.values())
        return data_below or set(line.values) != set(self.header)

    def _heads_anew(self, lines: Sequence[_Line]) -> bool:
        """A bold row of labels under a table with a bold header begins another table, though no blank row parts them."""
        if len(lines) < 2 or not self.header_bold or len(lines[0].values) < 2 or not _labels(lines[0]):
            return False
        return all(shown.bold for shown in lines[0].texts()) and not any(shown.bold for shown in lines[1].texts())

    def _take_header(self, rows: Sequence[_Line]) -> None:
        self.table += 1
        self.header_bold = all(shown.bold for shown in rows[-1].texts())
        self.header = {}
        for column in sorted({column for row in rows for column in row.wide}):
            texts: list[str] = []
            for row in rows:
                value = row.wide.get(column)
                if value is not None and value.shown.text not in texts:
                    texts.append(value.shown.text)
            self.header[column] = ": ".join(texts)

    def _stands_over(self, line: _Line, later: Sequence[_Line]) -> bool:
        """A lone cell inside a table that stands over the rows below it."""
        (column, value), *_ = line.values.items()
        alone = column == min(self.header) and len(self.header) >= 3 and bool(later)
        return alone and (value.shown.bold or line.joined) and value.row == line.row

    def _is_note(self, line: _Line, rows: Sequence[_Line]) -> bool:
        """A lone cell under the last of the rows is a note to them: a sentence, or longer than all above it in the first column."""
        ((column, value),) = line.values.items()
        longest = max((len(row.values[column].shown.text) for row in rows if column in row.values), default=0)
        words = len(value.shown.text.split())
        own = column == min(self.header) and longest > 0 and words >= NOTE_WORDS and len(value.shown.text) > longest
        return _is_sentence(line) or own

    def _prose(self, line: _Line, titled: bool, above: bool = True) -> Iterator[Draft]:
        for column, value in sorted(line.values.items()):
            text, hidden = value.shown.text, self._hidden(line.row, column)
            bare = without_bullet(text)
            placed = self._placed(value)
            if bare is not None:
                yield Draft("list_item", bare, (Place(0, len(bare), sheet=self.sheet.name, cell=_cell(value)),), hidden=hidden)
            elif titled and is_short(text):
                yield Draft("heading", *placed, level=2 if above else 3, hidden=hidden)
            else:
                yield Draft("paragraph", *placed, hidden=hidden, guess=guess_of(text, value.shown.bold), bold=value.shown.bold)

    def _row(self, line: _Line) -> Iterator[Draft]:
        """A row of a table; what stands in hidden columns becomes a hidden row of its own."""
        if line.values and {c: v.shown.text for c, v in line.wide.items()} == self.header:
            return
        columns = sorted(set(self.header) | set(line.values))
        open_columns = [column for column in columns if not self.sheet.hides(column)]
        shut = [column for column in columns if self.sheet.hides(column)]
        for some, hidden in ((open_columns, False), (shut, True)):
            placed = [self._placed(line.values[column]) if column in line.values else ("", ()) for column in some]
            text, places = join_placed(placed, CELL_BREAK)
            if text:
                yield Draft(
                    "table_row", text, places, cells=tuple(cell for cell, _ in placed),
                    columns=tuple(self.header.get(column, "") for column in some), table=self.table,
                    hidden=hidden or self.sheet.hidden or line.row in self.sheet.hidden_rows,
                )  # fmt: skip

    def _hidden(self, row: int, column: int) -> bool:
        return self.sheet.hidden or row in self.sheet.hidden_rows or self.sheet.hides(column)

    def _placed(self, value: _Value) -> Placed:
        text = value.shown.text
        return text, (Place(0, len(text), sheet=self.sheet.name, cell=_cell(value)),)


def _is_sentence(line: _Line) -> bool:
    """A lone cell of prose: under the last row of a table it is a note to it, not a row."""
    texts = [value.shown.text for value in line.values.values()]
    return len(texts) == 1 and (texts[0].endswith(".") or len(texts[0].split()) > SENTENCE_WORDS)


def _cell(value: _Value) -> str:
    return f"{column_letters(value.column)}{value.row}"


def _segments(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Runs of lines without a blank row between them."""
    run: list[_Line] = []
    for line in lines:
        if run and line.row > run[-1].row + 1:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _labels(line: _Line) -> bool:
    """All its cells are short labels, none a figure or a sentence."""
    return all(shown.kind == "text" and len(shown.text.split()) <= _LABEL_WORDS and not shown.text.endswith(".") for shown in line.texts())


def _form(lines: Sequence[_Line]) -> bool:
    """Two columns of labels and values, with no header over them."""
    if any(len(line.values) > 2 for line in lines):
        return False
    pairs = [line.texts() for line in lines if len(line.values) == 2]
    if all(left.text.endswith(":") for left, _ in pairs):
        return True
    bold = [(left.bold, right.bold) for left, right in pairs]
    if all(left for left, _ in bold) and not bold[0][1]:
        return True
    plain = not any(left or right for left, right in bold)
    return plain and any(len(shown.text.split()) > 3 or "," in shown.text for shown in pairs[0])


def _two_rows(lines: Sequence[_Line]) -> bool:
    """The header goes on in the second line: the first has text merged over several columns, the second splits it."""
    if len(lines) < 3 or len(lines[1].values) < 2 or not _labels(lines[1]):
        return False
    return lines[0].joined and (lines[1].reaches or len(lines[1].values) >= len(lines[0].values))
