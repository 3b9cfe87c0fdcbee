"""What a worker process may do at most: limits that the kernel holds, and a hook under Python's own calls.

Readers have no reason to open a connection, to run a program that is not theirs or to write anywhere but into OUT; should a
document ever bring one to it, the call is refused here and becomes that document's problem.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

PROGRAMS: Final = frozenset({"soffice", "libreoffice", "tesseract"})
"""The optional system programs that readers run."""

MB: Final = 1_000_000

STARTS: Final = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "pty.spawn")
_CONNECTS: Final = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr",
)  # fmt: skip
WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES: Final[dict[str, tuple[int, int]]] = {
    # The argument that names what is changed, and the one that says from which open folder ("remove" below a folder being cleared).
    "os.rename": (1, 3), "os.link": (1, 3), "os.symlink": (1, 2), "os.mkdir": (0, 2), "os.remove": (0, 1), "os.rmdir": (0, 1),
    "os.truncate": (0, 9), "os.chmod": (0, 2), "os.chown": (0, 3),
}  # fmt: skip


def confine(writable: Path, scratch: Path, memory: int, output: int) -> None:
    """Holds this process, and those it starts, to its limits for good; its temporary files go into `scratch`.

    `memory` is what it may hold, `output` the most it may write into one file, both in MB.
    """
    for what, most in (
        (resource.RLIMIT_CORE, 0),  # a core dump would be a copy of a restricted paper
        (resource.RLIMIT_DATA, memory * MB),
        (resource.RLIMIT_FSIZE, output * MB),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    scratch.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    sys.dont_write_bytecode = True
    root = os.path.realpath(writable)

    def inside(path: Any) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return True  # an open file's number: it was judged when it was opened
        real = os.path.realpath(os.fsdecode(path))
        return real == os.devnull or real == root or real.startswith(root + os.sep)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if isinstance(arguments[2], int) and arguments[2] & WRITES and not inside(arguments[0]):
                raise PermissionError(f"refused to write to {arguments[0]}")
        elif event in _CHANGES:
            name, folder = _CHANGES[event]
            if (len(arguments) <= folder or arguments[folder] == -1) and not inside(arguments[name]):
                raise PermissionError(f"refused to change {arguments[name]}")
        elif event in _CONNECTS:
            raise PermissionError("refused to open a connection")
        elif event in STARTS and Path(os.fsdecode(arguments[1] if event == "os.spawn" else arguments[0])).name not in PROGRAMS:
            raise PermissionError(f"refused to run {arguments[0]}")

    sys.addaudithook(hook)


def allow_seconds(seconds: float) -> None:
    """Has the kernel end this process after so much more processor time, should its parent not be there to do it."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(used + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def end_session(leader: int) -> None:
    """Kills whatever a process started that made a session of its own, in whichever groups; the process itself comes first."""
    for _ in range(3):  # one that was just being started may be missed the first time
        members = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _session(entry) == leader]
        for member in sorted(members, key=lambda member: member != leader):
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)


def _session(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except OSError:
        return -1


def held() -> int:
    """Bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
