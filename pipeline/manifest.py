"""What a submission.yaml in a force's folder may state instead of the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from extractors.document import Problem

MANIFEST: Final = "submission.yaml"
LARGEST_MANIFEST: Final = 65_536
"""Bytes: a manifest is a page of text at most."""


class StatedDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: str | None = None
    marking: str | None = None


class Manifest(BaseModel):
    """What submission.yaml may state instead of the documents."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    force: str | None = None
    documents: dict[str, StatedDocument] = {}

    @field_validator("documents", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or {}


def read_manifest(path: Path) -> tuple[Manifest, Problem | None]:
    """What a manifest states, or nothing and why it is not used."""
    remedy = "It may state `force:` and `documents: {FILE: {kind:, marking:}}`, nothing else."
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise ValueError("it is too long")
        return Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}), None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        what = f"the key {key!r} is not known" if first["type"] == "extra_forbidden" else f"{key or 'its content'} is of the wrong kind"
        message = f"{what}; the manifest is not used."
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        message = f"is not valid YAML{line}; it is not used."
    except (ValueError, OSError, RecursionError, yaml.YAMLError) as error:
        message = f"cannot be read ({type(error).__name__}); it is not used."
    return Manifest(), Problem(MANIFEST, message, remedy)
