"""The command line: each command a thin wrapper in `commands/`, and everything heavy imported only when it is needed."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from commands import behind, decide, look, machines, review, serve, tell

app = typer.Typer(
    name="readacross",
    help="Reads police forces' plans against the Protective Services Review criteria and explains every grade with quotes.",
    epilog="Example: readacross review inbox --out results",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (review, decide, tell, serve, machines, look, behind):
    app.add_typer(part.app)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"readacross {version('readacross')}")
        raise typer.Exit()


@app.callback()
def main_options(
    show: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")] = False,
) -> None:
    """Reads police forces' plans against the Protective Services Review criteria and explains every grade with quotes."""


def main() -> None:
    """The `readacross` command."""
    sys.exit(app())


if __name__ == "__main__":
    main()
