"""Telling: the national picture, letters, advice and templates."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from commands.common import (
    ALL_READ,
    EXIT_CODES,
    INTERRUPTED,
    NOTHING_DONE,
    SOME_UNREAD,
    WRONG_COMMAND,
    RecordUrl,
    note_output,
    stop,
    unwritable,
)

app = typer.Typer()


@app.command(
    epilog="Example: readacross national results --before results-2007.  Or: readacross national --grades grades.csv --levels levels.csv "
    "--out figures.  Exit codes: 0 done; 3 done, with forces or rows that could not be used; 4 nothing could be done."
)
def national(
    review: Annotated[Path | None, typer.Argument(help="The folder that a review wrote.", metavar="OUT")] = None,
    grades: Annotated[Path | None, typer.Option(help="In place of OUT: a CSV with the columns force, area, criterion, grade.")] = None,
    levels: Annotated[Path | None, typer.Option(help="With --grades: a CSV with the columns force, area, threat, need.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the outputs go; by default OUT, or OUT/national-public.")] = None,
    before: Annotated[list[Path] | None, typer.Option(help="A folder of an earlier round, oldest first; may be given again.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="An area's or criterion's grade is that of its lowest cell.")] = False,
    public: Annotated[bool, typer.Option("--public", help="Tell of each force only what its documents with an open marking say.")] = False,
    pack: Annotated[str | None, typer.Option(help="The framework pack; by default the one that the review used.")] = None,
    record: RecordUrl = "",
) -> None:
    """The national picture: tables, charts, need against provision, who works with whom, notable practice, the support ladder."""
    from pipeline.publish.national import OUTPUTS, Wanted, publish_national
    from pipeline.publish.sentences import headline_sentences
    from pipeline.record.types import RecordError
    from pipeline.review import PublishError
    from pipeline.round import RoundError
    from pipeline.summary import progress_bars
    from rules.loader import PackError

    where = out or (review / "national-public" if review and public else review)
    if grades and public:
        raise stop("Tables of grades do not say which documents are open, so --public needs the folder OUT of a review.", WRONG_COMMAND)
    if (review is None) == (grades is None) or where is None or (levels and not grades):
        raise stop("Give either the folder OUT of a review, or --grades (with --levels) and --out.", WRONG_COMMAND)
    wanted = Wanted(where, review, grades, levels, tuple(before or ()), strict, public, pack)
    note = partial(note_output, review, OUTPUTS) if review and not public else lambda: None
    try:
        with progress_bars() as progress:
            picture = publish_national(wanted, progress, note)
    except (RoundError, PackError, RecordError, PublishError) as error:
        raise stop(f"Nothing was written. {error}", NOTHING_DONE) from None
    for sentence in headline_sentences(picture):
        typer.echo(sentence)
    unused = [*picture.left_out, *picture.problems]
    for problem in unused:
        typer.echo(f"Problem {problem}", err=True)
    typer.echo(f"Look at {where / 'national.html'} (also national.docx, national.xlsx, national.json and the folder national).")
    raise typer.Exit(SOME_UNREAD if unused else ALL_READ)


@app.command(epilog='Example: readacross letters results --force "Saltmere Police"')
def letters(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Option(help="One force, or enough of its name to tell it apart; by default all of them.")] = "",
    folder: Annotated[Path | None, typer.Option("--out", help="Where the letters go; by default the folder `letters` in OUT.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Quote and name only documents that bear an open marking.")] = False,
    template: Annotated[Path | None, typer.Option(help="A Word file of your own in place of the one that ships.")] = None,
    words: Annotated[Path | None, typer.Option(help="Sentences of your own in place of those that ship: a changed letter.j2.")] = None,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    record: RecordUrl = "",
) -> None:
    """Write a feedback letter to each force, to be edited and sent: strengths, work in progress, what to add, and the quotes."""
    from pipeline.publish.letters import TEMPLATE, WORDS, LetterError, letters_meant, write_letters
    from pipeline.publish.word import TemplateError
    from pipeline.record.types import RecordError
    from pipeline.round import RoundError, load_round
    from pipeline.summary import progress_bars
    from pipeline.words import count_words
    from rules.loader import PackError, load_pack

    folder = folder or out / ("letters-public" if public else "letters")
    try:
        followed, whole = load_pack(pack), load_round(out)
        if not public:
            meant = letters_meant(followed, whole, force)
            note_output(out, meant.values(), meant)
        with progress_bars() as progress:
            written = write_letters(followed, whole, folder, force, public, template or TEMPLATE, words or WORDS, progress)
    except (PackError, RoundError, RecordError, LetterError, TemplateError) as error:
        raise stop(f"No letter was written. {error}", NOTHING_DONE) from None
    except OSError as error:
        again = "Free the disk, or choose another place with --out."
        raise stop(f"No letter was written. {unwritable(error, folder)} {again}", NOTHING_DONE) from None
    typer.echo(f"{count_words(len(written), 'letter')} in {folder}.")


@app.command("check", epilog=f"Example: readacross check draft.docx annex.xlsx --html advice.html.  {EXIT_CODES}")
def check_draft(
    files: Annotated[list[Path], typer.Argument(help="The draft, and more files if it has several parts.")],
    page: Annotated[Path | None, typer.Option("--html", help="Also write the advice there, as a web page.")] = None,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
    models: Annotated[Path | None, typer.Option(help="A folder of models of your own in place of those that ship.")] = None,
) -> None:
    """Read your own draft as the review would, with advice on what to add. Nothing is stored."""
    from classifiers.model import MODELS, ModelError
    from pipeline.publish import check
    from pipeline.store import write_whole
    from pipeline.summary import progress_bars
    from rules.loader import PackError, load_pack

    try:
        with progress_bars() as progress:
            outcome = check.read_draft(files, pack, models or MODELS, progress)
        found, marking = check.advice_blocks(load_pack(pack), outcome), check.marking_of(outcome)
        check.show(found, marking)
        if page:
            write_whole(page, check.page(found, marking).encode())
    except (check.CheckError, PackError, ModelError) as error:
        raise stop(f"Nothing was checked. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"{error.filename or page}: {error.strerror or error}. Choose another place.", NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise stop("Stopped. Nothing was stored.", INTERRUPTED) from None
    read_something = any(s["cells"] for s in outcome.matrix["submissions"])
    raise typer.Exit(NOTHING_DONE if not read_something else SOME_UNREAD if outcome.unread else ALL_READ)


@app.command(epilog="Example: readacross templates our-templates")
def templates(
    folder: Annotated[Path, typer.Argument(help="Where to put them; made if need be.")],
    letter: Annotated[bool, typer.Option("--letter", help="In their place what feedback letters are made of: frame and words.")] = False,
    pack: Annotated[str, typer.Option(help="The framework pack: a name from `readacross packs`, or a folder.")] = "home-office-2008",
) -> None:
    """Write fill-in plans for Word and Excel that say what belongs where, and a points-based need matrix."""
    from pipeline.publish.letters import LetterError, copy_letter
    from pipeline.publish.templates import NoTemplates, write_templates
    from pipeline.words import count_words
    from rules.loader import PackError, load_pack

    try:
        written = copy_letter(folder) if letter else write_templates(load_pack(pack), folder)
    except (PackError, NoTemplates, LetterError) as error:
        raise stop(f"No template was written. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"{folder}: cannot be written to ({error.strerror or error}). Choose another folder.", NOTHING_DONE) from None
    typer.echo(f"{count_words(len(written), 'template')} in {folder}: {', '.join(path.name for path in written)}")
