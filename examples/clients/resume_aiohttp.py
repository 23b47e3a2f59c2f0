# Resumes a download with aiohttp, in the lines that everybody writes: python resume_aiohttp.py URL FILE
import asyncio
import sys
from pathlib import Path

import aiohttp


async def download(url, path):
    have = path.stat().st_size if path.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=3)
    async with (
        aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session,
        session.get(url, headers=headers) as response,
    ):
        with path.open("ab" if response.status == 206 else "wb") as file:
            async for chunk in response.content.iter_chunked(65536):
                file.write(chunk)


asyncio.run(download(sys.argv[1], Path(sys.argv[2])))
