"""Old Office files (DOC, PPT and their kin) -> Extract, by way of LibreOffice, which saves them as DOCX, PPTX or XLSX first.

LibreOffice is a separate program and may be absent; files then name the remedy. It runs without a window, with a profile of its
own in which macros, links and proxies are off, and is killed with all that it started when its time is up.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from extractors import progress
from extractors.archives import unread
from extractors.document import Extract
from extractors.docx import read_docx
from extractors.kinds import EXCEL_XML, WORD_XML, kind_of
from extractors.pptx import read_pptx
from extractors.xlsx import read_xlsx

CONVERTED: Final = {
    ".doc": "docx", ".dot": "docx", WORD_XML: "docx", ".ppt": "pptx", ".pps": "pptx", ".odp": "pptx", EXCEL_XML: "xlsx", ".xlsb": "xlsx",
}  # fmt: skip
"""What each kind is saved as."""
_READERS: Final = {"docx": read_docx, "pptx": read_pptx, "xlsx": read_xlsx}
_NEEDS: Final = {"docx": "libreoffice-writer", "pptx": "libreoffice-impress", "xlsx": "libreoffice-calc"}
_PARTS: Final = {"docx": "libswlo.so", "pptx": "libsdlo.so", "xlsx": "libsclo.so"}
"""What Linux packages install of it, each apart."""

START_SECONDS: Final = 60
SECONDS_EACH: Final = 60
"""What one file may take on top of the start; a long document takes ten."""

_USUAL_PLACES: Final = (
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/usr/local/bin/soffice",
    "/snap/bin/libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_SCRIPTING: Final = "/org.openoffice.Office.Common/Security/Scripting"
_PROXY: Final = "/org.openoffice.Inet/Settings"
_SETTINGS: Final = (
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "MacroSecurityLevel", "3"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    (_SCRIPTING, "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    # A document that asks for something from the network is sent to a port where nobody listens.
    (_PROXY, "ooInetProxyType", "2"),
    (_PROXY, "ooInetHTTPProxyName", "127.0.0.1"),
    (_PROXY, "ooInetHTTPProxyPort", "9"),
    (_PROXY, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_PROXY, "ooInetHTTPSProxyPort", "9"),
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A file of an old kind, and where it is to be saved in the new one."""

    source: Path
    kind: str
    target: Path


def find_office() -> Path | None:
    """LibreOffice's program, None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    places = [Path(found)] if found else [Path(place) for place in _USUAL_PLACES]
    return next((place for place in places if place.exists()), None)


def there_for(kind: str) -> tuple[str, ...]:
    """What of LibreOffice is there for a file of an old kind: one that waited for it is read once it is installed."""
    office = find_office()
    if office is None:
        return ()
    part = office.resolve().parent / _PARTS[CONVERTED[kind]]
    return ("libreoffice", part.name) if part.exists() else ("libreoffice",)


def convert(wanted: Sequence[Conversion], scratch: Path) -> str:
    """Saves files in their new kind, a batch in one run of LibreOffice for each kind; gives what it said.

    What cannot be converted in the time is not at its target afterwards. `scratch` takes the profile and copies; nothing in
    it is needed later. Raises OSError.
    """
    office = find_office()
    if office is None:
        return ""
    _write_profile(scratch / "profile" / "user")
    said = ""
    for suffix in sorted({CONVERTED[one.kind] for one in wanted}):
        batch = [one for one in wanted if CONVERTED[one.kind] == suffix]
        inside, outside = scratch / f"in-{suffix}", scratch / f"out-{suffix}"
        inside.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(batch):
            shutil.copyfile(one.source, inside / f"{number}{one.kind.split()[0]}")
        files = [str(file) for file in sorted(inside.iterdir())]
        profile = f"-env:UserInstallation={(scratch / 'profile').resolve().as_uri()}"
        command = [str(office), profile, "--headless", "--norestore", "--convert-to", suffix, "--outdir", str(outside), *files]
        said += _run(command, START_SECONDS + SECONDS_EACH * len(batch))
        for number, one in enumerate(batch):
            result = outside / f"{number}.{suffix}"
            if result.is_file():
                one.target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(result, one.target)
    return said


def read_old(path: Path, name: str) -> Extract:
    """Read a file of an old kind; `name` is what Problems call it. Never raises for bad input."""
    kind = kind_of(path)
    suffix = CONVERTED[kind]
    instead = f"open it in Office, save it as .{suffix} and add that"
    if find_office() is None:
        remedy = f"Install it (on Debian and Ubuntu: apt install {_NEEDS[suffix]}) and run the same command again, or {instead}."
        return unread(name, f"Files of this kind ({kind[1:].upper()}) are read by way of LibreOffice, which is not installed here.", remedy)
    with TemporaryDirectory(prefix="readacross-") as folder:
        target = Path(folder) / f"converted.{suffix}"
        said = convert([Conversion(path, kind, target)], Path(folder))
        if target.is_file():
            return _READERS[suffix](target, name)
    why = "LibreOffice needed too long for it" if said == TOO_LONG else "LibreOffice cannot open it"
    return unread(name, f"This file could not be read: {why}.", f"See that {_NEEDS[suffix]} is installed; if it is, {instead}.")


TOO_LONG: Final = "too long"
LOOK_SECONDS: Final = 5.0
"""How often whoever waits for LibreOffice is told that it goes on."""


def _run(command: Sequence[str], seconds: float) -> str:
    """Runs a program and gives what it printed, or TOO_LONG when it had to be killed, with all that it started."""
    with subprocess.Popen(  # noqa: S603  (the program found above, with names of our own making)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        text=True,
        errors="replace",
    ) as process:
        over = monotonic() + seconds
        try:
            while (left := over - monotonic()) > 0:
                progress.step()  # it has limits of its own
                with suppress(subprocess.TimeoutExpired):
                    return process.communicate(timeout=min(left, LOOK_SECONDS))[0]
            return TOO_LONG
        finally:
            # Its helpers too, which may outlive it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _write_profile(user: Path) -> None:
    user.mkdir(parents=True, exist_ok=True)
    item = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
    items = "".join(item.format(*setting) for setting in _SETTINGS)
    head = '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    (user / "registrymodifications.xcu").write_text(f"{head}{items}</oor:items>", encoding="utf-8")
