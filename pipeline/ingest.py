"""From a folder (or a zip of it) to submissions: which files each force sent, and what its manifest states."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from extractors.document import Problem

MANIFEST: Final = "submission.yaml"
LARGEST_ZIP: Final = 2 * 1024**3
"""Bytes that a zip of submissions may hold when unpacked; more is taken for an attack or a mistake."""
MOST_FILES: Final = 5_000
"""Files that a zip of submissions may hold."""
_LITTER: Final = re.compile(r"^(\..*|~\$.*|Thumbs\.db|desktop\.ini|__MACOSX)$", re.IGNORECASE)
"""Files that office programs and file managers leave behind; nobody sent them as a document."""


class InboxError(ValueError):
    """Nothing can be reviewed; the message says what was looked for and what to do."""


class StatedDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str | None = None
    marking: str | None = None


class Manifest(BaseModel):
    """What submission.yaml may state instead of the documents."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    force: str | None = None
    documents: dict[str, StatedDocument] = {}


@dataclass(frozen=True, slots=True)
class Submission:
    """One force's files. `files` are (path, name inside the folder), sorted by name."""

    folder: str
    files: tuple[tuple[Path, str], ...]
    manifest: Manifest = field(default_factory=Manifest)
    problems: tuple[Problem, ...] = ()


def find_submissions(inbox: Path, unpack_to: Path) -> list[Submission]:
    """The submissions of an inbox: a folder of folders, one force's folder, or a zip of either. Raises InboxError."""
    if inbox.is_file() and inbox.suffix.lower() == ".zip":
        inbox = _unpack(inbox, unpack_to)
    if not inbox.exists():
        raise InboxError(f"{inbox}: there is no such folder. Give the folder that holds one folder for each force.")
    if not inbox.is_dir():
        raise InboxError(f"{inbox}: is neither a folder nor a zip. Give the folder that holds one folder for each force.")
    entries = sorted((e for e in inbox.iterdir() if not _LITTER.match(e.name)), key=lambda e: e.name)
    folders = [e for e in entries if e.is_dir() and not e.is_symlink()]
    files = [e for e in entries if not (e.is_dir() and not e.is_symlink())]
    if not entries:
        raise InboxError(f"{inbox}: the folder is empty. Put one folder for each force into it, with the force's documents.")
    if not folders:
        return [_submission(inbox)]
    if len(folders) == 1 and not files and not any(e.is_file() for e in folders[0].iterdir()) and any(folders[0].iterdir()):
        return find_submissions(folders[0], unpack_to)  # a zip or folder around the real inbox
    submissions = [_submission(folder) for folder in folders]
    if files:
        loose = tuple(
            Problem(f.name, "lies beside the forces' folders, so it belongs to no force.", "Move it into its force's folder.")
            for f in files
        )
        submissions.append(Submission("", (), problems=loose))
    return submissions


def _submission(folder: Path) -> Submission:
    problems: list[Problem] = []
    files: list[tuple[Path, str]] = []
    manifest = Manifest()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(_LITTER.match(part) for part in PurePosixPath(name).parts):
            continue
        if path.is_symlink():
            problems.append(Problem(name, "is a link to another place, and links are not followed.", "Put the file itself there."))
        elif path.is_file() and name.lower() == MANIFEST:
            manifest, problem = _manifest(path)
            problems += [problem] if problem else []
        elif path.is_file():
            files.append((path, name))
    names = {name for _, name in files}
    for stated in sorted(set(manifest.documents) - names):
        problems.append(Problem(MANIFEST, f"names {stated!r}, which is not in the folder.", "Mend the name or add the file."))
    if not files:
        problems.append(Problem(folder.name, "the folder holds no documents.", "Ask the force for its plans, or remove the folder."))
    return Submission(folder.name, tuple(files), manifest, tuple(problems))


def _manifest(path: Path) -> tuple[Manifest, Problem | None]:
    try:
        return Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}), None
    except ValidationError as error:
        first = error.errors()[0]
        message = f"key {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}; the manifest is not used."
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        message = f"cannot be read ({error}); it is not used."
    return Manifest(), Problem(MANIFEST, message, "It may state `force:` and `documents: {FILE: {kind:, marking:}}`.")


def _unpack(archive: Path, to: Path) -> Path:
    """Unpacks a zip of submissions below `to`, refusing anything that would leave it. Raises InboxError."""
    try:
        with zipfile.ZipFile(archive) as content:
            members = [m for m in content.infolist() if not m.is_dir()]
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > LARGEST_ZIP:
                raise InboxError(f"{archive}: holds more than {MOST_FILES} files or 2 GB. Unpack it yourself and give the folder.")
            for member in members:
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
                if is_link or ".." in parts or member.filename.startswith(("/", "\\")) or ":" in (parts or ("",))[0]:
                    raise InboxError(f"{archive}: holds {member.filename!r}, which points outside the zip. Ask for a clean zip.")
                target = to.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with content.open(member) as source, target.open("wb") as sink:
                    left = member.file_size
                    while block := source.read(1 << 20):
                        left -= len(block)
                        if left < 0:
                            raise InboxError(f"{archive}: {member.filename!r} is larger than the zip states. Ask for a clean zip.")
                        sink.write(block)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InboxError(f"{archive}: cannot be opened as a zip ({error}). Unpack it yourself and give the folder.") from None
    return to
