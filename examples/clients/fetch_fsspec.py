# Downloads a file with fsspec, as a whole or in pieces: python fetch_fsspec.py URL FILE [pieces]
import sys

import aiohttp
import fsspec

url, path, *how = sys.argv[1:]
timeout = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=3)
files = fsspec.filesystem("http", client_kwargs={"timeout": timeout})
if how:
    with files.open(url, block_size=1 << 18) as source, open(path, "wb") as file:
        while data := source.read(1 << 18):
            file.write(data)
else:
    files.get_file(url, path)
