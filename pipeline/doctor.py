"""What this machine has for a review and what it lacks, each with the one line that mends it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.text import Text

from classifiers import encoder
from classifiers.model import FIRST, ModelError, load
from extractors.office import find_office
from extractors.tesseract import LANGUAGE, TURNS, installed
from pipeline.adopted import models_of
from rules.loader import PackError, load_pack

LEAST_FREE: Final = 2 * 1024**3
"""Bytes: a round of 43 forces and its store stay below."""

OLDEST, TOO_NEW = (3, 11), (3, 14)
"""The Python versions that the program is tested with: from the first up to below the second."""

_NAME: Final = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. A review cannot run without what is `needed`; without the rest, the remedy says what is not read."""

    name: str
    state: str
    remedy: str = ""
    """Empty if all is well."""
    needed: bool = False


def examine(out: Path, pack: str, models: Path | None, start_prefect: Callable[[Path], None]) -> Iterator[Check]:
    """Each check as it is made. `start_prefect` is given a folder for Prefect's files and raises whatever keeps it from starting."""
    yield _python()
    yield _libraries()
    yield _pack(pack)
    try:
        chosen = models or models_of(out)
    except ModelError as error:
        yield Check("First classifier", str(error), "Train again, or give --models a sound folder.", True)
    else:
        yield _model(chosen)
        yield _encoder(chosen)
    yield _out(out)
    yield _prefect(start_prefect)
    yield _tesseract()
    yield _office()


def _python() -> Check:
    state = ".".join(map(str, sys.version_info[:3]))
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, TOO_NEW))
    right = OLDEST <= sys.version_info[:2] < TOO_NEW
    return Check("Python", state, "" if right else f"Make the environment with Python {oldest} or newer, below {newest}.", True)


def _libraries() -> Check:
    wanted = [r for r in metadata.requires("readacross") or () if "extra ==" not in r]
    names = [match.group() for requirement in wanted if (match := _NAME.match(requirement))]
    missing = []
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    state = f"missing: {', '.join(missing)}" if missing else f"all {len(names)}"
    return Check("Libraries", state, "Run `pip install -r requirements.lock` in the environment." if missing else "", True)


def _pack(name: str) -> Check:
    try:
        pack = load_pack(name)
    except PackError as error:
        return Check("Framework pack", str(error), "Run `readacross packs check FILE`, or install the program anew.", True)
    return Check("Framework pack", f"{pack.id} {pack.version}", needed=True)


def _model(models: Path) -> Check:
    try:
        return Check("First classifier", load(models / FIRST).sha256[:12], needed=True)
    except ModelError as error:
        return Check("First classifier", str(error), "Install the program anew, or give --models a sound folder.", True)


def _encoder(models: Path) -> Check:
    try:
        there = encoder.load(models)
    except (ModelError, ImportError) as error:
        return Check("Encoder", str(error), "Install the program anew, or give --models a sound folder.", True)
    if there is None:
        return Check("Encoder", "not there", "Reviews run without it and are less sharp-sighted; give --models a folder with one.")
    return Check("Encoder", encoder.digest(models)[:12])


def _out(out: Path) -> Check:
    """Tries to write where OUT is to be, or in the nearest folder above it that is there; nothing is left behind."""
    whole = out.resolve()
    nearest = next(folder for folder in (whole, *whole.parents) if folder.exists())
    try:
        with TemporaryDirectory(dir=nearest, prefix=".readacross-") as folder:
            free = shutil.disk_usage(folder).free
    except OSError as error:
        state = f"{out}: cannot be written to ({error.strerror or error})"
        return Check("Results folder", state, "Choose another folder with --out.", True)
    state = f"{out}: can be written to, {free / 1024**3:.0f} GB free"
    return Check("Results folder", state, "" if free > LEAST_FREE else "Free some disk, or choose another folder with --out.", True)


def _prefect(start: Callable[[Path], None]) -> Check:
    try:
        with TemporaryDirectory() as folder:
            start(Path(folder))
    except Exception as error:  # anything may keep a server from starting, and a review goes on without it
        remedy = "Reviews go on without it, as with --direct; `pip install -r requirements.lock` mends it."
        return Check("Prefect", f"does not start ({type(error).__name__}: {error})", remedy)
    return Check("Prefect", f"{metadata.version('prefect')}, starts")


def _tesseract() -> Check:
    version, *languages = installed() or ("",)
    if not version:
        remedy = "Scans are not read without it: `apt install tesseract-ocr` (Debian, Ubuntu) or `dnf install tesseract` (Fedora, Red Hat)."
        return Check("Tesseract (OCR)", "not installed", remedy)
    state = f"{version} with {', '.join(languages) or 'no languages'}"
    missing = [language for language in (LANGUAGE, TURNS) if language not in languages]
    packages = " ".join(f"tesseract-ocr-{language}" for language in missing)
    what = "No scan is" if LANGUAGE in missing else "Pages on their side or head are not"
    return Check("Tesseract (OCR)", state, f"{what} read without its data: `apt install {packages}`." if missing else "")


def _office() -> Check:
    found = find_office()
    remedy = "Word 97-2003 and other old Office files are not read without it: `apt install libreoffice` or `dnf install libreoffice`."
    return Check("LibreOffice", str(found or "not installed"), "" if found else remedy)


def show(checks: Iterator[Check]) -> list[Check]:
    """Prints the checks as they are made, and gives them."""
    console = Console()
    made: list[Check] = []
    with console.status("Looking at this machine"):
        for check in checks:
            made.append(check)
            sign, style = ("ok", "green") if not check.remedy else ("WRONG", "bold red") if check.needed else ("missing", "yellow")
            line = Text.assemble((f"{sign:9}", style), f"{check.name:18}{check.state}")
            line.append("\n" + check.remedy if check.remedy else "", "bold")
            console.print(line, highlight=False, soft_wrap=True)
    return made
