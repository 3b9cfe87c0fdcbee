"""The words of drawn diagrams (SmartArt), which office files keep in parts of their own."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.archives import Package
from extractors.text import tidy

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
LINK = "diagramData"
"""What a relationship to such a part is called."""


def diagram_texts(package: Package, part: str) -> Iterator[str]:
    """The paragraphs in a diagram's shapes. Raises UnsafeOrBroken."""
    root = package.xml(part)
    for shape in () if root is None else root.iter(DGM + "t"):
        for paragraph in shape.iter(A + "p"):
            if text := tidy("".join(piece.text or "" for piece in paragraph.iter(A + "t"))):
                yield text
