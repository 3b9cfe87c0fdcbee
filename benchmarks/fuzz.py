"""A coverage-guided fuzz target for each of our readers: input changes that reach new lines of ours are kept and changed further.

`python -m benchmarks.fuzz .docx SEEDS [-max_total_time=60 and other options of libFuzzer]`; SEEDS is a folder with sound files of the kind.
It needs atheris (`pip install atheris`), which nothing else does and which is therefore not among the locked dependencies. Of kinds that
are zips the part with the text is changed and put back, as hardly any change to a zip's bytes would get past its checksums. What a reader
raises is a finding, and so are pages that do not add up; libFuzzer leaves the input that did it behind as crash-*.
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

PARTS: Final = {
    ".docx": "word/document.xml", ".xlsx": "xl/worksheets/sheet1.xml", ".pptx": "ppt/slides/slide1.xml",
    ".odt": "content.xml", ".ods": "content.xml",
}  # fmt: skip


def taken_out(suffix: str, file: bytes) -> bytes:
    """What of a file is changed: its text's part, or all of it."""
    if suffix not in PARTS:
        return file
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return archive.read(PARTS[suffix])


def put_back(suffix: str, file: bytes, data: bytes) -> bytes:
    """The file with the changed part in its place."""
    if suffix not in PARTS:
        return data
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as archive, zipfile.ZipFile(made, "w") as changed:
        for name in archive.namelist():
            changed.writestr(name, data if name == PARTS[suffix] else archive.read(name))
    return made.getvalue()


def main() -> None:
    """Fuzzes one reader until it is told to stop, or finds something."""
    import atheris

    suffix, seeds, options = sys.argv[1].lower(), Path(sys.argv[2]), sys.argv[3:]
    with atheris.instrument_imports(include=["extractors"]):
        from importlib import import_module

        from extractors.document import Extract
        from extractors.read import READERS

        module, function = READERS[suffix].split(".")
        read = getattr(import_module(f"extractors.{module}"), function)
    sound = [file.read_bytes() for file in sorted(seeds.rglob(f"*{suffix}"))]
    if not sound:
        raise SystemExit(f"{seeds}: holds no {suffix} to begin with.")
    with tempfile.TemporaryDirectory() as name:
        corpus, path = Path(name) / "corpus", Path(name) / f"input{suffix}"
        corpus.mkdir()
        for number, file in enumerate(sound):
            (corpus / str(number)).write_bytes(taken_out(suffix, file))

        def one(data: bytes) -> None:
            path.write_bytes(put_back(suffix, sound[0], data))
            extract: Extract = read(path, path.name)
            reported = {problem.page for problem in extract.problems if problem.outcome != "flagged"}
            if extract.pages_read != extract.pages and not reported:
                raise AssertionError(f"{extract.pages} pages in, {extract.pages_read} read, none reported")

        atheris.Setup([sys.argv[0], str(corpus), *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
