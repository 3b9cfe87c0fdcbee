"""Looking behind: how good the judgement is, and the packs that it follows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.common import INTERRUPTED, NOTHING_DONE, SOME_UNREAD, RecordUrl, stop

app = typer.Typer()
packs_app = typer.Typer(invoke_without_command=True, epilog="Example: readacross packs check my-pack/pack.yaml")
app.add_typer(packs_app, name="packs", help="List the framework packs (areas, criteria, cues); `packs check FILE` validates one.")


@app.command(epilog="Example: readacross evaluate --held-out --against old-models")
def evaluate(
    held_out: Annotated[bool, typer.Option("--held-out", help="Judge the voices that no training or tuning ever saw.")] = False,
    against: Annotated[Path | None, typer.Option(help="A folder of older models: list, cell by cell, what is gained and lost.")] = None,
    page: Annotated[Path | None, typer.Option(help="Also write a page of Markdown there, with pictures beside it.")] = None,
) -> None:
    """Show how well forces are judged that the models never saw. Needs the source tree with its corpus; takes some minutes."""
    from classifiers.model import ModelError
    from corpus.notation import CorpusError
    from pipeline.quality import EvaluationError, run

    try:
        for line in run(held_out, against, page):
            typer.echo(line)
    except (EvaluationError, ModelError, CorpusError) as error:
        raise stop(str(error), NOTHING_DONE) from None


@app.command(
    epilog="Example: readacross train --with-decisions results.  Exit codes: 0 the new models are adopted; 3 they are not, "
    "as they would do worse; 4 nothing was trained."
)
def train(
    with_decisions: Annotated[Path, typer.Option(help="The folder that a review wrote, and whose cells reviewers decided on.")],
    models: Annotated[Path | None, typer.Option(help="A folder of models to begin from, in place of those that ship.")] = None,
    record: RecordUrl = "",
) -> None:
    """Learn from reviewers' decisions: new models, adopted for OUT when they do no worse. Decisions and grades in force stay.

    Needs the source tree with its corpus; takes some minutes.
    """
    from classifiers.model import MODELS, ModelError
    from corpus.notation import CorpusError
    from pipeline.learning.learn import LearningError, learn
    from pipeline.learning.told import show, verdict
    from pipeline.record.types import RecordError
    from pipeline.store import Busy
    from pipeline.summary import progress_bars

    try:
        with progress_bars() as progress:
            learnt = learn(with_decisions, progress, models or MODELS)
    except (LearningError, ModelError, CorpusError, RecordError, Busy) as error:
        raise stop(f"Nothing was trained. {error}", NOTHING_DONE) from None
    except OSError as error:
        place = f"{error.filename or with_decisions}: cannot be written to ({error.strerror or error})"
        raise stop(f"Nothing was adopted. {place}. Free the disk, or mend its rights, and train again.", NOTHING_DONE) from None
    except KeyboardInterrupt:
        raise stop("Stopped. Nothing was adopted; the same command begins again.", INTERRUPTED) from None
    show(learnt.trials, learnt.left_out)
    typer.echo(f"{verdict(learnt.worse)} Cell by cell: {learnt.report}")
    if learnt.adopted is None:
        raise typer.Exit(SOME_UNREAD)
    typer.echo(f"Reviews with --out {with_decisions} use {learnt.adopted} from now on; `--models` names others.")


@packs_app.callback()
def packs(context: typer.Context) -> None:
    """List the framework packs."""
    if context.invoked_subcommand is None:
        from rules.loader import bundled, load_pack

        for folder in bundled():
            pack = load_pack(folder.name)
            typer.echo(
                f"{pack.id}  version {pack.version}  {len(pack.areas)} areas x {len(pack.criteria)} criteria  "
                f"sha256 {pack.sha256[:12]}\n  {pack.name}"
            )


@packs_app.command("check", epilog="Example: readacross packs check my-pack/pack.yaml")
def check_pack(file: Annotated[Path, typer.Argument(help="A pack's folder, or the pack.yaml in it.")]) -> None:
    """Validate a pack: its keys, its references, its cues, and the texts that they must and must not match."""
    from rules.loader import PackError, check_texts, load_pack

    try:
        wrong = check_texts(str(file))
    except PackError as error:
        raise stop(str(error), NOTHING_DONE) from None
    if wrong:
        raise stop("\n".join(wrong), NOTHING_DONE)
    pack = load_pack(str(file))
    typer.echo(f"{file}: the pack {pack.id} {pack.version} is sound ({len(pack.areas)} areas, {len(pack.criteria)} criteria).")
