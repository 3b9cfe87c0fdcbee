"""How well the structure of documents is read, on documents whose structure is known: `python -m benchmarks.structure`.

Makes documents of many kinds from the corpus's texts, reads them with our extractors and with free ones in the same run, and prints
headings F1, order of reading, table-cell F1 and paragraph-boundary F1 for each kind and over all. `--page docs/structure.md` writes
the same as a page; `--only WORD` runs the kinds with that word in their name; `--keep FOLDER` leaves the documents there.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.structure_pdf import LOOKS, NO_TABLES, write_pdf
from benchmarks.structure_peers import PEERS, by_plumber
from benchmarks.structure_scores import Scores, Tally, score
from benchmarks.structure_web import KINDS as PRINTED
from benchmarks.structure_web import PrintError, write_web
from benchmarks.structure_word import KINDS, write_word
from corpus.notation import FORCES, Force, Plan, read_force
from corpus.render import WRITERS
from extractors.document import Block
from extractors.figures import ERRORS
from extractors.read import read_document

GOALS: Final = {"headings": 0.95, "order": 0.98, "ruled cells": 0.97, "unruled cells": 0.85}
RENDERED: Final = ("ashmarch", "brackenshire", "carrowmere", "greensand", "severnmouth", "kirkmoor", "pennine-metropolitan", "coldwater")
"""Forces whose files the corpus itself renders."""
SET: Final = (
    ("harbourgate", "psip_pid.plan"),
    ("ferncliffe", "local-policing-plan.plan"),
    ("elverdale", "c_policing_plan.plan"),
    ("oakhampton-vale", "annexes-a-to-e.plan"),
    ("duddon-vale", "a-their-words-first.plan"),
)
"""Documents that are set anew in every other layout: prose, lists, small tables and long ones. The readers were mended on five others."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A document on disk with its true blocks; `ignored` are texts (covers, titles) that count neither way."""

    kind: str
    path: Path
    truth: Sequence[Block]
    ignored: Collection[str] = ()


def blocks_of(plan: Plan) -> list[Block]:
    """A plan's passages as the blocks that a reader should find."""
    return [Block("paragraph" if p.kind == "note" else p.kind, p.text, (), p.level, p.cells, p.columns, p.table) for p in plan.passages]


def samples(folder: Path, only: str) -> Iterator[Sample]:
    """Writes the documents whose kind has `only` in its name into `folder`, one by one."""
    for slug in RENDERED:
        force = read_force(FORCES / slug)
        for plan in force.plans:
            if Path(plan.options.get("file", "")).suffix in (".pdf", ".docx", ".xlsx"):
                yield from _rendered(folder, force, plan, only)
    plans = [next(p for p in read_force(FORCES / slug).plans if p.file == file) for slug, file in SET]
    makers = [(f"PDF: {name}", ".pdf", partial(write_pdf, look=look)) for name, look in LOOKS.items()]
    makers += [(f"PDF: {name}", ".pdf", partial(write_web, kind=name)) for name in PRINTED]
    makers += [(f"Word: {name}", ".docx", partial(write_word, kind=name)) for name in KINDS]
    for number, (kind, suffix, write) in enumerate(makers):
        for index, plan in enumerate(plans if only in kind else ()):
            blocks = [b for b in blocks_of(plan) if not b.table or kind.removeprefix("PDF: ") not in NO_TABLES]
            path = folder / f"{number}-{index}{suffix}"
            try:
                yield Sample(kind, path, write(path, blocks))
            except PrintError as error:
                print(f"{kind}: {error}", file=sys.stderr)


def _rendered(folder: Path, force: Force, plan: Plan, only: str) -> Iterator[Sample]:
    suffix = Path(plan.options["file"]).suffix
    kind = {".pdf": "PDF: the corpus's plans", ".docx": "Word: the corpus's papers", ".xlsx": "Excel: the corpus's workbooks"}[suffix]
    kind += "".join(f", {plan.options[key]} {key}" for key in ("layout", "headings") if key in plan.options)
    if only in kind:
        path = folder / f"{force.slug}-{Path(plan.file).stem}{suffix}"
        WRITERS[suffix](plan, force.name, path)
        yield Sample(
            kind,
            path,
            _on_sheets(plan) if suffix == ".xlsx" else blocks_of(plan),
            (force.name, plan.title, plan.options.get("subtitle", "")),
        )


def _on_sheets(plan: Plan) -> list[Block]:
    """A workbook's blocks: the name of a sheet holds 31 characters; a first sheet without a heading is named after the plan.

    What a formula shows that failed ("#REF!") is nobody's words: it is to be reported, not read.
    """
    blocks = [replace(b, cells=tuple("" if cell in ERRORS else cell for cell in b.cells)) for b in blocks_of(plan)]
    blocks = [replace(b, text=re.sub(r"[\[\]:*?/\\]", " ", b.text)[:31].strip()) if b.level == 1 else b for b in blocks]
    return blocks if blocks[0].level == 1 else [Block("heading", plan.title[:31].strip(), level=1), *blocks]


def judge(sample: Sample) -> dict[str, Scores]:
    """The tallies of each reader on one document; a reader that fails has read nothing."""
    suffix = sample.path.suffix
    passages = read_document(sample.path, sample.path.name, "").passages
    ours = [Block(p.kind, p.text, cells=p.cells, columns=p.columns, table=p.table) for p in passages if p.role != "hidden"]
    found = {"ours": score(ours, sample.truth, sample.ignored)}
    for name, read in PEERS[suffix].items():
        found[name] = score(_attempt(read, sample.path), sample.truth, sample.ignored)
    if suffix == ".pdf" and any(b.table for b in sample.truth):
        by_words = score(_attempt(lambda path: by_plumber(path, "text"), sample.path), sample.truth, sample.ignored)["cells"]
        found["pdfplumber"]["cells"] = max(found["pdfplumber"]["cells"], by_words, key=lambda tally: tally.f1 or 0)
    return found


def _attempt(read: object, path: Path) -> list[Block]:
    try:
        return list(read(path))  # type: ignore[operator]
    except Exception as error:
        print(f"{path.name}: {type(error).__name__}: {error}", file=sys.stderr)
        return []


def table_kind(sample: Sample) -> str:
    """Whether the tables of a document have rules on all sides: that decides which goal holds for it."""
    bare = ("horizontal rules", "without rules", "all in one type")
    return "unruled cells" if any(word in sample.kind for word in bare) else "ruled cells"


Results = dict[str, dict[str, Scores]]
"""Kind of document -> reader -> measure -> tally."""


def measure(found: Sequence[tuple[Sample, dict[str, Scores]]]) -> Results:
    """The tallies of all documents of one kind added up; the last two kinds are all documents in fixed pages, and all others."""
    results: Results = {}
    for sample, readers in found:
        for kind in (sample.kind, "all PDF" if sample.path.suffix == ".pdf" else "all Word and Excel"):
            for reader, scores in readers.items():
                known = results.setdefault(kind, {}).setdefault(
                    reader if kind != "all Word and Excel" or reader == "ours" else "library", {}
                )
                for name, tally in scores.items():
                    name = table_kind(sample) if name == "cells" else name
                    known[name] = known.get(name, Tally()) + tally
    return {kind: results[kind] for kind in sorted(results, key=lambda k: k.startswith("all "))}


def rows(results: Results) -> Iterator[list[str]]:
    """The lines of the printed table; figures short of their goal are marked with *, those that a peer equals or beats with <."""
    for kind, readers in results.items():
        peers = [reader for reader in readers if reader != "ours"]
        line = [kind]
        for name in ("headings", "order", "ruled cells", "unruled cells", "paragraphs"):
            values = [readers[reader].get(name, Tally()).f1 for reader in ("ours", *peers)]
            if values[0] is None:
                line.append("")
                continue
            others = [value or 0.0 for value in values[1:]]
            mark = "*" * (values[0] < GOALS.get(name, 0.0)) + "<" * (max(others) > values[0] or (max(others) == values[0] < 1))
            line.append(f"{values[0]:.3f}{mark} / " + " / ".join(f"{value:.2f}" for value in others))
        yield line


HEADER: Final = ("document", "headings F1", "order", "ruled cells F1", "unruled cells F1", "paragraph boundaries F1")

PAGE: Final = """# How well structure is read

Written by `python -m benchmarks.structure --page docs/structure.md`: {count} documents whose true structure is known, made in that run
from the corpus's own texts in the layouts that forces' papers come in, each read by us and by free extractors.

In each field: **ours / pdfplumber / pdfminer.six** for PDF, **ours / python-docx or openpyxl** for Word and Excel; 1 is perfect. The
peers have the heuristics that one adds in an afternoon (`benchmarks/structure_peers.py`): running lines dropped by repetition, headings
by size, weight and capitals, paragraphs by white space, empty first cells filled from above. pdfplumber's tables are by rulings or by
text, whichever is better for the document; pdfminer.six has none. `*` falls short of the goal for all documents, `<` does not beat a peer.

- **headings F1**: a heading counts when its whole text is a heading. Goal {headings}.
- **order**: the longest common subsequence of the words read and written, so that words lost, added (running heads) or out of place all
  cost. Side boxes, quotes and footnotes may stand anywhere, if each is read as one. What a failed formula shows (#REF!) is nobody's
  words. Goal {order}.
- **cells F1**: a cell counts when its words, its column's header and the first cell of its row are right. Goals {ruled cells} with rules
  and {unruled cells} without.
- **paragraph boundaries F1**: beginnings and ends of paragraphs, list items, headings and notes, each told by the four words beside it.

The readers were first mended on five other documents in the same layouts. On those here, before any of them was looked at, ours read
over all (PDF and Word) headings 0.977, order 0.997, ruled cells 0.989, unruled cells 0.922, boundaries 0.984; what that showed was then
mended too. A document with tags is read with their help where four words in five are tagged and paragraphs end where sentences do; the
order of reading is never taken from tags, as layout programs often tag in the order of drawing.

{table}
"""


def main() -> int:
    """Prints the table; 1 if over all documents a goal is missed or a peer is not beaten."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", type=Path, help="also write a page of Markdown there")
    parser.add_argument("--only", default="", help="only the kinds of document with this in their name")
    parser.add_argument("--keep", type=Path, help="leave the documents in this folder")
    chosen = parser.parse_args()
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    with nullcontext(chosen.keep) if chosen.keep else tempfile.TemporaryDirectory() as folder:
        found = [(sample, judge(sample)) for sample in samples(Path(folder), chosen.only)]
    table = [list(HEADER), *rows(measure(found))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)))
    if chosen.page:
        lines = [table[0], ["---"] * len(HEADER), *table[1:]]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        chosen.page.write_text(PAGE.format(count=len(found), table=text, **GOALS), encoding="utf-8")
    return int(any("*" in field or "<" in field for line in table if line[0].startswith("all ") for field in line))


if __name__ == "__main__":
    sys.exit(main())
