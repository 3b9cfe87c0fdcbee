"""The shapes of a Word document's numbered lists."""

from __future__ import annotations

from lxml import etree

from extractors.docx_parts import W, value, whole
from extractors.list_numbers import Depth, Shape


def read_shapes(root: etree._Element | None) -> dict[str, Shape]:
    """Each list number's shape, from the numbering part."""
    if root is None:
        return {}
    shapes = {
        shape.get(W + "abstractNumId", ""): {
            whole(depth.get(W + "ilvl")): Depth(
                value(depth, "numFmt") or "decimal", value(depth, "lvlText") or "", whole(value(depth, "start"), 1)
            )
            for depth in shape.iter(W + "lvl")
        }
        for shape in root.iter(W + "abstractNum")
    }
    found = {}
    for number in root.iter(W + "num"):
        shape = value(number, "abstractNumId") or ""
        starts = {
            whole(one.get(W + "ilvl")): whole(value(one, "startOverride"), 1)
            for one in number.iter(W + "lvlOverride")
            if value(one, "startOverride")
        }
        found[number.get(W + "numId", "")] = Shape(shape, shapes.get(shape, {}), starts)
    return found
