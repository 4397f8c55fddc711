"""An answer that is an open file: sent piece by piece, closed however the sending ends."""

import asyncio
import os
from typing import BinaryIO

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PIECE = 1024 * 1024


class PassingFile(Response):
    """Sends a file from where it stands to its end."""

    media_type = "application/octet-stream"

    def __init__(self, file: BinaryIO, name: str) -> None:
        size = os.fstat(file.fileno()).st_size
        named = f'attachment; filename="{name}"'
        super().__init__(headers={"content-length": str(size), "content-disposition": named})
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer, as the server calls for it."""
        with self._file as file:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while piece := await asyncio.to_thread(file.read, PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
