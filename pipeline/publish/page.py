"""The national picture as one web page that needs no network and no script: every number leads to the forces and cells behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.publish.behind import brought
from pipeline.publish.collaboration import ONE_SIDED, RECIPROCATED, UNCHECKED, UNIT, UNSAID
from pipeline.publish.drawing import Drawing
from pipeline.publish.picture import LOWEST, Picture
from pipeline.publish.sentences import STATUS, STATUS_WORDS, about, alerted, limits, one_sided, proportion, standing_sentence, together
from pipeline.publish.tables import LEVELS
from pipeline.report import grades_of
from pipeline.store import write_whole
from pipeline.words import capital, clean, count_words, uncapital


def write_page(picture: Picture, drawn: Mapping[str, Drawing], path: Path, report: str) -> None:
    """Writes the page whole. `drawn` holds the charts by id, `report` leads to the review's own page, if there is one."""
    write_whole(path, _environment().get_template("national.html.j2").render(_view(picture, drawn, report)).encode())


def _view(picture: Picture, drawn: Mapping[str, Drawing], report: str) -> dict[str, Any]:
    pack = picture.pack
    grades = grades_of({"grades": [g.model_dump() for g in pack.grades]})
    areas, criteria = {a.id: a for a in pack.areas}, {c.id: c for c in pack.criteria}
    places = {a: n for n, a in enumerate(areas, 1)}, {c: n for n, c in enumerate(criteria, 1)}

    def cell_link(force: int, area: str, criterion: str) -> str:
        return f"{report}#f{force}-{places[0][area]}-{places[1][criterion]}" if report else f"#force-{force}"

    def links_between(one: str, other: str) -> list[str]:
        found = {link.area for link in picture.collaboration.links if {link.source, link.target} == {one, other}}
        return [uncapital(areas[area].name) for area in areas if area in found]

    return {
        "p": picture,
        "pack": pack,
        "grades": grades,
        "areas": areas,
        "criteria": criteria,
        "names": {f.number: f.name for f in picture.forces},
        "numbers": {f.name: f.number for f in picture.forces},
        "place_of_area": lambda area: places[0][area],
        "links_between": links_between,
        "one_sided": one_sided(picture),
        "forces": {f.number: f for f in picture.forces},
        "needs": {n.force: n for n in picture.needs},
        "tables": {t.number: t for t in picture.tables},
        "charts_of": drawn,
        "small": [name for name in drawn if name.startswith("chart-7")],
        "levels": [name.capitalize() for name in LEVELS],
        "status": STATUS,
        "status_words": STATUS_WORDS[picture.basis],
        "strict": picture.rule == LOWEST,
        "page_marking": re.sub("[^A-Z0-9 /-]", "", picture.marking),
        "report": report,
        "cell_link": cell_link,
        "brought": brought,
        "states": {RECIPROCATED: "both sides", ONE_SIDED: ONE_SIDED, UNIT: UNIT, UNCHECKED: UNCHECKED, UNSAID: UNSAID},
        "words": count_words,
        "about": about,
        "proportion": proportion(picture),
        "alerted": alerted(picture),
        "limits": limits(picture),
        "together": together(picture),
        "standing": standing_sentence(picture),
    }


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.filters["cap"] = capital
    return environment
