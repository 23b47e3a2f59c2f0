"""The FastAPI app that people write: a StreamingResponse over a generator of 4 KiB pieces."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

PIECE = 4096
ONES = b"1" * PIECE

app = FastAPI()


# Asynchronous, to be fair: of a plain generator each piece is fetched in a thread, which costs several times more.
async def pieces(left: int, content: str) -> AsyncIterator[bytes]:
    """Yield the body."""
    while left:
        length = min(left, PIECE)
        yield os.urandom(length) if content == "random" else ONES[:length]
        left -= length


async def download(size: int, content: str = "ones") -> StreamingResponse:
    """Answer `/{bytes}` and `/{bytes}?content=random`."""
    return StreamingResponse(
        pieces(size, content), media_type="application/octet-stream", headers={"Content-Length": str(size)}
    )


app.get("/{size}")(download)
