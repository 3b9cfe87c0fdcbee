"""Content and its hash: the same bytes whatever the machine or the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(value: Any) -> bytes:
    """JSON in one way only: sorted keys, no spaces, ASCII, whole numbers without a fraction; so both databases give equal bytes."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def digest(value: Any) -> str:
    """The SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def version_of(whole: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """What names a version of a submission: the hash of its entry in matrix.json with the pack and the models that judged it."""
    return digest({"pack": whole.get("pack"), "model": whole.get("model"), "entry": entry})
