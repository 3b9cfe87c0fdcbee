"""Submissions to measure with: of about 100 pages each, made from the corpus's documents, no two with the same words.

`python -m benchmarks.submissions FOLDER --submissions 43` writes them, as forces would send them.
A page is one of a PDF, or 400 words of another kind, for those have no pages of their own.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium

from corpus.notation import FORCES, Force, LabelledPassage, Plan, read_force
from corpus.render import WRITERS

VOICE: Final = 14
"""Pages, about, of a document: all that one force of the corpus wrote."""
KINDS: Final = (".pdf", ".docx", ".pdf", ".txt")
"""What the documents are sent as, in turn."""
WORDS: Final = 400
_SYLLABLES: Final = ("Al", "Bar", "Cor", "Dun", "Eld", "Farn", "Gar", "Hal", "Ing", "Kel", "Lan", "Mor", "Nor", "Ock", "Pen", "Quin", "Ros")
_ENDINGS: Final = ("bury", "combe", "dale", "ford", "gate", "ham", "ley", "mere", "ness", "shire", "stow", "ton", "wick")


def make_round(inbox: Path, submissions: int, pages: int = 100) -> float:
    """Writes the submissions, each into a folder of its force's name; gives their pages. The same numbers always give the same bytes."""
    voices = [read_force(path.parent) for path in sorted(FORCES.glob("*/force.yaml"))]
    return sum(make_submission(inbox, number, voices, pages) for number in range(submissions))


def make_submission(inbox: Path, number: int, voices: list[Force], pages: int) -> float:
    """Writes one, of voices that no other submission has in this order, speaking of this force and of figures of its own."""
    chance = random.Random(number)
    force = name_of(number)
    folder = inbox / force
    folder.mkdir(parents=True)
    made = 0.0
    for turn, voice in enumerate(chance.sample(voices, max(1, round(pages / VOICE)))):
        suffix = KINDS[(number + turn) % len(KINDS)]
        plan = _one(voice, force, chance)
        path = folder / f"{turn + 1} {voice.plans[0].title[:40].replace('/', '-').strip(' .')}{suffix}"
        WRITERS[suffix](plan, force, path)
        made += _pages(path, plan)
    return made


def _pages(path: Path, plan: Plan) -> float:
    if path.suffix == ".pdf":
        with pdfium.PdfDocument(path) as pdf:
            return len(pdf)
    return sum(len(passage.text.split()) for passage in plan.passages) / WORDS


def name_of(number: int) -> str:
    """A force's name that no other has."""
    number, ending = divmod(number, len(_ENDINGS))
    further, first = divmod(number, len(_SYLLABLES))
    middle = _SYLLABLES[further - 1].lower() if further else ""
    return f"{_SYLLABLES[first]}{middle}{_ENDINGS[ending]} Police"


def _one(voice: Force, force: str, chance: random.Random) -> Plan:
    """All plans of a voice as one document of the force."""
    own = re.compile("|".join(re.escape(name) for name in (voice.name, voice.name.rsplit(" ", 1)[0])))
    more = chance.randrange(1, 90)

    def told(text: str) -> str:
        return re.sub(r"\b\d\d\b", lambda found: str(10 + (int(found[0]) + more) % 90), own.sub(force, text))

    def passages() -> Iterator[LabelledPassage]:
        for table, plan in enumerate(voice.plans):
            yield LabelledPassage(f"{table}", told(plan.title), "heading", 1)
            for one in plan.passages:
                own_table = one.table and one.table + 1000 * table
                cells = tuple(map(told, one.cells))
                yield replace(one, text=told(one.text), cells=cells, headings=tuple(map(told, one.headings)), table=own_table)

    first = voice.plans[0]
    return replace(first, title=told(first.title), options={}, passages=tuple(passages()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.submissions", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--submissions", type=int, default=43)
    parser.add_argument("--pages", type=int, default=100, help="of each, about")
    chosen = parser.parse_args()
    print(f"{make_round(chosen.folder, chosen.submissions, chosen.pages):.0f} pages")


if __name__ == "__main__":
    main()
