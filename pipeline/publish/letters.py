"""The feedback letter to each force, as a Word document: what the matrix holds, in the words of letter.j2, in the frame of a template.

Handbook section 7, feedback: strengths, work in progress and areas for improvement for each area, then an overall judgement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2

from pipeline.marking import highest_marking, public_copy, unmarked_note, withheld_note
from pipeline.publish.advice import AreaAdvice, Part, Theme, Told, advise, notable, themes, verdicts, visit_reasons
from pipeline.publish.markup import Block, blocks, environment, sections
from pipeline.publish.quotations import Quotation, quotation
from pipeline.publish.word import TemplateError, fill
from pipeline.report import grades_of
from pipeline.round import choose_force, is_settled, partners_of
from pipeline.store import write_whole, written_together
from pipeline.telling import Progress
from pipeline.words import LEVELS, label, percent, uncapital
from rules.pack import Pack

HERE: Final = Path(__file__).parent
TEMPLATE: Final = HERE / "letter-template.docx"
WORDS: Final = HERE / "letter.j2"
NEEDED: Final = ("marking", "status", "glance", "annex")
"""What no template may leave out: without it a letter would not say how it is marked, whether it stands, or what its statements rest on."""
MOST_PRIORITIES: Final = 3
REVIEWERS_OWN: Final = ("they are reviewed apart", "only one document could be reviewed", "none of its documents could be read")
_ASK: Final = re.compile(r"Ask the (?:force|sender) (?:for|to send)")
_ASK_ELSE: Final = re.compile(r"ask the (?:force|sender) for")


class LetterError(ValueError):
    """No letter can be written; the message says why and what to do."""


def write_letters(
    pack: Pack,
    matrix: Mapping[str, Any],
    folder: Path,
    force: str,
    public: bool,
    template: Path = TEMPLATE,
    words: Path = WORDS,
    progress: Progress = lambda *_: None,
) -> list[Path]:
    """Writes a letter for each force, or for the one that is meant, all or none, and returns their paths.

    Raises LetterError, RoundError, TemplateError, and OSError where the folder cannot be written to.
    """
    wanted = letters_meant(pack, matrix, force)
    shown = public_copy(pack, matrix) if public else matrix
    written = []
    with written_together(folder) as unfinished:
        for submission, original in zip(shown["submissions"], matrix["submissions"], strict=True):
            if name := wanted.get(original["force"]):
                write_whole(unfinished / name, letter(pack, shown, submission, original, template, words))
                written.append(folder / name)
                progress("Writing letters", len(written), len(wanted))
    return written


def copy_letter(folder: Path) -> list[Path]:
    """Puts the letter's frame and words there, to be changed. Raises LetterError where they stand already, and OSError."""
    copies = [folder / original.name for original in (TEMPLATE, WORDS)]
    if there := next((copy for copy in copies if copy.exists()), None):
        raise LetterError(f"{there} is there already, and may have been changed. Choose another folder.")
    for copy, original in zip(copies, (TEMPLATE, WORDS), strict=True):
        write_whole(copy, original.read_bytes())
    return copies


def letters_meant(pack: Pack, matrix: Mapping[str, Any], force: str) -> dict[str, str]:
    """The forces to whom letters go, each with its letter's file. Raises LetterError or RoundError."""
    if matrix["pack"]["id"] != pack.id:
        raise LetterError(f"This round was reviewed with the pack {matrix['pack']['id']}. Give it with --pack.")
    chosen, names = forces_meant(pack, matrix["submissions"], force), [str(s["force"]) for s in matrix["submissions"]]
    return {name: file for name, file in zip(names, file_names(names), strict=True) if name in chosen}


def forces_meant(pack: Pack, submissions: Sequence[Mapping[str, Any]], force: str) -> set[str]:
    """All of the forces for "", else the one that is meant. Raises LetterError, or RoundError for a name that is not one force's."""
    if not submissions:
        raise LetterError("The round holds no force, so there is no letter to write.")
    names = [str(submission["force"]) for submission in submissions]
    return {choose_force(pack.id, force, names)} if force else set(names)


def file_names(forces: Sequence[str]) -> list[str]:
    """A file's name for each force, whatever signs its own holds, and none of them twice."""
    names: list[str] = []
    for force in forces:
        plain = re.sub(r"[^\w\s&'’-]", "", force).strip()[:100] or "Force"
        taken = {name.casefold() for name in names}
        ways = (f"{plain}{f' ({number})' if number > 1 else ''}.docx" for number in range(1, len(forces) + 1))
        names.append(next(way for way in ways if way.casefold() not in taken))
    return names


def letter(
    pack: Pack, matrix: Mapping[str, Any], submission: Mapping[str, Any], original: Mapping[str, Any], template: Path, words: Path
) -> bytes:
    """One letter. `submission` is the entry that may be quoted, `original` the whole one that findings rest on."""
    view = letter_view(pack, matrix, submission, original)
    texts = {"force": submission["force"], "marking": view["marking"], "standing": "" if view["final"] else "PROVISIONAL"}
    return fill(template, texts, _worded(words, view), NEEDED, submission["force"])


def _worded(words: Path, view: Mapping[str, Any]) -> dict[str, list[Block]]:
    """The letter's sections by name. Raises TemplateError for words that cannot be put together."""
    remedy = "Mend it, or begin again: `readacross templates FOLDER --letter` gives a copy of those that ship."
    try:
        text = environment(words.parent).get_template(words.name).render(view)
        return {name: list(blocks(section)) for name, section in sections(text)}
    except jinja2.TemplateNotFound:
        raise TemplateError(f"{words}: there is no such file of the letter's words. Give another, or leave out --words.") from None
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{words}, line {error.lineno}: {error.message} {remedy}") from None
    except (jinja2.TemplateError, TypeError, ValueError) as error:
        raise TemplateError(f"{words}: the letter's words cannot be put together ({error}). {remedy}") from None


def letter_view(pack: Pack, matrix: Mapping[str, Any], submission: Mapping[str, Any], original: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the words may speak of."""
    areas = advise(pack, submission)
    across = themes(pack, areas)
    cells = [cell for row in (submission.get("cells") or {}).values() for cell in row.values()]
    alone = {"submissions": [submission]} | ({"withheld": submission["withheld"]} if "withheld" in submission else {})
    grades, documents = grades_of(dict(matrix)), submission.get("documents") or []
    kinds = {kind.id: kind.name for kind in pack.kinds}
    mix = original.get("orientation_mix") or {}
    shared = pack.orientation.shared if pack.orientation else ()
    return {
        "force": submission["force"], "areas": areas, "themes": across, "criteria": pack.criteria,
        "cells_all": cells, "settled": sum(map(is_settled, cells)), "final": bool(cells) and all(map(is_settled, cells)),
        "overridden": sum(cell.get("status") == "overridden" for cell in cells),
        "standard": pack.roll_up.compliant_from, "highest": max(grades), "rule": pack.roll_up.rule,
        "letters": {n: g["letter"] for n, g in grades.items()}, "colours": {n: g["colour"] for n, g in grades.items()},
        "grade_names": {n: g["name"] for n, g in grades.items()}, "levels": LEVELS,
        "verdicts": verdicts(pack, submission, areas) if areas else [], "priorities": priorities(across),
        "priority_of": {one.part: number for number, one in enumerate(priorities(across), 1)},
        "alerts": submission.get("alerts") or [], "practice": practice(pack, matrix, submission["force"], areas),
        "governance": governance(submission), "orientation": submission.get("orientation"),
        "shared_share": percent(sum(mix.get(c, 0.0) for c in shared)),
        "mix": [f"{percent(mix[c.id])} {uncapital(c.short)}" for c in pack.criteria if c.id in mix and c.id not in shared],
        "partners": partners(submission, areas),
        "visit": visits(pack, original), "visit_areas": pack.roll_up.visit_areas,
        "documents": [
            {**d, "kind_name": kinds.get(d.get("kind"), label(d.get("kind") or "not known")), "problems": told(d.get("problems") or ())}
            for d in documents
        ],
        "pages": sum(d.get("pages") or 0 for d in documents), "pages_read": sum(d.get("pages_read") or 0 for d in documents),
        "problems": told(submission.get("problems") or ()), "marking": highest_marking(alone),
        "withheld": withheld_note(submission["withheld"]) if "withheld" in submission else None, "unmarked": unmarked_note(alone),
        "cycler": _Cycler, "fresh": _Fresh().of,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Priority:
    """A required element whose absence holds back several cells."""

    criterion: str
    part: Part
    cells: tuple[Told, ...]


def priorities(across: Sequence[Theme]) -> list[Priority]:
    """What would help most: the elements that the most cells lack."""
    lacks = [Priority(theme.name, part, cells) for theme in across for part, cells in theme.lacks if len(cells) > 1]
    return sorted(lacks, key=lambda one: -len(one.cells))[:MOST_PRIORITIES]


def practice(pack: Pack, matrix: Mapping[str, Any], force: str, areas: Sequence[AreaAdvice]) -> dict[str, dict[str, Any]]:
    """For an area that falls short somewhere, what another force does well there: no quotation twice."""
    elsewhere = list(notable(pack, matrix, force))
    used: set[Quotation] = set()
    result = {}
    for area in areas:
        short = [cell.criterion for cell in (*area.improve, *area.progress)]
        fitting = [one for one in elsewhere if one[0] == area.id and one[1] in short and one[3] not in used]
        if fitting:
            _, criterion, other, quote = min(fitting, key=lambda one: (" | " in one[3].text, short.index(one[1]), one[2]))
            used.add(quote)
            ref = next(cell.ref for cell in area.cells if cell.criterion == criterion)
            result[area.id] = {"criterion": criterion, "force": other, "quote": quote, "ref": ref}
    return result


def visits(pack: Pack, submission: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(area, why) for each area that asks for a validation visit."""
    names = {a.id: a.name for a in pack.areas}
    found = visit_reasons(pack, submission.get("cells") or {}, submission.get("area_grades") or {})
    return [(names[area], why) for area, why in found]


def told(problems: Sequence[str]) -> list[str]:
    """Notes on reading as the force is told them, who is "you" and not a third; those that are the reviewer's own affair stay out."""
    kept = (problem for problem in problems if not any(words in problem for words in REVIEWERS_OWN))
    return [_ASK.sub("Please send", _ASK_ELSE.sub("send us", problem)) for problem in kept]


def partners(submission: Mapping[str, Any], areas: Sequence[AreaAdvice]) -> list[tuple[str, list[str]]]:
    """Each partner that the documents name, with the areas for which they name it."""
    named = partners_of(submission)
    everyone = sorted({name for names in named.values() for name in names})
    return [(name, [uncapital(a.name) for a in areas if name in named.get(a.id, ())]) for name in everyone]


def governance(submission: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The yes/no findings with the sentences that show them."""
    names, shown = submission.get("governance_names") or {}, submission.get("governance_evidence") or {}
    return [
        {"name": names.get(f) or label(f), "answer": answer, "quote": quotation(shown[f]) if f in shown else None}
        for f, answer in (submission.get("governance") or {}).items()
    ]


class _Cycler:
    """The next of several ways to say a thing, so that a letter does not say it seventy times alike."""

    def __init__(self, *ways: Any) -> None:
        self._ways = ways
        self._said = 0

    def next(self) -> Any:
        self._said += 1
        return self._ways[(self._said - 1) % len(self._ways)]


class _Fresh:
    """Gives of several quotations the first that the letter has not quoted yet, None where it has quoted them all."""

    def __init__(self) -> None:
        self._said: set[Quotation] = set()

    def of(self, quotes: Sequence[Quotation]) -> Quotation | None:
        found = next((q for q in quotes if q not in self._said), None)
        self._said |= {found} if found else set()
        return found
