"""Submissions sent through the browser: checked, laid aside, put into the round's inbox, and reviewed by a process of its own.

The inbox lies beside OUT (`OUT-inbox`): `readacross review OUT-inbox --out OUT` does the same again. What the round holds already
is put there from the kept originals, so that a review always sees the whole round.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

import yaml

from extractors import passwords
from pipeline.ingest import InboxError, Submission, find_submissions, printable
from pipeline.machines.crew import crew
from pipeline.manifest import MANIFEST, Manifest, StatedDocument
from pipeline.pool import Pool
from pipeline.review import STORE, DirectRunner, Settings, review
from pipeline.store import Busy, Store, alone, write_whole
from pipeline.unpack import MOST_FILES
from rules.loader import load_pack
from workbench.outlook import Outlook

LONGEST_NAME: Final = 150
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_ID: Final = re.compile(r"[0-9a-f]{16}")


class UploadError(ValueError):
    """What was sent is not taken; the message names the file and the remedy. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as a browser sends it."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class State:
    """How far the review of an upload is: waiting, running, done or failed."""

    state: str = "waiting"
    stage: str = ""
    done: float = 0
    total: int = 0
    at: str = ""
    message: str = ""
    versions: Sequence[Mapping[str, Any]] = ()
    """Of a review that is done: each submission that is not as it was, in the fields of `NewVersion`."""


@dataclass(slots=True)
class Uploads:
    """The uploads of a round. `out` is OUT."""

    out: Path
    _running: SpawnProcess | None = None

    @property
    def folder(self) -> Path:
        return self.out / STORE / "uploads"

    @property
    def inbox(self) -> Path:
        return self.out.resolve().with_name(self.out.resolve().name + "-inbox")

    def receive(self, folder: str, files: Iterable[Sent], pack: str) -> str:
        """Lays files aside, or a zip of them, and gives the upload's id. `folder` is the force's folder for files. Raises UploadError."""
        sent = list(files)
        if not sent:
            raise UploadError("Choose at least one file.")
        if len(sent) > MOST_FILES:
            raise UploadError(f"These are more than {MOST_FILES} files. Send them in parts.")
        zipped = [one for one in sent if one.name.lower().endswith(".zip")]
        if zipped and len(sent) > 1:
            raise UploadError("Send either one zip or the files themselves.")
        identifier = secrets.token_hex(8)
        place = self.folder / identifier
        try:
            if zipped:
                _write(sent[0], place / "sent.zip")
            else:
                names = [_fit(one.name, "file") for one in sent]
                if twice := {name for name in names if [n.casefold() for n in names].count(name.casefold()) > 1}:
                    raise UploadError(f"{min(twice)} was sent twice. Send each file once.")
                for one, name in zip(sent, names, strict=True):
                    _write(one, place / "sent" / _fit(folder, "force") / name)
            if not any(s.files for s in self.submissions(identifier, pack)):
                raise UploadError("There is no document in what was sent.")
        except (UploadError, InboxError) as error:
            shutil.rmtree(place, ignore_errors=True)
            raise UploadError(str(error).replace(f"{place}/", "")) from None
        except OSError as error:
            shutil.rmtree(place, ignore_errors=True)
            raise UploadError(f"The files could not be kept ({error.strerror or error}). Free the disk and send them again.") from None
        return identifier

    def submissions(self, identifier: str, pack: str) -> tuple[Submission, ...]:
        """The submissions that were sent. Raises InboxError."""
        place = self.folder / identifier
        sent = place / "sent.zip" if (place / "sent.zip").exists() else place / "sent"
        with Pool(place, 1) as pool:
            names = load_pack(pack).force_names
            each = DirectRunner(pool, lambda *_: None).each
            return find_submissions(sent, place / "results", place / "inbox", names, partial(each, "Unpacking")).submissions

    def exists(self, identifier: str) -> bool:
        return bool(_ID.fullmatch(identifier)) and (self.folder / identifier).is_dir()

    def state(self, identifier: str) -> State:
        try:
            state = State(**json.loads((self.folder / identifier / "state.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return State()
        if state.state == "running" and not self.busy():
            return State("failed", message="The review was stopped. Start it again: what was read already is not read twice.")
        return state

    def busy(self) -> bool:
        """Whether a review is under way: our own, or after a restart one that went on without us."""
        if self._running is not None:
            return self._running.is_alive()
        try:
            with alone(self.out / STORE):
                return False
        except Busy:
            return True

    def start(self, identifier: str, pack: str, entries: Sequence[Mapping[str, Any]], own: Collection[str], sent: Sequence[Outlook],
              rest: bool) -> None:  # fmt: skip
        """Puts what was sent into the round's inbox and starts the review.

        `entries` are the round's in matrix.json, `own` the folders that the person may replace; with `rest` the documents of other names
        stay in them. Raises UploadError, InboxError or OSError.
        """
        if self.busy():
            raise UploadError("A review is under way. Wait until it is done, then start this one.")
        folders = [one.folder or _fit(one.submission.folder, "force") for one in sent]
        taken = {entry["folder"].casefold() for entry in entries} - {folder.casefold() for folder in own}
        if foreign := [folder for folder in folders if folder.casefold() in taken]:
            raise UploadError(f"{foreign[0]} is in the round already and is not yours to replace.")
        self._fill_inbox(entries)
        for submission, folder in zip([one.submission for one in sent], folders, strict=True):
            if not rest:
                shutil.rmtree(self.inbox / folder, ignore_errors=True)
            keys = [(Path(submission.passwords), passwords.FILE)] if submission.passwords else []
            _put([*submission.files, *keys], submission.manifest, self.inbox / folder)
        place = self.folder / identifier
        write_state(place, State("running"))
        self._running = get_context("spawn").Process(target=run_review, args=(self.inbox, self.out, place, pack))
        self._running.start()

    def _fill_inbox(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Puts what the round holds into the inbox, where it is not there yet. Raises UploadError."""
        store = Store(self.out / STORE)
        for entry in entries:
            folder = self.inbox / _fit(entry["folder"], "force")
            if folder.exists():
                continue
            files = [(store.original(d["sha256"], d["file"]), d["file"]) for d in entry["documents"]]
            if lost := [name for path, name in files if not path.exists()]:
                raise UploadError(f"{lost[0]} of {entry['force']} is not kept. Run `readacross review` on the whole inbox once.")
            stated = {d["file"]: StatedDocument(kind=d.get("kind") or None, marking=d.get("marking") or None) for d in entry["documents"]}
            force = str(entry["force"]).removesuffix(f" ({entry['folder']})")
            _put(files, Manifest(force=force, documents=stated), folder)


def _put(files: Sequence[tuple[Path, str]], manifest: Manifest, folder: Path) -> None:
    """Puts a submission's files into its folder, under the names by which they are shown; what hangs on an e-mail comes with it."""
    names = {name for _, name in files}
    for path, name in files:
        parts = PurePosixPath(name).parts
        if ".." in parts or name.startswith("/") or any("/".join(parts[:n]) in names for n in range(1, len(parts))):
            continue
        target = folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    if stated := manifest.model_dump(exclude_none=True, exclude_defaults=True):
        (folder / MANIFEST).write_text(yaml.safe_dump(stated, allow_unicode=True), encoding="utf-8")


def write_state(place: Path, state: State) -> None:
    write_whole(place / "state.json", json.dumps(asdict(state)).encode())


def run_review(inbox: Path, out: Path, place: Path, pack: str) -> None:
    """The review, in a process of its own: its progress, and whatever goes wrong, stand in the upload's state."""
    try:
        settings = Settings(inbox, out, pack)
        with crew(settings) as pool:
            runner = DirectRunner(pool, lambda stage, done, total, at="": write_state(place, State("running", stage, done, total, at)))
            outcome = review(settings, runner)
    except Exception as error:  # the browser is the only place where anybody will read it
        write_state(place, State("failed", message=str(error) or type(error).__name__))
        return
    unread = f" {outcome.unread} documents could not be read whole; their forces' pages name them." if outcome.unread else ""
    message = f"{outcome.documents} documents of {len(outcome.matrix['submissions'])} forces.{unread}"
    write_state(place, State("done", message=message, versions=[asdict(one) for one in outcome.versions]))


def _fit(name: str, what: str) -> str:
    """The name, if a file or folder may bear it on any system. Raises UploadError."""
    plain = printable(name.strip())
    if not plain or _UNFIT.search(plain) or plain.startswith((".", "~$")) or plain.endswith(".") or _RESERVED.match(plain):
        raise UploadError(f"{name!a} cannot be the name of a {what}. Use letters, digits, blanks, dots and hyphens.")
    if len(plain.encode()) > LONGEST_NAME:
        raise UploadError(f"{plain[:40]}… is too long a name for a {what}. Shorten it.")
    return plain


def _write(sent: Sent, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as sink:
        shutil.copyfileobj(sent.content, sink, 1 << 20)
