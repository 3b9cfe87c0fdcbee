"""The pages' templates: everything from a document or a person is escaped, and signs that cannot be seen are made visible."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.words import SCOPES, capital, label, level, marked, percent, place_of

HERE: Final = Path(__file__).parent

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls, zero-width signs and those that turn the direction of writing: on a page they hide or disguise what is written."""


def visible(text: str) -> str:
    """The text with every sign that cannot be seen written out: "a\\u202eb" -> "a[U+202E]b". A carriage return before a newline goes."""
    return _UNSEEN.sub(lambda m: f"[U+{ord(m[0]):04X}]", text.replace("\r\n", "\n"))


def _finalize(value: Any) -> Any:
    return value if isinstance(value, Markup | int | float) else visible(str(value))


def when(moment: datetime | str) -> str:
    """A moment as reviewers write it: 21 November 2026, 14:05 (UTC)."""
    moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=_finalize,
    )  # fmt: skip
    environment.filters |= {
        "label": label,
        "cap": capital,
        "percent": percent,
        "level": level,
        "place": place_of,
        "when": when,
        "marked": marked,
    }
    environment.globals |= {"scopes": SCOPES}
    return environment


TEMPLATES: Final = _environment()
