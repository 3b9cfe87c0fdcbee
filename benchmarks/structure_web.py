"""PDFs that Chromium prints from web pages whose structure is known; it tags them, so what tags are worth is seen here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from extractors.document import Block

_PAGE: Final = (
    "@page { size: A4; margin: 22mm 20mm } body { font: 10.5pt/1.35 'Liberation Serif', serif } table { border-collapse: collapse }"
)
_ONE_TYPE: Final = (
    "* { font-size: 10.5pt !important; font-weight: normal !important; margin-top: 0 !important; margin-bottom: 0 !important }"
    " td, th { text-align: left; vertical-align: top; padding: 2pt 8pt 2pt 0 }"
)
_WEB: Final = (
    "h1 { font-size: 17pt } h2, h3 { font-size: 12.5pt } table { margin: 3mm 0 }"
    " td, th { border: 0.6pt solid #444; padding: 3pt 5pt; vertical-align: top }"
    " aside { float: right; width: 55mm; margin: 0 0 4mm 6mm; padding: 3mm; background: #e4eaf0; font-size: 9pt }"
)


class PrintError(Exception):
    """A page could not be printed; the message says why."""


KINDS: Final[dict[str, tuple[str, bool]]] = {
    "tagged, all in one type": (_ONE_TYPE, True),
    "tagged web page": (_WEB, True),
    "untagged web page": (_WEB, False),
}
"""Style sheet and whether the PDF is tagged."""


def write_web(path: Path, blocks: Sequence[Block], kind: str) -> list[Block]:
    """Prints the blocks as that one of KINDS; returns what a reader should find. Raises PrintError where Chromium is missing or fails."""
    style, tagged = KINDS[kind]
    parts: list[str] = []
    truth: list[Block] = []
    for (table, kind_of), run in groupby(blocks, key=lambda b: (b.table, b.kind)):
        held = list(run)
        if table:
            head = "".join(f"<th>{escape(text)}" for text in held[0].columns) if any(held[0].columns) else ""
            lines = "".join("<tr>" + "".join(f"<td>{escape(text)}" for text in row.cells) for row in held)
            parts.append(f"<table>{f'<thead><tr>{head}</thead>' if head else ''}<tbody>{lines}</table>")
        elif kind_of == "list_item":
            name = "ol" if len(parts) % 2 else "ul"
            parts.append(f"<{name}>{''.join(f'<li>{escape(b.text)}' for b in held)}</{name}>")
        elif kind_of == "heading":
            parts += [f"<h{min(6, b.level)}>{escape(b.text)}</h{min(6, b.level)}>" for b in held]
        else:
            for block in held:
                aside = style is _WEB and len(parts) % 11 == 7 and len(block.text) < 300
                parts.append(f"<aside>{escape(block.text)}</aside>" if aside else f"<p>{escape(block.text)}</p>")
                truth.append(replace(block, kind="note") if aside else block)
            continue
        truth += held
    source = path.with_suffix(".html")
    source.write_text(f"<!doctype html><html lang=en><title>Plan</title><style>{_PAGE}{style}</style>{''.join(parts)}", encoding="utf-8")
    _print(source, path, tagged)
    return truth


def _print(source: Path, target: Path, tagged: bool) -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise PrintError("Chromium is not installed")
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", *([] if tagged else ["--disable-pdf-tagging"])]
    done = subprocess.run([program, *switches, f"--print-to-pdf={target}", str(source)], capture_output=True, text=True, check=False)  # noqa: S603  # our own page
    if not target.exists():
        raise PrintError(f"Chromium did not print {source.name}: {done.stderr.strip()[-200:]}")
