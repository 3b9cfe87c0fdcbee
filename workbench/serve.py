"""Starts the workbench on this machine: the first administrator at the terminal, then a server until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvicorn

from pipeline.record.record import Record
from pipeline.services import check_port
from workbench.accounts import first_administrator
from workbench.app import create_app
from workbench.bench import LOOPBACK, Bench
from workbench.signon import Provider

VARIABLE: Final = "READACROSS_CLIENT_SECRET"
"""The environment variable that holds the workbench's secret at the identity provider."""
HERE_ONLY: Final = ("127.0.0.1", "::1", "localhost")


class ServeError(ValueError):
    """The workbench cannot be started as asked; the message says what to do."""


def serve(
    out: Path, host: str, port: int, names: Sequence[str], certificate: Path | None, key: Path | None, issuer: str, client: str
) -> None:
    """Serves the round in OUT until it is stopped. `names` are those by which browsers may reach it, beside the address.

    Raises RecordError, ServeError or ServiceError before it begins.
    """
    if host not in HERE_ONLY and certificate is None:
        raise ServeError(f"{host} can be reached by others, so passwords need TLS. Give --certificate and --key, or leave out --host.")
    check_port(host, port, "--port")
    ask_for_administrator(out)
    with Record.open(out) as record:
        bench = Bench(out, record, (*LOOPBACK, host, *names), _provider(issuer, client))
        bench.warm()
        scheme = "https" if certificate else "http"
        print(f"The workbench is at {scheme}://{[*names, host][0]}:{port} until you press Ctrl-C.", flush=True)
        uvicorn.run(
            create_app(bench), host=host, port=port, log_level="warning", server_header=False,
            ssl_certfile=certificate, ssl_keyfile=key, limit_concurrency=200,
        )  # fmt: skip


def _provider(issuer: str, client: str) -> Provider | None:
    if not issuer:
        return None
    secret = os.environ.get(VARIABLE, "")
    if not client or not secret:
        raise ServeError(f"Single sign-on needs --client, and the client's secret in the variable {VARIABLE}.")
    try:
        return Provider(urlsplit(issuer).hostname or issuer, issuer, client, secret)
    except ValueError as error:
        raise ServeError(str(error)) from None


def ask_for_administrator(out: Path, *, new: bool = False) -> None:
    """Makes the first administrator of a round without accounts, at the terminal; `new` begins a round.

    Raises RecordError or ServeError.
    """
    with Record.open(out, new=new) as record:
        if not record.users():
            _ask(record)


def _ask(record: Record) -> None:
    if not sys.stdin.isatty():
        raise ServeError("This round has no accounts yet. Start it once from a terminal: it asks for the first administrator's password.")
    print("This round has no accounts yet. Make the administrator, who makes the others:")
    while True:
        name, password = input("Name (small letters): ").strip(), getpass("Password (at least 12 characters): ")
        if password != getpass("Password again: "):
            print("The two passwords differ.")
            continue
        try:
            first_administrator(record, name, password, datetime.now(UTC))
            return
        except ValueError as error:
            print(error)
