"""What a person may see and do: by role, by force, and by protective marking."""

from __future__ import annotations

from typing import Final

from pipeline.markings import MARKINGS, RECORDED, marking_rank
from pipeline.record.types import User

ROLES: Final = ("reader", "reviewer", "moderator", "administrator")
"""Each may do what those before it may."""


def may(user: User, role: str) -> bool:
    return user.role in ROLES and ROLES.index(user.role) >= ROLES.index(role)


def sees_force(user: User, force: str) -> bool:
    return user.forces is None or force in user.forces


def cleared(user: User, marking: str) -> bool:
    """Whether the person may open a document with this marking; one whose clearance is not known is cleared for nothing."""
    return user.marking in MARKINGS and marking_rank(marking.strip() or RECORDED) <= MARKINGS.index(user.marking)
