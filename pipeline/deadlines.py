"""Who owes the review a resubmission: a calendar of deadlines held against what has arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, model_validator

from pipeline.record.types import Version

FILE: Final = "deadlines.yaml"
"""In OUT: `Saltmere Police: {asked: 2026-10-01, due: 2026-12-01}` for each force that was asked to resubmit."""


class DeadlineError(ValueError):
    """The calendar cannot be read; the message says what is wrong with it and how it is written."""


class Deadline(BaseModel):
    """A force was asked on one day to resubmit by another."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    asked: date
    due: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.due < self.asked:
            raise ValueError(f"due {self.due} is before asked {self.asked}")
        return self


_CALENDAR: Final = TypeAdapter(dict[str, Deadline])


@dataclass(frozen=True, slots=True)
class Owed:
    """Where a force stands. `arrived` is the day of its first version since it was asked, None while there is none; `days` are those
    left until the deadline, negative once it has passed."""

    force: str
    deadline: Deadline
    arrived: date | None
    days: int

    @property
    def state(self) -> Literal["resubmitted", "resubmitted late", "due", "overdue"]:
        if self.arrived:
            return "resubmitted" if self.arrived <= self.deadline.due else "resubmitted late"
        return "overdue" if self.days < 0 else "due"


def read_calendar(out: Path) -> dict[str, Deadline]:
    """The deadlines by force. Raises DeadlineError."""
    file = out / FILE
    how = "Write one line for each force: `Saltmere Police: {asked: 2026-10-01, due: 2026-12-01}`."
    try:
        calendar = _CALENDAR.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    except FileNotFoundError:
        raise DeadlineError(f"{file}: there is no calendar of deadlines. {how}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise DeadlineError(": ".join(filter(None, (str(file), " / ".join(map(str, first["loc"])), f"{first['msg']}. {how}")))) from None
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise DeadlineError(f"{file}: cannot be read ({type(error).__name__}). {how}") from None
    if not calendar:
        raise DeadlineError(f"{file}: names no force. {how}")
    return calendar


def owed(calendar: Mapping[str, Deadline], arrivals: Mapping[str, list[Version]], today: date) -> list[Owed]:
    """Every force of the calendar, the most pressing first. `arrivals` are the record's, by force; days are this machine's."""
    found = []
    for force, deadline in calendar.items():
        days = sorted(datetime.fromisoformat(version.at).astimezone().date() for version in arrivals.get(force, []))
        arrived = next((day for day in days if day >= deadline.asked), None)
        found.append(Owed(force, deadline, arrived, (deadline.due - today).days))
    return sorted(found, key=lambda one: (one.arrived is not None, one.deadline.due, one.force))
