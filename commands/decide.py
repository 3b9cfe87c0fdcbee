"""Deciding: the workbench, and the other doors to the record of a round."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.common import ALL_READ, NOTHING_DONE, SOME_UNREAD, RecordUrl, stop, unwritable, whoever

app = typer.Typer()
_AGAIN = "Free the disk, or mend its rights, and write it with: readacross publish"


@app.command(epilog="Example: readacross workbench results")
def workbench(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    host: Annotated[str, typer.Option(help="The address to listen on; others than this machine need a certificate.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8008,
    name: Annotated[list[str] | None, typer.Option(help="A name by which browsers reach it, such as workbench.example.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="The server's TLS certificate, a PEM file.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's private key, a PEM file.")] = None,
    issuer: Annotated[str, typer.Option(help="The address of an identity provider (OpenID Connect) for single sign-on.")] = "",
    client: Annotated[str, typer.Option(help="The workbench's name there; its secret is in READACROSS_CLIENT_SECRET.")] = "",
) -> None:
    """Open the reviewers' workbench in the browser: pages beside grades, decisions, queues."""
    from pipeline.record.types import RecordError
    from pipeline.services import ServiceError
    from workbench.serve import ServeError, serve

    try:
        serve(out, host, port, name or (), certificate, key, issuer, client)
    except (RecordError, ServeError, ServiceError) as error:
        raise stop(str(error), NOTHING_DONE) from None


@app.command(epilog="Example: readacross publish results")
def publish(out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")], record: RecordUrl = "") -> None:
    """Write reviewed.json, matrix.xlsx and report.html with the grades in force: the reviewers' where they decided."""
    from pipeline.record.record import Record
    from pipeline.record.reviewed import PUBLISHED
    from pipeline.record.reviewed import publish as publish_reviewed
    from pipeline.record.types import RecordError
    from pipeline.report import tally

    try:
        with Record.open(out) as opened:
            opened.give_out(PUBLISHED, by=whoever(), at=datetime.now(UTC))
            whole = publish_reviewed(opened, out)
    except RecordError as error:
        raise stop(f"Nothing was published. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"Nothing was published. {unwritable(error, out)} {_AGAIN} {out}", NOTHING_DONE) from None
    typer.echo(f"{tally(whole)} Look at {out / 'report.html'} (also matrix.xlsx, reviewed.json).")


@app.command(
    "import",
    epilog="Example: readacross import filled.xlsx --into results --reviewer 'Ann Reed'.  Exit codes: 0 all imported; "
    "3 but for the conflicts, which are listed; 4 nothing was.",
)
def import_decisions(
    workbook: Annotated[Path, typer.Argument(help="A matrix.xlsx whose sheet Decisions was filled in.")],
    into: Annotated[Path, typer.Option(help="The folder that the review wrote.")],
    reviewer: Annotated[str, typer.Option(help="Who decided: the name that signs every decision in it.")],
    record: RecordUrl = "",
) -> None:
    """Take in the decisions of a workbook that was filled in offline: all that will do, or, where a row will not, none."""
    from pipeline.record.record import Record
    from pipeline.record.returned import take_in
    from pipeline.record.signoff import publish_signed_off
    from pipeline.record.types import RecordError
    from pipeline.summary import progress_bars
    from pipeline.words import count_words

    try:
        with Record.open(into) as opened:
            with progress_bars() as progress:
                done = take_in(opened, workbook, reviewer, datetime.now(UTC), progress)
            again = f" {done.known} had been imported before." if done.known else ""
            typer.echo(f"Imported {count_words(len(done.decisions), 'decision')} of {reviewer}.{again}")
            forces = publish_signed_off(opened, into)
    except RecordError as error:
        raise stop(str(error), NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"The round could not be published. {unwritable(error, into)} {_AGAIN} {into}", NOTHING_DONE) from None
    if forces:
        typer.echo(f"Signed off: {', '.join(forces)}. The round is published: look at {into / 'report.html'}.")
    if done.conflicts:
        listed = "\n".join(f"- {line}" for line in done.conflicts)
        raise stop(f"Not imported, as someone else decided meanwhile:\n{listed}", SOME_UNREAD)


@app.command(epilog="Example: readacross withdraw results 'X (folder)' --reviewer 'Ann Reed' --reason 'A damaged delivery; sent again.'")
def withdraw(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    force: Annotated[str, typer.Argument(help="The force, by its name in the round.")],
    reviewer: Annotated[str, typer.Option(help="Who does it: a moderator, if the round has accounts.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")],
    back: Annotated[bool, typer.Option("--back", help="Take it back into the round, with the decisions on it.")] = False,
    record: RecordUrl = "",
) -> None:
    """Take a submission out of the round that was none, such as a damaged delivery; what was found and decided stays in the record."""
    from pipeline.record.record import Record
    from pipeline.record.returned import signer_of
    from pipeline.record.reviewed import PUBLISHED
    from pipeline.record.reviewed import publish as publish_reviewed
    from pipeline.record.types import RecordError

    try:
        with Record.open(out) as opened:
            by = signer_of(opened, reviewer, "moderator", "withdraw a submission").name
            opened.withdraw(force, by=by, at=datetime.now(UTC), reason=reason, withdrawn=not back)
            opened.give_out(PUBLISHED, by=by, at=datetime.now(UTC))
            publish_reviewed(opened, out)
    except RecordError as error:
        raise stop(str(error), NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"The round could not be published. {unwritable(error, out)} {_AGAIN} {out}", NOTHING_DONE) from None
    after = "" if back else " If its folder is still in the inbox, take it away; a version that comes later is in the round again."
    typer.echo(f"{force} is {'back in' if back else 'out of'} the round, which is published so: look at {out / 'report.html'}.{after}")


@app.command(
    epilog="Example: readacross audit results --export history.jsonl.  Exit codes: 0 all as it was written; 3 something was changed."
)
def audit(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    export: Annotated[
        Path | None, typer.Option(help="Also write there: .jsonl every entry, .csv the decisions, .sqlite a copy of the record to keep.")
    ] = None,
    record: RecordUrl = "",
) -> None:
    """Check that no grade, quote or decision was changed after it was written, and export the history."""
    from pipeline.record.audit import audit_lines, write_history
    from pipeline.record.record import Record
    from pipeline.record.types import RecordError

    try:
        with Record.open(out) as opened:
            sound, lines = audit_lines(opened, out)
            if export:
                write_history(opened, export)
    except RecordError as error:
        raise stop(str(error), NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"{export or out}: cannot be written to ({error.strerror or error}). Choose another place.", NOTHING_DONE) from None
    typer.echo("\n".join(lines), err=not sound)
    raise typer.Exit(ALL_READ if sound else SOME_UNREAD)


@app.command(epilog="Example: readacross export results --refi-qda codings.qdpx")
def export(
    out: Annotated[Path, typer.Argument(help="The folder that a review wrote.")],
    refi_qda: Annotated[Path, typer.Option("--refi-qda", help="The REFI-QDA project to write; it holds the documents' whole texts.")],
    record: RecordUrl = "",
) -> None:
    """Write the quotes and what they bear for programs for qualitative analysis."""
    from pipeline.record.record import Record
    from pipeline.record.refi_qda import write_project
    from pipeline.record.types import RecordError

    try:
        with Record.open(out) as opened:
            opened.give_out([refi_qda.name], by=whoever(), at=datetime.now(UTC))
            left_out = write_project(opened, refi_qda)
    except RecordError as error:
        raise stop(f"Nothing was exported. {error}", NOTHING_DONE) from None
    except OSError as error:
        raise stop(f"Nothing was exported. {refi_qda}: cannot be written to ({error.strerror or error}).", NOTHING_DONE) from None
    typer.echo(f"The codings are in {refi_qda}, with the documents' texts: keep it as you keep the documents.")
    if left_out:
        listed = "\n".join(f"- {line}" for line in left_out)
        raise stop(f"Left out:\n{listed}", SOME_UNREAD)
