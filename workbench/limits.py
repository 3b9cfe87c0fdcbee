"""No request may be larger than its page takes: counted as it comes in, whatever its header says."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM: Final = 1_000_000
"""Bytes of any form but an upload."""
UPLOAD: Final = 500_000_000
"""Bytes of an upload: a force's plans are some tens of megabytes."""
UPLOAD_PATH: Final = "/upload/files"


class BodyLimit:
    """Refuses a request's body beyond the limit with 413."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        left = UPLOAD if scope["path"] == UPLOAD_PATH else FORM

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
