"""Office files that a password protects, opened by msoffcrypto with the passwords that the reviewer was given.

What was opened lies in a temporary file, inside the worker's own folder, only while it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from extractors import progress
from extractors.archives import OLE

_WITHOUT_ASKING: Final = "VelvetSweatshop"
"""What Excel itself puts where nobody chose a password: it opens such files without asking."""


def is_locked(path: Path) -> bool:
    """Whether this is an Office file that needs a password; False for one too damaged to tell. Raises OSError."""
    with path.open("rb") as stream:
        if stream.read(len(OLE)) != OLE:
            return False
        import msoffcrypto

        with suppress(Exception):  # a damaged file makes it raise whatever it happens on; the reader of the kind will say so
            return bool(msoffcrypto.OfficeFile(stream).is_encrypted())
    return False


@contextmanager
def unlocked(path: Path, keys: Sequence[str]) -> Iterator[Path | None]:
    """The file as it is without its password, for as long as it is needed; None where none of the passwords opens it."""
    with TemporaryDirectory(prefix="readacross-") as folder:
        plain = Path(folder) / f"plain{path.suffix}"
        yield plain if any(_opens(path, key, plain) for key in dict.fromkeys((_WITHOUT_ASKING, *keys))) else None


def _opens(path: Path, key: str, plain: Path) -> bool:
    import msoffcrypto

    progress.step()
    with suppress(Exception), path.open("rb") as source, plain.open("wb") as target:  # as above; a wrong password is one more
        office = msoffcrypto.OfficeFile(source)
        office.load_key(password=key)
        office.decrypt(target)
        return True
    return False
