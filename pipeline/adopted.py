"""Which models a round is judged by: those that it has adopted (OUT/models), else those that ship."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from classifiers.model import FIRST, MODELS, ModelError

FOLDER: Final = "models"
"""The folder inside OUT that holds adopted models and the report of the last training."""
ADOPTED: Final = "adopted"
"""The file there that names the folder in use."""
LEARNT_FROM: Final = "learnt-from.json"
"""Beside an adopted model: the decisions and passages that it learnt from."""


def models_of(out: Path) -> Path:
    """The folder of models that reviews of OUT use where none is named. Raises ModelError where the one adopted is gone."""
    named = out / FOLDER / ADOPTED
    try:
        name = named.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return MODELS
    except (OSError, ValueError) as error:
        raise ModelError(f"{named}: cannot be read ({error}). Check who may read it.") from None
    if Path(name).name != name or not (named.parent / name / FIRST).is_file():
        raise ModelError(f"{named}: names {name!r}, which is not there. Train again, or remove this file to use the models that ship.")
    return named.parent / name


def learnt_from(models: Path) -> dict[str, Any]:
    """What the models in a folder learnt from by `readacross train`; empty for others. Raises ModelError."""
    file = models / LEARNT_FROM
    try:
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{file}: cannot be read ({error}). Put back a copy of it, or train again without {file.parent}.") from None
